/*
 * agentd under what the unit for systemd does to it: an ordinary user, address
 * families and system calls that are filtered, processes hidden from each
 * other.  systemd need not run here; the filters are made from the unit.
 */

#include "service.h"
#include "tools.h"

#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>

#include <dlfcn.h>
#include <errno.h>
#include <grp.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define NOBODY 65534
#define INSTRUCTIONS 2048

static const struct {
	const char *name;
	unsigned int number;
} families[] = {
    {"AF_UNIX", AF_UNIX},
    {"AF_INET", AF_INET},
    {"AF_INET6", AF_INET6},
    {"AF_NETLINK", AF_NETLINK},
};

struct filter {
	struct sock_filter code[INSTRUCTIONS];
	unsigned short len;
};

struct unit {
	struct filter families, calls;
	bool hidden;
};

static int (*resolve)(const char *name);

static void
filter_add(struct filter *f, unsigned short code, unsigned int k,
    unsigned char yes, unsigned char no)
{
	assert_true(f->len < INSTRUCTIONS);
	f->code[f->len++] = (struct sock_filter){code, yes, no, k};
}

static void
filter_load(struct filter *f, size_t offset)
{
	filter_add(f, BPF_LD | BPF_W | BPF_ABS, (unsigned int)offset, 0, 0);
}

static void
filter_end(struct filter *f, unsigned int action)
{
	filter_add(f, BPF_RET | BPF_K, action, 0, 0);
}

/* Lets through when what is loaded is k. */
static void
filter_allow(struct filter *f, unsigned int k)
{
	filter_add(f, BPF_JMP | BPF_JEQ | BPF_K, k, 0, 1);
	filter_end(f, SECCOMP_RET_ALLOW);
}

/* What the unit says behind "NAME=", to be freed. */
static char *
unit_setting(const char *name)
{
	char path[512], start[64], *text, *at;

	snprintf(path, sizeof(path), "%s/etc/agentd.service", test_builddir());
	assert_non_null(text = file_read(path));
	snprintf(start, sizeof(start), "\n%s=", name);
	if ((at = strstr(text, start)) == NULL)
		fail_msg("the unit has no %s", name);
	at += strlen(start);
	at[strcspn(at, "\n")] = '\0';
	memmove(text, at, strlen(at) + 1);
	return (text);
}

/* As RestrictAddressFamilies; without netlink, where the test is of ours. */
static void
unit_families(struct filter *f, bool netlink)
{
	char *text = unit_setting("RestrictAddressFamilies"), *rest = text;
	const char *word;
	size_t i;

	filter_load(f, offsetof(struct seccomp_data, nr));
	filter_add(f, BPF_JMP | BPF_JEQ | BPF_K, SYS_socket, 1, 0);
	filter_end(f, SECCOMP_RET_ALLOW);
	filter_load(f, offsetof(struct seccomp_data, args[0]));
	while ((word = strsep(&rest, " ")) != NULL) {
		for (i = 0; i < COUNT(families); i++)
			if (strcmp(families[i].name, word) == 0)
				break;
		if (i == COUNT(families))
			fail_msg("the test does not know %s", word);
		if (netlink || families[i].number != AF_NETLINK)
			filter_allow(f, families[i].number);
	}
	filter_end(f, SECCOMP_RET_ERRNO | EAFNOSUPPORT);
	free(text);
}

/* Adds a group of system calls, and those in it. */
static bool
unit_group(struct filter *f, const char *group)
{
	char line[256], *name;
	bool any = false;
	FILE *list;
	int number;

	snprintf(line, sizeof(line),
	    "systemd-analyze --no-pager syscall-filter %s 2>/dev/null", group);
	assert_non_null(list = popen(line, "re"));
	while (fgets(line, sizeof(line), list) != NULL) {
		name = line + strspn(line, " ");
		name[strcspn(name, "\n")] = '\0';
		if (name == line || name[0] == '#' || name[0] == '\0')
			continue; /* the group itself, or words */
		any = true;
		if (name[0] == '@')
			unit_group(f, name);
		else if ((number = resolve(name)) >= 0)
			filter_allow(f, (unsigned int)number);
	}
	pclose(list);
	return (any);
}

/* As SystemCallFilter; nothing where there are no means to know. */
static void
unit_calls(struct filter *f)
{
	void *library = dlopen("libseccomp.so.2", RTLD_NOW);
	char *group = unit_setting("SystemCallFilter");

	if (library != NULL)
		*(void **)&resolve =
		    dlsym(library, "seccomp_syscall_resolve_name");
	filter_load(f, offsetof(struct seccomp_data, nr));
	if (resolve == NULL || !unit_group(f, group)) {
		print_message("# system calls are not filtered: "
			      "systemd-analyze or libseccomp is missing\n");
		f->len = 0;
	} else {
		filter_end(f, SECCOMP_RET_ERRNO | EPERM);
	}
	free(group);
}

static void
filter_install(struct filter *f)
{
	struct sock_fprog program = {f->len, f->code};

	if (f->len > 0 &&
	    prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == -1)
		_exit(125);
}

/* In the child that becomes the daemon; arg is the unit. */
static void
unit_enter(struct daemon *d, void *arg)
{
	struct unit *unit = arg;

	if (unit->hidden &&
	    (unshare(CLONE_NEWNS) == -1 ||
		mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) == -1 ||
		mount("proc", "/proc", "proc", 0, "hidepid=invisible") == -1))
		_exit(124);
	if (setgroups(0, NULL) == -1 || setgid(NOBODY) == -1 ||
	    setuid(NOBODY) == -1 ||
	    prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == -1)
		_exit(123);
	filter_install(&unit->families);
	filter_install(&unit->calls);
}

static struct daemon *
unit_start(struct unit *unit, int port)
{
	struct daemon_options o = {.prepare = unit_enter, .prepare_arg = unit};
	struct daemon *d = daemon_prepare();
	char path[200], text[300];

	assert_int_equal(chown(d->dir, NOBODY, NOBODY), 0);
	snprintf(path, sizeof(path), "%s/notify", d->dir);
	assert_int_equal(chown(path, NOBODY, NOBODY), 0);
	snprintf(text, sizeof(text),
	    "\"http\": {\"url\": \"http://127.0.0.1:%d/ok\", "
	    "\"allow_local\": true}",
	    port);
	tool_write_members(d, "near", text);
	/* Of nobody (RFC 5737): there is no way to it, or no answer. */
	tool_write_members(d, "far",
	    "\"timeout\": 0.5, \"http\": {\"url\": \"http://192.0.2.1:9/\"}");
	tool_write_members(d, "shell",
	    "\"output\": \"text\", \"command\": [\"sh\", \"-c\", "
	    "\"sleep 600 >/dev/null 2>&1 & echo done\"]");
	daemon_configure(d, "tools_dir = \"@DIR@/tools.d\"\n");
	daemon_spawn(d, &o);
	return (d);
}

static void
check_resident(struct daemon *d)
{
	struct reply *reply = get(d, "/api/v1/agents");
	const char *at = reply->body;
	int count = 0;

	assert_int_equal(reply->status, 200);
	while ((at = strstr(at, "\"rss_bytes\":")) != NULL) {
		at += strlen("\"rss_bytes\":");
		assert_true(atoll(at) > 1 << 16);
		count++;
	}
	assert_int_equal(count, 2);
	reply_free(reply);
}

static void
unit_check(struct unit *unit)
{
	struct service *service = service_start();
	struct daemon *d = unit_start(unit, service_port(service));
	struct reply *reply;

	expect(call(d, "echo", "{\"message\": \"x\"}"), 200, NULL);
	reply = call(d, "near", "{}");
	assert_non_null(strstr(reply->body, "\"n\":1"));
	expect(reply, 200, NULL);
	reply = call(d, "far", "{}");
	assert_null(strstr(reply->body, "refused"));
	reply_free(reply);
	reply = call(d, "shell", "{}");
	assert_non_null(strstr(reply->body, "done"));
	expect(reply, 200, NULL);
	check_resident(d);
	daemon_reload(d);
	expect(call(d, "shell", "{}"), 200, NULL);
	daemon_stop(d);
	service_stop(service);
}

static bool
is_root(void)
{
	if (geteuid() == 0)
		return (true);
	print_message("# skipped: needs root\n");
	return (false);
}

static void
hardening_as_shipped(void **state)
{
	struct unit *unit;

	/* What looks for leaks does not work so. */
	if (!is_root() || built_with_sanitizers())
		return;
	assert_non_null(unit = calloc(1, sizeof(*unit)));
	free(unit_setting("ProtectProc"));
	unit->hidden = true;
	unit_families(&unit->families, true);
	unit_calls(&unit->calls);
	unit_check(unit);
	free(unit);
}

/* agentd itself needs none of it. */
static void
hardening_without_netlink(void **state)
{
	struct unit *unit;

	if (!is_root())
		return;
	assert_non_null(unit = calloc(1, sizeof(*unit)));
	unit_families(&unit->families, false);
	unit_check(unit);
	free(unit);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    E2E_TEST(hardening_as_shipped),
	    E2E_TEST(hardening_without_netlink),
	};

	return (cmocka_run_group_tests_name("hardening", tests, NULL, NULL));
}
