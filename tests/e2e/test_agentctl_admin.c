/*
 * agentctl as an administrator, on the control socket.
 */

#include "ctl.h"
#include "tools.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static struct daemon *
admin_start(char control[static 160])
{
	struct daemon *d = daemon_start("control = \"@DIR@/control.sock\"\n");

	snprintf(control, 160, "%s/control.sock", d->dir);
	return (d);
}

static void
admin_orders(void **state)
{
	char control[160], url[170];
	struct daemon *d = admin_start(control);

	ctl_check(d, 0, "echo\n", "", WORDS("-s", control, "tools", "-1"));
	snprintf(url, sizeof(url), "unix:%s", control);
	ctl_check(d, 0, "echo\n", "", WORDS("-s", url, "tools", "-1"));
	ctl_check(d, 0, "", "", WORDS("-s", control, "resize", "4"));
	wait_agents(d, 4, WAIT_MS);
	ctl_check(d, 0, "{\"agents\":3}\n", "",
	    WORDS("-j", "-s", control, "resize", "3"));
	wait_agents(d, 3, WAIT_MS);
	ctl_check(d, 0, "", "", WORDS("-s", control, "log", "debug"));
	assert_true(daemon_wait_log(d, "debug: ", WAIT_MS));
	/* Elsewhere there is no such thing. */
	ctl_check(d, 4, "", "only the control socket", WORDS("resize", "2"));
	ctl_check(d, 0, "", "", WORDS("-s", control, "drain"));
	assert_int_equal(daemon_wait(d, WAIT_MS), 0);
	daemon_gone(d, 0);
}

static void
admin_reload(void **state)
{
	char control[160];
	struct daemon *d = admin_start(control);

	daemon_configure(d, "control = \"@DIR@/control.sock\"\nagents = 4\n");
	ctl_check(d, 0, "", "", WORDS("-s", control, "reload"));
	wait_agents(d, 4, WAIT_MS);
	daemon_configure(d, "control = \"@DIR@/control.sock\"\n"
			    "agents = 4\npidfile = \"/other\"\n");
	ctl_check(d, 0, "", "pidfile is changed only",
	    WORDS("-s", control, "reload"));
	ctl_check(d, 0, "", "", WORDS("-q", "-s", control, "reload"));
	daemon_configure(d, "agents = many\n");
	ctl_check(d, 4, "", "agentd.conf:", WORDS("-s", control, "reload"));
	ctl_check(d, 4, "\"code\":\"reload_failed\"", "old configuration",
	    WORDS("-j", "-s", control, "reload"));
	ctl_check(d, 0, "echo\n", "", WORDS("-s", control, "tools", "-1"));
	daemon_stop(d);
}

/* A tool that an error takes away is no success; one that was taken away is. */
static void
admin_lost_tool(void **state)
{
	static const char settings[] = "control = \"@DIR@/control.sock\"\n"
				       "tools_dir = \"@DIR@/tools.d\"\n";
	struct daemon *d = daemon_prepare();
	struct daemon_options o = {NULL};
	char control[160], path[192];

	snprintf(control, sizeof(control), "%s/control.sock", d->dir);
	snprintf(path, sizeof(path), "%s/tools.d/first.json", d->dir);
	tool_write(d, "first", "command", "/bin/echo", "", "");
	tool_write(d, "second", "command", "/bin/echo", "", "");
	daemon_configure(d, settings);
	daemon_spawn(d, &o);
	ctl_check(d, 0, "", "", WORDS("-s", control, "reload"));
	file_write(path, "{");
	ctl_check(d, 1, "", "agentctl: the tool first is lost",
	    WORDS("-s", control, "reload"));
	/* It was not there any more. */
	ctl_check(d, 0, "", "first.json: ", WORDS("-s", control, "reload"));
	tool_write(d, "first", "command", "/bin/echo", "", "");
	ctl_check(d, 0, "", "", WORDS("-s", control, "reload"));
	assert_int_equal(unlink(path), 0);
	ctl_check(d, 0, "", "", WORDS("-s", control, "reload"));
	ctl_check(d, 0, "second\n", "", WORDS("tools", "-1"));
	daemon_stop(d);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    E2E_TEST(admin_orders),
	    E2E_TEST(admin_reload),
	    E2E_TEST(admin_lost_tool),
	};

	return (
	    cmocka_run_group_tests_name("agentctl_admin", tests, NULL, NULL));
}
