/*
 * Help for the tests of processes under a policy: the toolbox is run, and what
 * it leaves behind is a failure.
 */

#include "test.h"

#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "child_help.h"
#include "common/clock.h"
#include "common/log.h"
#include "common/sweep.h"
#include "open_fds.h"

char child_help_toolbox[PATH_MAX];
struct policy child_help_policy;
struct child_io child_help_io;
struct child child_help_child;
char child_help_why[CHILD_WHY_SIZE];
static int fds_before;

int
child_help_set_up(void **state)
{
	char path[PATH_MAX];

	/* Absolute, since tools start in places of their own. */
	snprintf(path, sizeof(path), "%s/tests/bin/toolbox", test_builddir());
	if (realpath(path, child_help_toolbox) == NULL)
		return (-1);
	child_help_policy = (struct policy){.enabled = true,
	    .file_size_bytes = -1,
	    .umask = 0077,
	    .output_bytes = 1 << 20,
	    .stderr_bytes = 256};
	signal(SIGPIPE, SIG_IGN);
	log_set_level(LOG_ERR);
	fds_before = open_fds();
	return (sweep_enable());
}

int
child_help_tear_down(void **state)
{
	child_io_fini(&child_help_io);
	assert_true(sweep_all(HELP_LONG_MS) >= 0);
	assert_int_equal(open_fds(), fds_before);
	return (0);
}

int
child_help_begin(const char *const *argv, int64_t timeout_ms)
{
	return (child_help_begin_another(&child_help_child, argv, timeout_ms));
}

int
child_help_begin_another(
    struct child *child, const char *const *argv, int64_t timeout_ms)
{
	struct child_spec spec = {
	    .policy = &child_help_policy, .who = "toolbox", .argv = argv};

	child_io_fini(&child_help_io);
	assert_int_equal(child_io_init(&child_help_io, "toolbox",
			     (size_t)child_help_policy.output_bytes,
			     (size_t)child_help_policy.stderr_bytes),
	    0);
	if (child_start(child, &spec, child_help_why, sizeof(child_help_why)) ==
	    -1)
		return (-1);
	return (
	    child_await_start(child, clock_now_ns() + timeout_ms * NS_PER_MS,
		child_help_why, sizeof(child_help_why)));
}

enum child_end
child_help_finish(int64_t timeout_ms)
{
	enum child_end end = child_run(&child_help_child, &child_help_io,
	    clock_now_ns() + timeout_ms * NS_PER_MS);

	child_explain(&child_help_child, end, &child_help_policy,
	    &child_help_io, child_help_why, sizeof(child_help_why));
	child_explain_words(
	    &child_help_io.words, child_help_why, sizeof(child_help_why));
	assert_int_equal(child_help_child.pid, -1);
	return (end);
}

enum child_end
child_help_run(int64_t timeout_ms, const char *action, const char *first,
    const char *second, const char *third)
{
	const char *argv[] = {
	    child_help_toolbox, action, first, second, third, NULL};

	if (child_help_begin(argv, HELP_LONG_MS) == -1)
		fail_msg("%s", child_help_why);
	return (child_help_finish(timeout_ms));
}

void
child_help_expect_output(const char *text)
{
	assert_int_equal(child_help_io.output.len, strlen(text));
	assert_memory_equal(
	    child_help_io.output.data, text, child_help_io.output.len);
}

bool
child_help_output_has(const char *text)
{
	return (memmem(child_help_io.output.data, child_help_io.output.len,
		    text, strlen(text)) != NULL);
}

void
child_help_expect_part(const char *text)
{
	if (!child_help_output_has(text))
		fail_msg("no %s in %.*s", text, (int)child_help_io.output.len,
		    child_help_io.output.data);
}
