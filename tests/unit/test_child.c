/*
 * Processes under a policy: how they start, what goes in and comes out, how
 * they end, and that nothing of them stays.
 */

#include "test.h"

#include <sys/resource.h>
#include <sys/wait.h>

#include <limits.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "child_help.h"
#include "common/clock.h"
#include "common/sweep.h"

static void
test_state(void **state)
{
	char dir[PATH_MAX], part[PATH_MAX + 32];
	sigset_t mask, before;

	signal(SIGHUP, SIG_IGN);
	sigemptyset(&mask);
	sigaddset(&mask, SIGUSR1);
	sigprocmask(SIG_BLOCK, &mask, &before);
	assert_int_equal(HELP_RUN("state"), CHILD_EXITED);
	sigprocmask(SIG_SETMASK, &before, NULL);
	signal(SIGHUP, SIG_DFL);
	snprintf(part, sizeof(part), "\"directory\": \"%s\"",
	    getcwd(dir, sizeof(dir)));
	child_help_expect_part(part);
	child_help_expect_part("\"umask\": \"0077\"");
	child_help_expect_part("\"files\": 3, \"ignored\": 0, \"blocked\": 0");
	child_help_expect_part("\"leads\": true");
	child_help_expect_part("\"core\": 0");
	child_help_expect_part("\"cpu\": -1");
	child_help_expect_part("\"file\": -1");
}

static void
test_policy(void **state)
{
	int own = getpriority(PRIO_PROCESS, 0);
	char part[64];

	child_help_policy.nice = 7;
	child_help_policy.umask = 0027;
	child_help_policy.directory = (char *)(uintptr_t) "/usr";
	child_help_policy.cpu_time_ms = 1500;
	child_help_policy.file_size_bytes = 4096;
	child_help_policy.open_files = 17;
	child_help_policy.processes = 5000;
	assert_int_equal(HELP_RUN("state"), CHILD_EXITED);
	child_help_expect_part("\"directory\": \"/usr\"");
	/* Nobody becomes less nice than this test is. */
	snprintf(part, sizeof(part),
	    "\"umask\": \"0027\", \"nice\": %d, \"scheduler\": 0",
	    own > 7 ? own : 7);
	child_help_expect_part(part);
	child_help_expect_part("\"cpu\": 2,");
	child_help_expect_part("\"file\": 4096");
	child_help_expect_part("\"open\": 17, \"processes\": 5000");
}

/* An agent is woken as a batch process, which is no business of its tools. */
static void
test_scheduler(void **state)
{
	struct sched_param param = {0};

	assert_int_equal(sched_setscheduler(0, SCHED_BATCH, &param), 0);
	assert_int_equal(HELP_RUN("state"), CHILD_EXITED);
	assert_int_equal(sched_setscheduler(0, SCHED_OTHER, &param), 0);
	child_help_expect_part("\"scheduler\": 0");
}

static void
test_environment(void **state)
{
	char *names[] = {(char[]){"SHOWN"}, (char[]){"MADE=up"},
	    (char[]){"LANG=own"}, (char[]){"ABSENT"}, NULL};

	setenv("SHOWN", "yes", 1);
	setenv("SECRET", "hush", 1);
	setenv("LANG", "C", 1);
	setenv("LC_NUMERIC", "de_DE.UTF-8", 1);
	setenv("TZ", "UTC", 1);
	assert_int_equal(HELP_RUN("environment"), CHILD_EXITED);
	assert_false(child_help_output_has("SECRET"));
	assert_false(child_help_output_has("SHOWN"));
	child_help_expect_part("\"PATH=");
	child_help_expect_part("\"HOME=");
	child_help_expect_part("\"LANG=C\"");
	child_help_expect_part("\"LC_NUMERIC=de_DE.UTF-8\"");
	child_help_expect_part("\"TZ=UTC\"");
	child_help_policy.environment = names;
	assert_int_equal(HELP_RUN("environment"), CHILD_EXITED);
	assert_false(child_help_output_has("SECRET"));
	assert_false(child_help_output_has("ABSENT"));
	assert_false(child_help_output_has("LANG=C"));
	child_help_expect_part("\"SHOWN=yes\"");
	child_help_expect_part("\"MADE=up\"");
	child_help_expect_part("\"LANG=own\"");
}

static const struct refusal {
	const char *program, *why;
} refusals[] = {
    {"/nonexistent/x", "cannot run the program: No such file or directory"},
    {"no-such-program-anywhere",
	"cannot run no-such-program-anywhere: No such file or directory"},
    {"/etc/passwd", "cannot run the program: Permission denied"},
    {"/etc", "cannot run the program: Permission denied"},
};

static void
test_cannot_run(void **state)
{
	for (size_t i = 0; i < sizeof(refusals) / sizeof(refusals[0]); i++) {
		const char *argv[] = {refusals[i].program, NULL};

		assert_int_equal(child_help_begin(argv, HELP_LONG_MS), -1);
		assert_string_equal(child_help_why, refusals[i].why);
		assert_int_equal(child_help_child.pid, -1);
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
		assert_int_equal(child_help_begin(argv, HELP_LONG_MS), -1);
		assert_true(strlen(child_help_why) > len);
		assert_string_equal(
		    child_help_why + strlen(child_help_why) - len, rows[i].end);
	}
	unlink(path);
}

static void
test_bad_directory(void **state)
{
	const char *argv[] = {"/bin/true", NULL};

	child_help_policy.directory = (char *)(uintptr_t) "/nonexistent";
	assert_int_equal(child_help_begin(argv, HELP_LONG_MS), -1);
	assert_string_equal(child_help_why,
	    "cannot enter the directory: No such file or directory");
}

static void
test_path(void **state)
{
	char *path[] = {(char[]){"PATH=/nonexistent:/usr/bin:/bin"}, NULL};
	const char *argv[] = {"echo", "$HOME;`id`", NULL};

	child_help_policy.environment = path;
	assert_int_equal(child_help_begin(argv, HELP_LONG_MS), 0);
	assert_int_equal(child_help_finish(HELP_LONG_MS), CHILD_EXITED);
	child_help_expect_output("$HOME;`id`\n");
}

/* More than both pipes hold. */
static void
test_cat(void **state)
{
	const char *argv[] = {child_help_toolbox, "cat", NULL};
	char *input = malloc(1 << 20);

	memset(input, 'i', 1 << 20);
	assert_int_equal(child_help_begin(argv, HELP_LONG_MS), 0);
	child_help_io.input = input;
	child_help_io.input_len = 1 << 20;
	assert_int_equal(child_help_finish(HELP_LONG_MS), CHILD_EXITED);
	assert_int_equal(child_help_io.output.len, 1 << 20);
	assert_memory_equal(child_help_io.output.data, input, 1 << 20);
	free(input);
}

static void
test_input_not_read(void **state)
{
	const char *argv[] = {child_help_toolbox, "unread", NULL};
	char *input = calloc(1, 1 << 20);

	assert_int_equal(child_help_begin(argv, HELP_LONG_MS), 0);
	child_help_io.input = input;
	child_help_io.input_len = 1 << 20;
	assert_int_equal(child_help_finish(HELP_LONG_MS), CHILD_EXITED);
	child_help_expect_output("\"unread\"\n");
	free(input);
}

static void
test_output_limit(void **state)
{
	child_help_policy.output_bytes = 1000;
	assert_int_equal(
	    child_help_run(HELP_LONG_MS, "print", "1000", NULL, NULL),
	    CHILD_EXITED);
	assert_int_equal(child_help_io.output.len, 1000);
	assert_int_equal(
	    child_help_run(HELP_LONG_MS, "print", "1001", NULL, NULL),
	    CHILD_FLOODED);
	assert_string_equal(
	    child_help_why, "the output limit of 1000 was exceeded");
	child_help_policy.output_bytes = 1 << 20;
	assert_int_equal(HELP_RUN("flood_output"), CHILD_FLOODED);
	assert_string_equal(
	    child_help_why, "the output limit of 1m was exceeded");
}

static void
test_words(void **state)
{
	assert_int_equal(child_help_run(HELP_LONG_MS, "exit", "3",
			     "bad\tluck \xff", "again\n\n"),
	    CHILD_FAILED);
	assert_string_equal(
	    child_help_why, "exited with status 3: bad\tluck ?\nagain");
	child_help_policy.stderr_bytes = 10;
	assert_int_equal(
	    child_help_run(HELP_LONG_MS, "exit", "3", "a long line", "the end"),
	    CHILD_FAILED);
	assert_string_equal(child_help_why, "exited with status 3: the end");
	child_help_policy.stderr_bytes = 4;
	assert_int_equal(
	    child_help_run(HELP_LONG_MS, "exit", "3", "no room", NULL),
	    CHILD_FAILED);
	assert_string_equal(child_help_why, "exited with status 3: oom");
	child_help_policy.stderr_bytes = 0;
	assert_int_equal(
	    child_help_run(HELP_LONG_MS, "exit", "3", "hush", NULL),
	    CHILD_FAILED);
	assert_string_equal(child_help_why, "exited with status 3");
}

/* Its pipe is read on, and only the tail is kept. */
static void
test_flood_of_words(void **state)
{
	assert_int_equal(child_help_run(200, "flood_errors", NULL, NULL, NULL),
	    CHILD_EXPIRED);
	assert_true(child_help_io.words.total > 1 << 20);
}

static void
test_signal(void **state)
{
	assert_int_equal(
	    child_help_run(HELP_LONG_MS, "signal", "11", NULL, NULL),
	    CHILD_FAILED);
	assert_string_equal(
	    child_help_why, "was killed by signal 11 (Segmentation fault)");
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
		assert_int_equal(
		    child_help_run(200, actions[i], NULL, NULL, NULL),
		    CHILD_EXPIRED);
		assert_in_range(elapsed_ms(start), 170, HELP_LONG_MS);
		assert_string_equal(
		    child_help_why, "did not end before its deadline");
	}
}

/* It is told before, and what it then says is its answer. */
static void
test_soft_deadline(void **state)
{
	enum child_end end = CHILD_EXPIRED;

	/* A busy machine may give it too little time. */
	for (int i = 0; i < 50 && end == CHILD_EXPIRED; i++)
		end = child_help_run(300, "polite", NULL, NULL, NULL);
	assert_int_equal(end, CHILD_EXITED);
	child_help_expect_output("\"stopped\"\n");
}

static void
test_close_and_end(void **state)
{
	assert_int_equal(HELP_RUN("close_and_end"), CHILD_EXITED);
	child_help_expect_output("\"closed\"\n");
}

/* A process that has left does not hold up the call, and is swept. */
static void
test_left(void **state)
{
	assert_int_equal(HELP_RUN("hold"), CHILD_EXITED);
	child_help_expect_output("\"held\"\n");
	assert_int_equal(HELP_RUN("daemonise"), CHILD_EXITED);
	child_help_expect_output("\"left\"\n");
	assert_true(sweep_all(HELP_LONG_MS) >= 1);
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
	struct child_spec spec = {.policy = &child_help_policy,
	    .who = "say",
	    .function = say,
	    .arg = (void *)(uintptr_t) "it"};

	setenv("SECRET", "hush", 1);
	assert_int_equal(child_io_init(&child_help_io, "say", 100, 0), 0);
	assert_int_equal(child_start(&child_help_child, &spec, child_help_why,
			     sizeof(child_help_why)),
	    0);
	assert_int_equal(child_help_finish(HELP_LONG_MS), CHILD_EXITED);
	child_help_expect_output("it knows nothing");
}

/* When its parent dies without a word, it does too. */
static void
test_orphan(void **state)
{
	const char *argv[] = {child_help_toolbox, "stubborn", NULL};
	pid_t parent, orphan = -1;
	int ends[2];

	assert_int_equal(pipe(ends), 0);
	if ((parent = fork()) == 0) {
		if (child_help_begin(argv, HELP_LONG_MS) == -1)
			_exit(1);
		(void)!write(ends[1], &child_help_child.pid,
		    sizeof(child_help_child.pid));
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

#define TEST(name)                       \
	cmocka_unit_test_setup_teardown( \
	    name, child_help_set_up, child_help_tear_down)

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
	    TEST(test_function),
	    TEST(test_orphan),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
