/*
 * The control group of a child: what is written there and what its counters
 * become in words, on plain files, since controllers are not to be had
 * everywhere; and that nothing outlives a real group.
 *
 * Wraps: mkdirat unlinkat
 */

#include "test.h"

#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "child_help.h"
#include "common/cgroup.h"
#include "common/sweep.h"

/* The files that a new group has, and what is in them; ends with NULL. */
struct fake_file {
	const char *name, *text;
};

static const struct fake_file *fake; /* NULL: groups are real */
static char written[1024];	     /* "FILE=TEXT " of the last group */
static char root[96];

int __real_mkdirat(int, const char *, mode_t);
int __wrap_mkdirat(int, const char *, mode_t);
int __real_unlinkat(int, const char *, int);
int __wrap_unlinkat(int, const char *, int);

/* Makes a group as the kernel would. */
int
__wrap_mkdirat(int dir, const char *name, mode_t mode)
{
	int rc = __real_mkdirat(dir, name, mode), fd;
	char path[256];

	for (const struct fake_file *f = fake;
	     rc == 0 && f != NULL && f->name != NULL; f++) {
		snprintf(path, sizeof(path), "%s/%s", name, f->name);
		fd = openat(dir, path, O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
		assert_int_equal(
		    write(fd, f->text, strlen(f->text)), strlen(f->text));
		close(fd);
	}
	return (rc);
}

static void
note(int dir, const char *path, const char *name)
{
	int fd = openat(dir, path, O_RDONLY | O_CLOEXEC);
	char text[64];
	ssize_t len = read(fd, text, sizeof(text));
	size_t at = strlen(written);

	close(fd);
	if (len > 0)
		snprintf(written + at, sizeof(written) - at, "%s=%.*s ", name,
		    (int)len, text);
}

/* Removes it with its files, and keeps what was in them. */
int
__wrap_unlinkat(int dir, const char *name, int flags)
{
	char path[256];

	written[0] = '\0';
	for (const struct fake_file *f = fake; f != NULL && f->name != NULL;
	     f++) {
		snprintf(path, sizeof(path), "%s/%s", name, f->name);
		note(dir, path, f->name);
		(void)__real_unlinkat(dir, path, 0);
	}
	return (__real_unlinkat(dir, name, flags));
}

static int
set_up(void **state)
{
	root[0] = '\0';
	fake = NULL;
	return (child_help_set_up(state));
}

static int
tear_down(void **state)
{
	char path[PATH_MAX];

	cgroup_set_tools("");
	child_cgroup_init(0, 0);
	child_help_tear_down(state);
	if (root[0] == '\0')
		return (0);
	snprintf(path, sizeof(path), "%s/tools", root);
	if (rmdir(path) == -1) {
		cgroup_kill(AT_FDCWD, root);
		(void)cgroup_remove(AT_FDCWD, root, HELP_LONG_MS);
		fail_msg("%s was not empty", path);
	}
	snprintf(path, sizeof(path), "%s/cgroup.procs", root);
	unlink(path);
	return (rmdir(root));
}

/* DIR/tools is there, as the master makes it. */
static void
begin_below(void)
{
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "%s/tools", root);
	assert_int_equal(mkdir(path, 0755), 0);
	cgroup_set_tools(path);
	child_cgroup_init(3, 1);
}

static void
begin_fake(const struct fake_file *files)
{
	char path[PATH_MAX];

	fake = files;
	strlcpy(root, "/tmp/agentd-child.XXXXXX", sizeof(root));
	assert_non_null(mkdtemp(root));
	snprintf(path, sizeof(path), "%s/cgroup.procs", root);
	close(open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0644));
	begin_below();
}

/* False, with a notice: there are no groups of version 2, or not for us. */
static bool
begin_real(void)
{
	FILE *mounts = fopen("/proc/self/mountinfo", "re");
	char line[4096], point[64] = "";

	while (mounts != NULL && fgets(line, sizeof(line), mounts) != NULL)
		if (strstr(line, " - cgroup2 ") != NULL &&
		    sscanf(line, "%*s %*s %*s / %63s", point) == 1)
			break;
	if (mounts != NULL)
		fclose(mounts);
	snprintf(root, sizeof(root), "%s/agentd-child-%d", point, getpid());
	if (point[0] == '\0' || mkdir(root, 0755) == -1) {
		print_message("# skipped: no cgroup can be made here\n");
		root[0] = '\0';
		return (false);
	}
	begin_below();
	return (true);
}

static void
run(const char *action, const char *word)
{
	child_help_run(HELP_LONG_MS, action, word, NULL, NULL);
}

/* clang-format off */
#define PROCS {"cgroup.procs", ""}, {"cgroup.kill", ""}
#define MEMORY \
	{"memory.max", ""}, {"memory.swap.max", ""}, {"memory.oom.group", ""}
#define PIDS {"pids.max", ""}
#define END {NULL, NULL}
/* clang-format on */

/* The group limits, so setrlimit(2) does not. */
static void
test_limits(void **state)
{
	static const struct fake_file files[] = {PROCS, MEMORY, PIDS, END};

	begin_fake(files);
	child_help_policy.memory_bytes = 64 << 20;
	child_help_policy.processes = 5;
	run("state", NULL);
	assert_string_equal(written,
	    "cgroup.procs=0 cgroup.kill=1 memory.max=67108864 "
	    "memory.swap.max=0 memory.oom.group=1 pids.max=5 ");
	assert_false(child_help_output_has("\"memory\": 67108864"));
	assert_false(child_help_output_has("\"processes\": 5"));
}

/* Nothing is limited that the policy does not limit. */
static void
test_no_limits(void **state)
{
	static const struct fake_file files[] = {PROCS, MEMORY, PIDS, END};

	begin_fake(files);
	run("state", NULL);
	assert_string_equal(written, "cgroup.procs=0 cgroup.kill=1 ");
}

/*
 * What the agent may use (agent_memory) its tool may; a group is told so, and
 * the tool is free of the agent's own limit.
 */
static void
test_agent_memory(void **state)
{
	static const struct fake_file files[] = {PROCS, MEMORY, PIDS, END};
	struct rlimit before, agent;

	assert_int_equal(getrlimit(RLIMIT_DATA, &before), 0);
	agent = before;
	agent.rlim_cur = (rlim_t)1 << 40;
	begin_fake(files);
	assert_int_equal(setrlimit(RLIMIT_DATA, &agent), 0);
	run("state", NULL);
	assert_int_equal(setrlimit(RLIMIT_DATA, &before), 0);
	assert_string_equal(written,
	    "cgroup.procs=0 cgroup.kill=1 memory.max=1099511627776 "
	    "memory.swap.max=0 memory.oom.group=1 ");
	assert_false(child_help_output_has("\"memory\": 1099511627776"));
}

/* No controller, and no way in: setrlimit(2) it is. */
static void
check_rlimits(const struct fake_file *files)
{
	begin_fake(files);
	child_help_policy.memory_bytes = (int64_t)1 << 40;
	child_help_policy.processes = 1000;
	run("state", NULL);
	assert_true(child_help_output_has("\"memory\": 1099511627776"));
	assert_true(child_help_output_has("\"processes\": 1000"));
}

static void
test_no_controllers(void **state)
{
	static const struct fake_file files[] = {PROCS, END};

	check_rlimits(files);
	assert_string_equal(written, "cgroup.procs=0 cgroup.kill=1 ");
}

static void
test_no_entry(void **state)
{
	static const struct fake_file files[] = {MEMORY, PIDS, END};

	check_rlimits(files);
}

static void
test_no_group(void **state)
{
	begin_fake(NULL);
	assert_int_equal(rmdir(cgroup_tools()), 0);
	child_help_policy.memory_bytes = (int64_t)1 << 40;
	run("state", NULL);
	assert_true(child_help_output_has("\"memory\": 1099511627776"));
	assert_int_equal(mkdir(cgroup_tools(), 0755), 0);
}

static const struct words_row {
	const char *memory, *pids; /* events */
	const char *action, *word, *why;
} words_rows[] = {
    {"oom 3\noom_kill 2\n", "max 0\n", "signal", "9",
	"the memory limit of 64m was exceeded"},
    /* A shell that tells of it. */
    {"oom 3\noom_kill 2\n", "max 1\n", "exit", "137",
	"the memory limit of 64m was exceeded"},
    {"oom 3\noom_kill 0\n", "max 0\n", "signal", "9",
	"was killed by signal 9 (Killed)"},
    {"oom 0\noom_kill 0\n", "max 0\n", "exit", "3", "exited with status 3"},
    {"oom_kill 0\n", "max 7\n", "exit", "2",
	"exited with status 2 (the limit of 5 processes was reached)"},
    {"", "", "exit", "2", "exited with status 2"},
};

static void
check_words(const struct words_row *row)
{
	const struct fake_file files[] = {PROCS, MEMORY, PIDS,
	    {"memory.events", row->memory}, {"pids.events", row->pids}, END};

	fake = files;
	run(row->action, row->word);
	assert_string_equal(child_help_why, row->why);
	fake = NULL;
}

static void
test_words(void **state)
{
	begin_fake(NULL);
	child_help_policy.memory_bytes = 64 << 20;
	child_help_policy.processes = 5;
	for (size_t i = 0; i < sizeof(words_rows) / sizeof(words_rows[0]); i++)
		check_words(&words_rows[i]);
}

/* Groups that an earlier agent left, and that nobody removes. */
static void
stale(bool there)
{
	char path[PATH_MAX];

	for (int i = 1; i < 40; i++) {
		snprintf(
		    path, sizeof(path), "%s/agent-3.1.%d", cgroup_tools(), i);
		assert_int_equal(
		    there ? mkdir(path, 0755)
			  : __real_unlinkat(AT_FDCWD, path, AT_REMOVEDIR),
		    0);
	}
}

/* Not all are tried for one child, which starts without; another has one. */
static void
test_names(void **state)
{
	static const struct fake_file files[] = {PROCS, END};

	begin_fake(files);
	stale(true);
	for (int i = 0; i < 4; i++) {
		run("state", NULL);
		assert_true(child_help_output_has("leads"));
	}
	stale(false);
	assert_string_equal(written, "cgroup.procs=0 cgroup.kill=1 ");
}

/* That the group is gone says it all: the kernel keeps it while one lives. */
static void
test_real_end(void **state)
{
	if (!begin_real())
		return;
	run("daemonise", NULL);
	assert_true(child_help_output_has("left"));
	assert_int_equal(rmdir(cgroup_tools()), 0);
	assert_int_equal(mkdir(cgroup_tools(), 0755), 0);
}

/* As in the TERM handler of an agent. */
static void
test_real_end_of_all(void **state)
{
	const char *argv[] = {child_help_toolbox, "stubborn", NULL};
	struct child other;

	if (!begin_real())
		return;
	assert_int_equal(child_help_begin(argv, HELP_LONG_MS), 0);
	assert_int_equal(
	    child_help_begin_another(&other, argv, HELP_LONG_MS), 0);
	child_cgroup_kill_all();
	/* Nothing but that kills them. */
	assert_int_equal(
	    waitid(P_PID, (id_t)child_help_child.pid, NULL, WEXITED | WNOWAIT),
	    0);
	assert_int_equal(
	    waitid(P_PID, (id_t)other.pid, NULL, WEXITED | WNOWAIT), 0);
	assert_true(sweep_all(HELP_LONG_MS) >= 0);
	child_cgroup_remove_all();
	assert_int_equal(rmdir(cgroup_tools()), 0);
	assert_int_equal(mkdir(cgroup_tools(), 0755), 0);
	child_help_child.pid = other.pid = -1; /* reaped */
	child_cgroup_end(&other.group);
	child_cgroup_end(&child_help_child.group);
	child_kill(&child_help_child);
	child_kill(&other);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(test_limits),
	    TEST(test_no_limits),
	    TEST(test_agent_memory),
	    TEST(test_no_controllers),
	    TEST(test_no_entry),
	    TEST(test_no_group),
	    TEST(test_words),
	    TEST(test_names),
	    TEST(test_real_end),
	    TEST(test_real_end_of_all),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
