/*
 * Processes under a policy: how they start, what they may use, what goes in
 * and comes out, how they end, and that nothing of them stays.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <sys/wait.h>

#include <errno.h>
#include <limits.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "agent/child.h"
#include "common/clock.h"
#include "common/log.h"
#include "common/sweep.h"
#include "open_fds.h"

#define WORDS 8

/* What a healthy process does well within. */
#define LONG_MS 20000

static char toolbox[PATH_MAX];
static struct policy policy;
static struct child_io io;
static struct child child;
static char why[CHILD_WHY_SIZE];
static int fds_before;

static int
set_up(void **state)
{
	const char *build = getenv("AGENTD_BUILDDIR");

	char path[PATH_MAX];

	/* Absolute, since tools start in places of their own. */
	snprintf(path, sizeof(path), "%s/tests/bin/toolbox",
	    build == NULL ? "." : build);
	if (realpath(path, toolbox) == NULL)
		return (-1);
	policy = (struct policy){.enabled = true,
	    .file_size_bytes = -1,
	    .umask = 0077,
	    .output_bytes = 1 << 20,
	    .stderr_bytes = 256};
	signal(SIGPIPE, SIG_IGN);
	log_set_level(LOG_ERR);
	fds_before = open_fds();
	return (sweep_enable());
}

static int
tear_down(void **state)
{
	child_io_fini(&io);
	assert_true(sweep_all(LONG_MS) >= 0);
	assert_int_equal(open_fds(), fds_before);
	return (0);
}

/* Starts argv with so much time; 0, or -1 with why. */
static int
begin(const char *const *argv, int64_t timeout_ms)
{
	struct child_spec spec = {
	    .policy = &policy, .who = "toolbox", .argv = argv};

	child_io_fini(&io);
	assert_int_equal(
	    child_io_init(&io, "toolbox", (size_t)policy.output_bytes,
		(size_t)policy.stderr_bytes),
	    0);
	if (child_start(&child, &spec, why, sizeof(why)) == -1)
		return (-1);
	return (child_await_start(
	    &child, clock_now_ns() + timeout_ms * NS_PER_MS, why, sizeof(why)));
}

static enum child_end
finish(int64_t timeout_ms)
{
	enum child_end end =
	    child_run(&child, &io, clock_now_ns() + timeout_ms * NS_PER_MS);

	child_explain(&child, end, &policy, why, sizeof(why));
	child_explain_words(&io.words, why, sizeof(why));
	assert_int_equal(child.pid, -1);
	return (end);
}

/* Runs the toolbox. */
static enum child_end
run_within(int64_t timeout_ms, const char *action, const char *first,
    const char *second, const char *third)
{
	const char *argv[] = {toolbox, action, first, second, third, NULL};

	if (begin(argv, LONG_MS) == -1)
		fail_msg("%s", why);
	return (finish(timeout_ms));
}

#define RUN(action) run_within(LONG_MS, action, NULL, NULL, NULL)

static void
expect_output(const char *text)
{
	assert_int_equal(io.output.len, strlen(text));
	assert_memory_equal(io.output.data, text, io.output.len);
}

static bool
output_has(const char *text)
{
	return (
	    memmem(io.output.data, io.output.len, text, strlen(text)) != NULL);
}

static void
expect_part(const char *text)
{
	if (!output_has(text))
		fail_msg(
		    "no %s in %.*s", text, (int)io.output.len, io.output.data);
}

static void
test_state(void **state)
{
	char dir[PATH_MAX], part[PATH_MAX + 32];
	sigset_t mask, before;

	signal(SIGHUP, SIG_IGN);
	sigemptyset(&mask);
	sigaddset(&mask, SIGUSR1);
	sigprocmask(SIG_BLOCK, &mask, &before);
	assert_int_equal(RUN("state"), CHILD_EXITED);
	sigprocmask(SIG_SETMASK, &before, NULL);
	signal(SIGHUP, SIG_DFL);
	snprintf(part, sizeof(part), "\"directory\": \"%s\"",
	    getcwd(dir, sizeof(dir)));
	expect_part(part);
	expect_part("\"umask\": \"0077\"");
	expect_part("\"files\": 3, \"ignored\": 0, \"blocked\": 0");
	expect_part("\"leads\": true");
	expect_part("\"core\": 0");
	expect_part("\"cpu\": -1");
	expect_part("\"file\": -1");
}

static void
test_policy(void **state)
{
	policy.nice = 7;
	policy.umask = 0027;
	policy.directory = (char *)(uintptr_t) "/usr";
	policy.cpu_time_ms = 1500;
	policy.file_size_bytes = 4096;
	policy.open_files = 17;
	policy.processes = 5000;
	assert_int_equal(RUN("state"), CHILD_EXITED);
	expect_part("\"directory\": \"/usr\"");
	expect_part("\"umask\": \"0027\", \"nice\": 7, \"scheduler\": 0");
	expect_part("\"cpu\": 2,");
	expect_part("\"file\": 4096");
	expect_part("\"open\": 17, \"processes\": 5000");
}

/* An agent is woken as a batch process, which is no business of its tools. */
static void
test_scheduler(void **state)
{
	struct sched_param param = {0};

	assert_int_equal(sched_setscheduler(0, SCHED_BATCH, &param), 0);
	assert_int_equal(RUN("state"), CHILD_EXITED);
	assert_int_equal(sched_setscheduler(0, SCHED_OTHER, &param), 0);
	expect_part("\"scheduler\": 0");
}

static void
test_environment(void **state)
{
	char *names[] = {(char[]){"SHOWN"}, (char[]){"MADE=up"},
	    (char[]){"LANG=own"}, (char[]){"ABSENT"}, NULL};

	setenv("SHOWN", "yes", 1);
	setenv("SECRET", "hush", 1);
	setenv("LANG", "C", 1);
	setenv("TZ", "UTC", 1);
	assert_int_equal(RUN("environment"), CHILD_EXITED);
	assert_false(output_has("SECRET"));
	assert_false(output_has("SHOWN"));
	expect_part("\"PATH=");
	expect_part("\"HOME=");
	expect_part("\"LANG=C\"");
	expect_part("\"TZ=UTC\"");
	policy.environment = names;
	assert_int_equal(RUN("environment"), CHILD_EXITED);
	assert_false(output_has("SECRET"));
	assert_false(output_has("ABSENT"));
	assert_false(output_has("LANG=C"));
	expect_part("\"SHOWN=yes\"");
	expect_part("\"MADE=up\"");
	expect_part("\"LANG=own\"");
}

static const struct refusal {
	const char *program, *why;
} refusals[] = {
    {"/nonexistent/x", "cannot run /nonexistent/x: No such file or directory"},
    {"no-such-program-anywhere",
	"cannot run no-such-program-anywhere: No such file or directory"},
    {"/etc/passwd", "cannot run /etc/passwd: Permission denied"},
    {"/etc", "cannot run /etc: Permission denied"},
};

static void
test_cannot_run(void **state)
{
	for (size_t i = 0; i < sizeof(refusals) / sizeof(refusals[0]); i++) {
		const char *argv[] = {refusals[i].program, NULL};

		assert_int_equal(begin(argv, LONG_MS), -1);
		assert_string_equal(why, refusals[i].why);
		assert_int_equal(child.pid, -1);
	}
}

/* A file to run that has this text. */
static void
test_script(void **state)
{
	static const struct {
		const char *text, *end;
	} rows[] = {
	    {"#!/nonexistent/interpreter\n",
		": its interpreter: No such file or directory"},
	    /* No shell takes it instead. */
	    {"echo hello\n", ": Exec format error"},
	};
	char path[] = "/tmp/test_child.XXXXXX";
	const char *argv[] = {path, NULL};
	int fd = mkstemp(path);

	assert_int_not_equal(fd, -1);
	assert_int_equal(fchmod(fd, 0700), 0);
	close(fd);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		FILE *file = fopen(path, "we");
		size_t len = strlen(rows[i].end);

		fputs(rows[i].text, file);
		fclose(file);
		assert_int_equal(begin(argv, LONG_MS), -1);
		assert_true(strlen(why) > len);
		assert_string_equal(why + strlen(why) - len, rows[i].end);
	}
	unlink(path);
}

static void
test_bad_directory(void **state)
{
	const char *argv[] = {"/bin/true", NULL};

	policy.directory = (char *)(uintptr_t) "/nonexistent";
	assert_int_equal(begin(argv, LONG_MS), -1);
	assert_string_equal(
	    why, "cannot enter /nonexistent: No such file or directory");
}

static void
test_path(void **state)
{
	char *path[] = {(char[]){"PATH=/nonexistent:/usr/bin:/bin"}, NULL};
	const char *argv[] = {"echo", "$HOME;`id`", NULL};

	policy.environment = path;
	assert_int_equal(begin(argv, LONG_MS), 0);
	assert_int_equal(finish(LONG_MS), CHILD_EXITED);
	expect_output("$HOME;`id`\n");
}

/* More than both pipes hold. */
static void
test_cat(void **state)
{
	const char *argv[] = {toolbox, "cat", NULL};
	char *input = malloc(1 << 20);

	memset(input, 'i', 1 << 20);
	assert_int_equal(begin(argv, LONG_MS), 0);
	io.input = input;
	io.input_len = 1 << 20;
	assert_int_equal(finish(LONG_MS), CHILD_EXITED);
	assert_int_equal(io.output.len, 1 << 20);
	assert_memory_equal(io.output.data, input, 1 << 20);
	free(input);
}

static void
test_input_not_read(void **state)
{
	const char *argv[] = {toolbox, "unread", NULL};
	char *input = calloc(1, 1 << 20);

	assert_int_equal(begin(argv, LONG_MS), 0);
	io.input = input;
	io.input_len = 1 << 20;
	assert_int_equal(finish(LONG_MS), CHILD_EXITED);
	expect_output("\"unread\"\n");
	free(input);
}

static void
test_output_limit(void **state)
{
	policy.output_bytes = 1000;
	assert_int_equal(
	    run_within(LONG_MS, "print", "1000", NULL, NULL), CHILD_EXITED);
	assert_int_equal(io.output.len, 1000);
	assert_int_equal(
	    run_within(LONG_MS, "print", "1001", NULL, NULL), CHILD_FLOODED);
	assert_string_equal(why, "the output limit of 1000 was exceeded");
	policy.output_bytes = 1 << 20;
	assert_int_equal(RUN("flood_output"), CHILD_FLOODED);
	assert_string_equal(why, "the output limit of 1m was exceeded");
}

static void
test_words(void **state)
{
	assert_int_equal(
	    run_within(LONG_MS, "exit", "3", "bad\tluck \xff", "again\n\n"),
	    CHILD_FAILED);
	assert_string_equal(why, "exited with status 3: bad\tluck ?\nagain");
	policy.stderr_bytes = 10;
	assert_int_equal(
	    run_within(LONG_MS, "exit", "3", "a long line", "the end"),
	    CHILD_FAILED);
	assert_string_equal(why, "exited with status 3: the end");
	policy.stderr_bytes = 4;
	assert_int_equal(
	    run_within(LONG_MS, "exit", "3", "no room", NULL), CHILD_FAILED);
	assert_string_equal(why, "exited with status 3: oom");
	policy.stderr_bytes = 0;
	assert_int_equal(
	    run_within(LONG_MS, "exit", "3", "hush", NULL), CHILD_FAILED);
	assert_string_equal(why, "exited with status 3");
}

/* Its pipe is read on, and only the tail is kept. */
static void
test_flood_of_words(void **state)
{
	assert_int_equal(
	    run_within(200, "flood_errors", NULL, NULL, NULL), CHILD_EXPIRED);
	assert_true(io.words.total > 1 << 20);
}

static void
test_signal(void **state)
{
	assert_int_equal(
	    run_within(LONG_MS, "signal", "11", NULL, NULL), CHILD_FAILED);
	assert_string_equal(
	    why, "was killed by signal 11 (Segmentation fault)");
}

static int64_t
elapsed_ms(int64_t since_ns)
{
	return ((clock_now_ns() - since_ns) / NS_PER_MS);
}

static void
test_deadline(void **state)
{
	static const char *const actions[] = {
	    "hang", "stubborn", "close_output", "daemonise_hang"};
	int64_t start;

	for (size_t i = 0; i < sizeof(actions) / sizeof(actions[0]); i++) {
		start = clock_now_ns();
		assert_int_equal(run_within(200, actions[i], NULL, NULL, NULL),
		    CHILD_EXPIRED);
		assert_in_range(elapsed_ms(start), 170, LONG_MS);
		assert_string_equal(why, "did not end before its deadline");
	}
}

/* It is told before, and what it then says is its answer. */
static void
test_soft_deadline(void **state)
{
	enum child_end end = CHILD_EXPIRED;

	/* A busy machine may give it too little time. */
	for (int i = 0; i < 50 && end == CHILD_EXPIRED; i++)
		end = run_within(300, "polite", NULL, NULL, NULL);
	assert_int_equal(end, CHILD_EXITED);
	expect_output("\"stopped\"\n");
}

static void
test_close_and_end(void **state)
{
	assert_int_equal(RUN("close_and_end"), CHILD_EXITED);
	expect_output("\"closed\"\n");
}

/* A process that has left does not hold up the call, and is swept. */
static void
test_left(void **state)
{
	assert_int_equal(RUN("hold"), CHILD_EXITED);
	expect_output("\"held\"\n");
	assert_int_equal(RUN("daemonise"), CHILD_EXITED);
	expect_output("\"left\"\n");
	assert_true(sweep_all(LONG_MS) >= 1);
}

static void
test_cpu_time(void **state)
{
	policy.cpu_time_ms = 1;
	assert_int_equal(RUN("spin"), CHILD_FAILED);
	assert_string_equal(why, "the cpu time limit of 1s was exceeded");
	assert_int_equal(RUN("spin_on"), CHILD_FAILED);
	assert_string_equal(why, "the cpu time limit of 1s was exceeded");
}

/* In the words of the shell, whose child it was that broke the limit. */
static void
test_limit_of_grandchild(void **state)
{
	char command[PATH_MAX + 64];
	const char *argv[] = {"/bin/sh", "-c", command, NULL};

	snprintf(command, sizeof(command), "'%s' spin; exit $?", toolbox);
	policy.cpu_time_ms = 1000;
	policy.stderr_bytes = 0;
	assert_int_equal(begin(argv, LONG_MS), 0);
	assert_int_equal(finish(LONG_MS), CHILD_FAILED);
	assert_string_equal(why, "the cpu time limit of 1s was exceeded");
}

static void
test_file_size(void **state)
{
	char path[] = "/tmp/test_child.XXXXXX";
	int fd = mkstemp(path);

	close(fd);
	policy.file_size_bytes = 8192;
	assert_int_equal(
	    run_within(LONG_MS, "write", path, "8192", NULL), CHILD_EXITED);
	expect_part("\"size\": 8192");
	assert_int_equal(
	    run_within(LONG_MS, "write", path, "12288", NULL), CHILD_FAILED);
	assert_string_equal(why, "the file size limit of 8k was exceeded");
	policy.file_size_bytes = 0;
	assert_int_equal(
	    run_within(LONG_MS, "write", path, "1", NULL), CHILD_FAILED);
	assert_string_equal(why, "the file size limit of 0 was exceeded");
	unlink(path);
}

static void
test_umask(void **state)
{
	char path[] = "/tmp/test_child.XXXXXX";
	int fd = mkstemp(path);

	close(fd);
	unlink(path);
	policy.umask = 0027;
	assert_int_equal(
	    run_within(LONG_MS, "write", path, "1", NULL), CHILD_EXITED);
	expect_part("\"mode\": 640");
	unlink(path);
}

static void
test_open_files(void **state)
{
	policy.open_files = 20;
	assert_int_equal(RUN("open"), CHILD_EXITED);
	expect_output("17\n");
}

/* Root may have any number, so this is another user if it can be. */
static void
test_processes(void **state)
{
	int limit = 5;

	policy.processes = limit;
	if (geteuid() == 0) {
		policy.user = (char *)(uintptr_t) "nobody";
		if (access(toolbox, X_OK) == -1)
			fail_msg("%s", toolbox);
	}
	if (geteuid() != 0) {
		print_message("# skipped: how many run already?\n");
		return;
	}
	assert_int_equal(RUN("fork"), CHILD_EXITED);
	/* The process itself counts too, and others of that user. */
	assert_in_range(atoi(io.output.data), 0, limit - 1);
}

static void
test_user(void **state)
{
	uid_t nobody = 65534;
	struct conf conf = {.user = (char *)(uintptr_t) "daemon"};
	char part[64];

	policy.user = (char *)(uintptr_t) "no such user";
	assert_int_equal(
	    child_check_user(&policy, &conf, why, sizeof(why)), -1);
	assert_string_equal(why, "user: there is no \"no such user\"");
	policy.user = (char *)(uintptr_t) "nobody";
	assert_int_equal(
	    child_check_user(&policy, &conf, why, sizeof(why)), -1);
	assert_string_equal(why,
	    "user: only agents that run as root can run a tool as another");
	if (geteuid() != 0) {
		print_message("# skipped: only root becomes another user\n");
		return;
	}
	conf.user = policy.user;
	assert_int_equal(child_check_user(&policy, &conf, why, sizeof(why)), 0);
	conf.user = NULL;
	assert_int_equal(child_check_user(&policy, &conf, why, sizeof(why)), 0);
	assert_int_equal(RUN("state"), CHILD_EXITED);
	snprintf(part, sizeof(part), "\"uid\": %d, \"gid\": %d", (int)nobody,
	    (int)nobody);
	expect_part(part);
	assert_int_equal(RUN("environment"), CHILD_EXITED);
	expect_part("\"HOME=/nonexistent\"");
}

static void
test_memory(void **state)
{
	policy.memory_bytes = 64 << 20;
	assert_int_equal(RUN("eat"), CHILD_EXITED);
	io.output.data[io.output.len - 1] = '\0';
	assert_in_range(atoi(io.output.data), 1, 63);
	policy.stderr_bytes = 0;
	assert_int_equal(RUN("eat_and_abort"), CHILD_FAILED);
	assert_string_equal(
	    why, "was killed by signal 6 (Aborted) (memory limit of 64m)");
}

/* A function of ours instead of a program. */
static void
say(void *arg)
{
	dprintf(1, "%s %s", (const char *)arg,
	    getenv("SECRET") == NULL ? "knows nothing" : "knows");
}

static void
test_function(void **state)
{
	struct child_spec spec = {.policy = &policy,
	    .who = "say",
	    .function = say,
	    .arg = (void *)(uintptr_t) "it"};

	setenv("SECRET", "hush", 1);
	assert_int_equal(child_io_init(&io, "say", 100, 0), 0);
	assert_int_equal(child_start(&child, &spec, why, sizeof(why)), 0);
	assert_int_equal(finish(LONG_MS), CHILD_EXITED);
	expect_output("it knows nothing");
}

/* When its parent dies without a word, it does too. */
static void
test_orphan(void **state)
{
	const char *argv[] = {toolbox, "stubborn", NULL};
	pid_t parent, orphan = -1;
	int ends[2];

	assert_int_equal(pipe(ends), 0);
	if ((parent = fork()) == 0) {
		if (begin(argv, LONG_MS) == -1)
			_exit(1);
		(void)!write(ends[1], &child.pid, sizeof(child.pid));
		_exit(0);
	}
	assert_int_equal(
	    read(ends[0], &orphan, sizeof(orphan)), sizeof(orphan));
	assert_int_equal(waitpid(parent, NULL, 0), parent);
	/* We are the subreaper: it is ours now, and dead. */
	assert_int_equal(waitpid(orphan, NULL, 0), orphan);
	close(ends[0]);
	close(ends[1]);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(test_state),
	    TEST(test_policy),
	    TEST(test_scheduler),
	    TEST(test_environment),
	    TEST(test_cannot_run),
	    TEST(test_script),
	    TEST(test_bad_directory),
	    TEST(test_path),
	    TEST(test_cat),
	    TEST(test_input_not_read),
	    TEST(test_output_limit),
	    TEST(test_words),
	    TEST(test_flood_of_words),
	    TEST(test_signal),
	    TEST(test_deadline),
	    TEST(test_soft_deadline),
	    TEST(test_close_and_end),
	    TEST(test_left),
	    TEST(test_cpu_time),
	    TEST(test_limit_of_grandchild),
	    TEST(test_file_size),
	    TEST(test_umask),
	    TEST(test_open_files),
	    TEST(test_processes),
	    TEST(test_user),
	    TEST(test_memory),
	    TEST(test_function),
	    TEST(test_orphan),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
