/*
 * The control socket itself: its mode, its place, and that it is there when
 * others have filled the daemon.
 */

#include "harness.h"

#include <sys/stat.h>

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define ID_1 "11111111-1111-4111-8111-111111111111"
#define WORD(text) ((char[]){text})

static int
mode_of(const char *path)
{
	struct stat st;

	assert_int_equal(stat(path, &st), 0);
	assert_true(S_ISSOCK(st.st_mode));
	return (st.st_mode & 07777);
}

/* A reload gives the socket another mode, another place, or none. */
static void
control_reload(void **state)
{
	struct daemon *d = daemon_start("socket_mode = 0666\n");
	struct health before;
	char other[160];

	health_take(d, &before);
	snprintf(other, sizeof(other), "%s/other.sock", d->dir);
	assert_int_equal(mode_of(d->control), 0600);
	assert_int_equal(mode_of(d->socket), 0666);
	daemon_configure(d, "control_mode = 0640\n");
	daemon_reload(d);
	assert_int_equal(mode_of(d->control), 0640);
	assert_int_equal(mode_of(d->socket), 0660);
	expect(administer(d, "agents", "{\"agents\": 2}"), 200, NULL);
	daemon_configure(d, "control = \"@DIR@/other.sock\"\n");
	daemon_reload(d);
	assert_int_equal(mode_of(other), 0600);
	assert_int_equal(access(d->control, F_OK), -1);
	daemon_configure(d, "control = \"unix:@DIR@/other.sock\"\n");
	daemon_reload(d);
	assert_int_equal(mode_of(other), 0600);
	daemon_configure(d, "control = \"\"\n");
	daemon_reload(d);
	assert_int_equal(access(other, F_OK), -1);
	daemon_configure(d, "");
	daemon_reload(d);
	expect(administer(d, "agents", "{\"agents\": 2}"), 200, NULL);
	health_check(d, &before, WAIT_MS);
	daemon_stop(d);
}

/* Whether the front end has stopped to take connections from everybody. */
static bool
everybody_waits(void *arg)
{
	struct daemon *d = arg;
	struct conn *conn = http_open(d);
	struct reply *reply;
	bool waits;

	http_request(conn, "GET", "/livez", NULL, NULL);
	reply = http_read(conn, 200);
	waits = reply->status == HTTP_SILENT;
	reply_free(reply);
	http_close(conn);
	return (waits);
}

static void
control_when_full(void **state)
{
	struct daemon *d = daemon_start("max_connections = 1\n");
	struct conn *conn;

	gate_make(d, "gate");
	conn = call_begin(d, ID_1, "wait", "{\"gate\": \"gate\"}", "");
	assert_true(wait_until(everybody_waits, d, WAIT_MS));
	expect(administer(d, "reload", ""), 200, NULL);
	expect(administer(d, "agents", "{\"agents\": 3}"), 200, NULL);
	gate_open(d, "gate");
	expect(http_answer(conn), 200, NULL);
	http_close(conn);
	wait_agents(d, 3, WAIT_MS);
	daemon_stop(d);
}

/* The path that a crash left is used again; one that is in use is not. */
static void
control_in_use(void **state)
{
	struct daemon *d = daemon_start(""), *second = daemon_prepare();
	struct daemon_options o = {.unready = true};
	char settings[200];

	snprintf(settings, sizeof(settings), "control = \"%s\"\n", d->control);
	daemon_configure(second, settings);
	daemon_spawn(second, &o);
	assert_int_equal(daemon_wait(second, WAIT_MS), 1);
	assert_true(daemon_wait_log(second, "Address already in use", WAIT_MS));
	expect(administer(d, "reload", ""), 200, NULL);
	daemon_signal(d, SIGKILL);
	daemon_wait(d, WAIT_MS);
	assert_true(wait_until(proc_no_strays, d, WAIT_MS));
	assert_int_equal(access(d->control, F_OK), 0);
	o.unready = false;
	daemon_spawn(second, &o);
	expect(administer(d, "reload", ""), 200, NULL);
	daemon_stop(second);
	daemon_discard(d);
}

/* The daemon in a world whose /run is empty, or not to be written to. */
static struct daemon *
start_with_run(const char *options)
{
	static char script[200];
	char *const wrapper[] = {WORD("unshare"), WORD("-m"), WORD("sh"),
	    WORD("-c"), script, WORD("sh"), NULL};
	struct daemon_options o = {
	    .settings = "control = auto\n", .wrapper = wrapper};

	snprintf(script, sizeof(script),
	    "mount -t tmpfs -o %s none /run && exec \"$@\"", options);
	return (daemon_start_with(&o));
}

static bool
may_mount(void)
{
	if (geteuid() == 0 &&
	    system("unshare -m mount -t tmpfs none /run 2>/dev/null") == 0)
		return (true);
	print_message("# not tried: nothing may be mounted here\n");
	return (false);
}

static void
control_auto(void **state)
{
	struct daemon *d;

	if (!may_mount())
		return;
	d = start_with_run("rw");
	snprintf(d->control, sizeof(d->control),
	    "/proc/%d/root/run/agentd/control.sock", (int)proc_master(d));
	assert_int_equal(mode_of(d->control), 0600);
	expect(administer(d, "reload", ""), 200, NULL);
	assert_int_equal(daemon_logged(d, "no control socket"), 0);
	daemon_stop(d);
}

/* Without a place for it the daemon serves all the same. */
static void
control_nowhere(void **state)
{
	struct daemon *d;

	if (!may_mount())
		return;
	unsetenv("XDG_RUNTIME_DIR");
	d = start_with_run("ro");
	daemon_check_logged(d, "no control socket", 1);
	expect(call(d, "echo", "{\"message\": \"x\"}"), 200, NULL);
	daemon_stop(d);
}

static void
control_of_a_user(void **state)
{
	char base[] = "/tmp/agentd-run-XXXXXX", dir[64];
	struct daemon *d;

	if (!may_mount())
		return;
	assert_non_null(mkdtemp(base));
	setenv("XDG_RUNTIME_DIR", base, 1);
	d = start_with_run("ro");
	snprintf(
	    d->control, sizeof(d->control), "%s/agentd/control.sock", base);
	expect(administer(d, "reload", ""), 200, NULL);
	daemon_stop(d);
	snprintf(dir, sizeof(dir), "%s/agentd", base);
	assert_int_equal(rmdir(dir), 0);
	assert_int_equal(rmdir(base), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    E2E_TEST(control_reload),
	    E2E_TEST(control_when_full),
	    E2E_TEST(control_in_use),
	    E2E_TEST(control_auto),
	    E2E_TEST(control_nowhere),
	    E2E_TEST(control_of_a_user),
	};

	return (cmocka_run_group_tests_name("control", tests, NULL, NULL));
}
