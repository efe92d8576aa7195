/*
 * What processes under a policy may use.
 */

#include "test.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

#include "conf/conf.h"

#include "child_help.h"
#include "conf/conf.h"

static void
test_cpu_time(void **state)
{
	child_help_policy.cpu_time_ms = 1;
	assert_int_equal(HELP_RUN("spin"), CHILD_FAILED);
	assert_string_equal(
	    child_help_why, "the cpu time limit of 1s was exceeded");
	assert_int_equal(HELP_RUN("spin_on"), CHILD_FAILED);
	assert_string_equal(
	    child_help_why, "the cpu time limit of 1s was exceeded");
}

/* In the words of the shell, whose child it was that broke the limit. */
static void
test_limit_of_grandchild(void **state)
{
	char command[PATH_MAX + 64];
	const char *argv[] = {"/bin/sh", "-c", command, NULL};

	snprintf(
	    command, sizeof(command), "'%s' spin; exit $?", child_help_toolbox);
	child_help_policy.cpu_time_ms = 1000;
	child_help_policy.stderr_bytes = 0;
	assert_int_equal(child_help_begin(argv, HELP_LONG_MS), 0);
	assert_int_equal(child_help_finish(HELP_LONG_MS), CHILD_FAILED);
	assert_string_equal(
	    child_help_why, "the cpu time limit of 1s was exceeded");
}

static void
test_file_size(void **state)
{
	char path[] = "/tmp/test_child.XXXXXX";
	int fd = mkstemp(path);

	close(fd);
	child_help_policy.file_size_bytes = 8192;
	assert_int_equal(
	    child_help_run(HELP_LONG_MS, "write", path, "8192", NULL),
	    CHILD_EXITED);
	child_help_expect_part("\"size\": 8192");
	assert_int_equal(
	    child_help_run(HELP_LONG_MS, "write", path, "12288", NULL),
	    CHILD_FAILED);
	assert_string_equal(
	    child_help_why, "the file size limit of 8k was exceeded");
	child_help_policy.file_size_bytes = 0;
	assert_int_equal(child_help_run(HELP_LONG_MS, "write", path, "1", NULL),
	    CHILD_FAILED);
	assert_string_equal(
	    child_help_why, "the file size limit of 0 was exceeded");
	unlink(path);
}

static void
test_umask(void **state)
{
	char path[] = "/tmp/test_child.XXXXXX";
	int fd = mkstemp(path);

	close(fd);
	unlink(path);
	child_help_policy.umask = 0027;
	assert_int_equal(child_help_run(HELP_LONG_MS, "write", path, "1", NULL),
	    CHILD_EXITED);
	child_help_expect_part("\"mode\": 640");
	unlink(path);
}

static void
test_open_files(void **state)
{
	child_help_policy.open_files = 20;
	assert_int_equal(HELP_RUN("open"), CHILD_EXITED);
	child_help_expect_output("17\n");
}

/* Root may have any number, so this is another user if it can be. */
static void
test_processes(void **state)
{
	int limit = 5;

	child_help_policy.processes = limit;
	if (geteuid() == 0) {
		child_help_policy.user = (char *)(uintptr_t) "nobody";
		if (access(child_help_toolbox, X_OK) == -1)
			fail_msg("%s", child_help_toolbox);
	}
	if (geteuid() != 0) {
		print_message("# skipped: how many run already?\n");
		return;
	}
	assert_int_equal(HELP_RUN("fork"), CHILD_EXITED);
	/* The process itself counts too, and others of that user. */
	assert_in_range(atoi(child_help_io.output.data), 0, limit - 1);
}

/* A program has a limit that nobody asked for, and no more for it. */
static void
test_processes_preset(void **state)
{
	struct policy presets;

	policy_init(&presets);
	assert_int_equal(presets.processes, POLICY_PROCESSES);
	child_help_policy.processes = presets.processes;
	policy_free(&presets);
	assert_int_equal(HELP_RUN("state"), CHILD_EXITED);
	child_help_expect_part("\"processes\": 4096");
}

static void
test_user(void **state)
{
	uid_t nobody = 65534;
	struct conf conf = {.user = (char *)(uintptr_t) "daemon"};
	char part[64];

	child_help_policy.user = (char *)(uintptr_t) "no such user";
	assert_int_equal(child_check_user(&child_help_policy, &conf,
			     child_help_why, sizeof(child_help_why)),
	    -1);
	assert_string_equal(
	    child_help_why, "user: there is no \"no such user\"");
	child_help_policy.user = (char *)(uintptr_t) "nobody";
	assert_int_equal(child_check_user(&child_help_policy, &conf,
			     child_help_why, sizeof(child_help_why)),
	    -1);
	assert_string_equal(child_help_why,
	    "user: only agents that run as root can run a tool as another");
	if (geteuid() != 0) {
		print_message("# skipped: only root becomes another user\n");
		return;
	}
	conf.user = child_help_policy.user;
	assert_int_equal(child_check_user(&child_help_policy, &conf,
			     child_help_why, sizeof(child_help_why)),
	    0);
	conf.user = NULL;
	assert_int_equal(child_check_user(&child_help_policy, &conf,
			     child_help_why, sizeof(child_help_why)),
	    0);
	assert_int_equal(HELP_RUN("state"), CHILD_EXITED);
	snprintf(part, sizeof(part), "\"uid\": %d, \"gid\": %d", (int)nobody,
	    (int)nobody);
	child_help_expect_part(part);
	assert_int_equal(HELP_RUN("environment"), CHILD_EXITED);
	child_help_expect_part("\"HOME=/nonexistent\"");
}

static void
test_memory(void **state)
{
	child_help_policy.memory_bytes = 64 << 20;
	assert_int_equal(HELP_RUN("eat"), CHILD_EXITED);
	child_help_io.output.data[child_help_io.output.len - 1] = '\0';
	assert_in_range(atoi(child_help_io.output.data), 1, 63);
	child_help_policy.stderr_bytes = 0;
	assert_int_equal(HELP_RUN("eat_and_abort"), CHILD_FAILED);
	assert_string_equal(child_help_why,
	    "was killed by signal 6 (Aborted) (memory limit of 64m)");
}

/* What it reserves is not what it uses. */
static void
test_reserves(void **state)
{
	child_help_policy.memory_bytes = 64 << 20;
	assert_int_equal(
	    child_help_run(HELP_LONG_MS, "reserve", "1024", NULL, NULL),
	    CHILD_EXITED);
	child_help_expect_output("reserved\n");
	child_help_policy.address_space_bytes = 256 << 20;
	assert_int_equal(
	    child_help_run(HELP_LONG_MS, "reserve", "1024", NULL, NULL),
	    CHILD_FAILED);
	assert_string_equal(child_help_why,
	    "exited with status 1, out of memory (memory limit of 64m, "
	    "address_space limit of 256m): mmap: Cannot allocate memory");
}

/* In sh, which says it and ends as the runtime of some language does. */
static void
check_said(const char *script, const char *why)
{
	const char *argv[] = {"/bin/sh", "-c", script, NULL};

	assert_int_equal(child_help_begin(argv, HELP_LONG_MS), 0);
	assert_int_equal(child_help_finish(HELP_LONG_MS), CHILD_FAILED);
	assert_string_equal(child_help_why, why);
}

static void
test_memory_said(void **state)
{
	struct rlimit before, limit;

	child_help_policy.stderr_bytes = 20;
	child_help_policy.memory_bytes = 256 << 20;
	/* No longer in the tail that is shown. */
	check_said("echo 'fatal error: runtime: out of memory' >&2; "
		   "echo 'goroutine 1 [running]:' >&2; echo main >&2; exit 2",
	    "exited with status 2, out of memory (memory limit of 256m): main");
	/* On standard output. */
	check_said("echo 'There is insufficient memory for the Java Runtime "
		   "Environment to continue.'; exit 1",
	    "exited with status 1, out of memory (memory limit of 256m)");
	child_help_policy.memory_bytes = 0;
	getrlimit(RLIMIT_DATA, &before);
	limit = before;
	limit.rlim_cur = 512 << 20;
	assert_int_equal(setrlimit(RLIMIT_DATA, &limit), 0);
	check_said("echo MemoryError >&2; exit 1",
	    "exited with status 1, out of memory (agent_memory limit of 512m): "
	    "MemoryError");
	check_said("echo no such city >&2; exit 1",
	    "exited with status 1: no such city");
	check_said("kill -ABRT $$",
	    "was killed by signal 6 (Aborted) (agent_memory limit of 512m)");
	assert_int_equal(setrlimit(RLIMIT_DATA, &before), 0);
}

#define TEST(name)                       \
	cmocka_unit_test_setup_teardown( \
	    name, child_help_set_up, child_help_tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(test_cpu_time),
	    TEST(test_limit_of_grandchild),
	    TEST(test_file_size),
	    TEST(test_umask),
	    TEST(test_open_files),
	    TEST(test_processes),
	    TEST(test_processes_preset),
	    TEST(test_user),
	    TEST(test_memory),
	    TEST(test_reserves),
	    TEST(test_memory_said),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
