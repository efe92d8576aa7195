/*
 * A daemon with a control group of its own, a real one of version 2: what
 * tools start is there, and nothing is left of it, whoever dies.  Limits of
 * memory are not tried here: they need a controller, see test_cgroup.c.
 * Passes with a notice where there is no such file system or we are not root.
 */

#include "common/cgroup.h"
#include "tools.h"

#include <sys/stat.h>
#include <sys/wait.h>
#include <sys/xattr.h>

#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define ID "3d0b7f1c-58e8-4c1b-9d8c-6a4a6c3b7f10"

static char group[128]; /* DIR; "": it cannot be had */
static char tools[160]; /* DIR/tools */

/* The first mount of cgroups of version 2. */
static bool
find_mount(char point[static 64])
{
	FILE *mounts = fopen("/proc/self/mountinfo", "re");
	char line[4096];
	bool found = false;

	assert_non_null(mounts);
	while (!found && fgets(line, sizeof(line), mounts) != NULL)
		found = strstr(line, " - cgroup2 ") != NULL &&
			sscanf(line, "%*s %*s %*s / %63s", point) == 1;
	fclose(mounts);
	return (found);
}

static int
set_up(void **state)
{
	char point[64];

	group[0] = '\0';
	if (!find_mount(point))
		return (0);
	snprintf(group, sizeof(group), "%s/agentd-e2e-%d", point, getpid());
	snprintf(tools, sizeof(tools), "%s/tools", group);
	if (mkdir(group, 0755) == -1)
		group[0] = '\0';
	return (0);
}

/* After a test that failed. */
static bool
remove_all(void *path)
{
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	cgroup_kill(fd, ".");
	close(fd);
	return (cgroup_remove(AT_FDCWD, path, WAIT_MS) == 0);
}

/* The daemon leaves the directory as it was: it can be removed. */
static int
tear_down(void **state)
{
	int rc = daemon_cleanup(state);

	if (group[0] == '\0' || rmdir(group) == 0)
		return (rc);
	print_error("%s is not empty\n", group);
	wait_until(remove_all, group, WAIT_MS);
	return (-1);
}

static bool
cannot(void)
{
	if (group[0] == '\0')
		print_message("# skipped: no cgroup can be made here\n");
	return (group[0] == '\0');
}

/* How many groups are below it; the name of the last. */
static int
groups_in(const char *path, char name[static 256])
{
	DIR *dir = opendir(path);
	struct dirent *entry;
	int count = 0;

	while (dir != NULL && (entry = readdir(dir)) != NULL)
		if (entry->d_type == DT_DIR && entry->d_name[0] != '.') {
			strlcpy(name, entry->d_name, 256);
			count++;
		}
	if (dir != NULL)
		closedir(dir);
	return (count);
}

static bool
no_groups(void *path)
{
	char name[256];

	return (groups_in(path, name) == 0);
}

static bool
some_group(void *arg)
{
	return (!no_groups(arg));
}

static void
expect_no_groups(const char *path)
{
	char name[256] = "";

	if (!wait_until(no_groups, (void *)(uintptr_t)path, WAIT_MS)) {
		groups_in(path, name);
		fail_msg("%s/%s is left", path, name);
	}
}

/* A daemon in that group with one tool. */
static struct daemon *
start(const char *settings, const char *kind, const char *words)
{
	char all[512];

	snprintf(all, sizeof(all), "cgroup = \"%s\"\n%s", group, settings);
	return (tool_daemon(all, kind,
	    strcmp(kind, "command") == 0 ? "toolbox" : "coprocess_echo", words,
	    ", \"directory\": \"/\""));
}

static void
stop(struct daemon *d)
{
	daemon_stop(d);
	assert_true(no_groups(group));
}

/* In which group of version 2 a process is. */
static void
expect_in(pid_t pid, const char *place)
{
	char path[64], *text, want[64];

	snprintf(path, sizeof(path), "/proc/%d/cgroup", (int)pid);
	snprintf(want, sizeof(want), "-%d/%s", (int)getpid(), place);
	text = file_read(path);
	if (strstr(text, want) == NULL)
		fail_msg("%s is not in %s", text, want);
	free(text);
}

static pid_t
first_process(const char *name)
{
	char path[512], *text;
	int pid = 0;

	snprintf(path, sizeof(path), "%s/%s/cgroup.procs", tools, name);
	text = file_read(path);
	sscanf(text, "%d", &pid);
	free(text);
	return (pid);
}

/* It is made before there is one. */
static bool
has_process(void *name)
{
	return (first_process(name) != 0);
}

static void
check_places(const char *settings)
{
	struct daemon *d = start(settings, "coprocess", "");
	char name[256];

	reply_free(tool_call(d, "{}", ""));
	expect_in(proc_master(d), "daemon");
	expect_in(proc_frontend(d), "daemon");
	expect_in(proc_any_agent(d), "daemon");
	assert_int_equal(groups_in(tools, name), 2); /* one an agent */
	assert_int_equal(strncmp(name, "agent-", 6), 0);
	assert_int_not_equal(first_process(name), 0);
	stop(d);
}

static void
cgroups_places(void **state)
{
	if (!cannot())
		check_places("");
}

/* Agents that are not root can do it all the same. */
static void
cgroups_user(void **state)
{
	char path[256];
	struct stat st;

	if (cannot())
		return;
	check_places("user = \"nobody\"\n");
	snprintf(path, sizeof(path), "%s/cgroup.procs", group);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_uid, geteuid()); /* as before */
}

/* Double fork, setsid(2), deaf to all signals: gone with the call. */
static void
cgroups_daemonise(void **state)
{
	struct daemon *d;
	struct reply *reply;

	if (cannot())
		return;
	d = start("", "command", "\"daemonise\"");
	reply = tool_call(d, "{}", "");
	assert_string_equal(reply_string(reply, "/result"), "left");
	assert_true(no_groups(tools)); /* before the answer, not after */
	reply_free(reply);
	stop(d);
}

static void
cgroups_late(void **state)
{
	struct daemon *d;

	if (cannot())
		return;
	d = start("", "command", "\"daemonise_hang\"");
	expect(tool_call(d, "{}", ", \"timeout\": 0.3"), 504, "timeout");
	expect_no_groups(tools);
	stop(d);
}

/* What the agent was running goes with it, by the hand of the master. */
static void
cgroups_agent_dies(void **state)
{
	struct daemon *d;
	struct conn *conn;
	char name[256];
	pid_t agent, child;

	if (cannot())
		return;
	d = start("agents = 1\n", "command", "\"daemonise_hang\"");
	conn = call_begin(d, ID, "tool", "{}", "");
	assert_true(wait_until(some_group, tools, WAIT_MS));
	agent = proc_agent(d, 1);
	groups_in(tools, name);
	assert_true(wait_until(has_process, name, WAIT_MS));
	child = first_process(name);
	assert_true(proc_kill(agent, SIGKILL));
	expect(http_answer(conn), 502, "agent_crashed");
	http_close(conn);
	expect_no_groups(tools);
	assert_true(wait_until(proc_gone, &child, WAIT_MS));
	wait_agents(d, 1, WAIT_MS);
	stop(d);
}

static void
join_group(const char *path)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);

	if (fd == -1 || write(fd, "0", 1) != 1)
		_exit(1);
	close(fd);
}

/* A process in a group below DIR/tools, as a dead daemon might leave it. */
static pid_t
leave_behind(const char *name)
{
	char path[512];
	pid_t pid;

	snprintf(path, sizeof(path), "%s/%s", tools, name);
	assert_int_equal(mkdir(path, 0755), 0);
	strlcat(path, "/below", sizeof(path));
	assert_int_equal(mkdir(path, 0755), 0);
	strlcat(path, "/cgroup.procs", sizeof(path));
	assert_int_not_equal(pid = fork(), -1);
	if (pid == 0) {
		join_group(path);
		for (;;)
			pause();
	}
	return (pid);
}

static void
cgroups_master_dies(void **state)
{
	struct daemon *d;
	char settings[256];
	pid_t left;

	if (cannot())
		return;
	d = start("", "coprocess", "");
	reply_free(tool_call(d, "{}", ""));
	assert_true(proc_kill(d->pid, SIGKILL));
	assert_int_equal(daemon_wait(d, WAIT_MS), 128 + SIGKILL);
	daemon_discard(d);
	assert_false(no_groups(group));
	left = leave_behind("agent-9.9.9");
	snprintf(settings, sizeof(settings), "cgroup = \"%s\"\n", group);
	d = daemon_start(settings);
	assert_true(no_groups(tools));
	assert_true(wait_until(proc_gone, &left, WAIT_MS));
	stop(d);
}

/* In the daemon before its exec(2). */
static void
begin_there(struct daemon *d, void *arg)
{
	char path[256];

	snprintf(path, sizeof(path), "%s/cgroup.procs", group);
	join_group(path);
}

static void
check_auto(const char *mark, bool taken)
{
	struct daemon *d = daemon_prepare();
	struct daemon_options o = {.prepare = begin_there};

	if (mark != NULL && setxattr(group, "user.delegate", mark, 1, 0) == -1)
		print_message("# no extended attributes here\n");
	daemon_configure(d, "");
	daemon_spawn(d, &o);
	assert_int_equal(!no_groups(group), taken);
	daemon_stop(d);
	expect_no_groups(group);
}

/* The group that one is in may be another's, unless it is marked. */
static void
cgroups_auto(void **state)
{
	if (cannot())
		return;
	check_auto(NULL, false);
	check_auto("0", false);
	check_auto("1", true);
}

static void
expect_refused(const char *path, const char *why)
{
	struct daemon *d = daemon_prepare();
	struct daemon_options o = {.unready = true};
	char settings[512];

	snprintf(settings, sizeof(settings), "cgroup = \"%s\"\n", path);
	daemon_configure(d, settings);
	daemon_spawn(d, &o);
	assert_int_equal(daemon_wait(d, WAIT_MS), 1);
	daemon_check_logged(d, why, 1);
	daemon_gone(d, WAIT_MS);
}

static void
cgroups_refused(void **state)
{
	struct daemon *d;

	expect_refused("/tmp", "/tmp: not a control group of version 2");
	expect_refused("/no/such", "/no/such: cannot open it: No such file");
	if (cannot())
		return;
	d = start("", "coprocess", "");
	expect_refused(group, "another agentd uses it");
	assert_int_equal(access(tools, F_OK), 0); /* and goes on using it */
	stop(d);
}

#define GROUP_TEST(function) \
	cmocka_unit_test_setup_teardown(function, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    GROUP_TEST(cgroups_places),
	    GROUP_TEST(cgroups_user),
	    GROUP_TEST(cgroups_daemonise),
	    GROUP_TEST(cgroups_late),
	    GROUP_TEST(cgroups_agent_dies),
	    GROUP_TEST(cgroups_master_dies),
	    GROUP_TEST(cgroups_auto),
	    GROUP_TEST(cgroups_refused),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
