/*
 * Tools of ours under a policy that needs a process: which those are, what
 * comes back, and how a limit shows.
 */

#include "kind_call.h"

#include "test.h"

#include <sys/resource.h>
#include <sys/stat.h>

#include <json-c/json.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "agent/isolate.h"
#include "agent/kinds/kind.h"
#include "agent/registry.h"
#include "agent/run.h"
#include "agent/tool.h"
#include "common/log.h"
#include "common/sweep.h"
#include "open_fds.h"

static int fds_before;
static struct registry_entry *entry;
static void (*body)(struct tool_call *);

static void *
fake_parse(
    struct json_object *manifest, const char *base, char *why, size_t size)
{
	return (malloc(1));
}

static void
fake_run(struct tool_call *call)
{
	body(call);
}

static const struct kind fake = {
    .name = "fake",
    .parse = fake_parse,
    .free = free,
    .run = fake_run,
};

static int
set_up(void **state)
{
	signal(SIGPIPE, SIG_IGN);
	log_set_level(LOG_ERR);
	fds_before = open_fds();
	entry = kind_entry(&fake, "/usr", "{}");
	return (sweep_enable());
}

static int
tear_down(void **state)
{
	kind_entry_free(entry);
	assert_int_equal(sweep_all(KIND_CALL_MS), 0);
	assert_int_equal(open_fds(), fds_before);
	return (0);
}

/* Each of these alone asks for a process. */
static void
test_wanted(void **state)
{
	int64_t *const numbers[] = {&entry->policy.nice,
	    &entry->policy.memory_bytes, &entry->policy.cpu_time_ms,
	    &entry->policy.open_files, &entry->policy.processes,
	    &entry->policy.address_space_bytes};
	char **const strings[] = {&entry->policy.user, &entry->policy.group,
	    &entry->policy.directory};

	assert_false(run_needs_fork(entry));
	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
		*numbers[i] = 1;
		assert_true(run_needs_fork(entry));
		*numbers[i] = 0;
	}
	for (size_t i = 0; i < sizeof(strings) / sizeof(strings[0]); i++) {
		*strings[i] = (char[]){"/usr/bin"};
		assert_true(run_needs_fork(entry));
		*strings[i] = NULL;
	}
	entry->policy.directory = (char[]){"/usr"};
	assert_false(run_needs_fork(entry));
	entry->policy.directory = NULL;
	entry->policy.file_size_bytes = 0;
	assert_true(run_needs_fork(entry));
	entry->policy.file_size_bytes = -1;
	entry->policy.umask = 0;
	assert_true(run_needs_fork(entry));
	entry->kind = &kind_command;
	assert_false(run_needs_fork(entry));
	entry->kind = &fake;
}

/* Says where it runs, and prints what is not for its caller. */
static void
say_state(struct tool_call *call)
{
	printf("this is not JSON");
	fflush(stdout);
	tool_add_int(call, "nice", getpriority(PRIO_PROCESS, 0));
	tool_add_int(call, "umask", umask(0));
	tool_add_string(call, "secret",
	    getenv("SECRET") == NULL ? "unknown" : getenv("SECRET"));
	tool_add(call, "params", json_object_get(call->params));
}

static void
test_state(void **state)
{
	int own = getpriority(PRIO_PROCESS, 0);
	char *expected;

	setenv("SECRET", "hush", 1);
	body = say_state;
	entry->policy.nice = 3;
	entry->policy.umask = 0027;
	/* Whoever runs the tests may be nicer. */
	assert_int_not_equal(
	    asprintf(&expected,
		"{\"result\":{\"nice\":%d,\"umask\":23,"
		"\"secret\":\"unknown\",\"params\":{\"a\":[1]}}}",
		own > 3 ? own : 3),
	    -1);
	kind_expect(entry, "{\"a\":[1]}", expected);
	free(expected);
}

static void
say_null(struct tool_call *call)
{
	tool_result(call, NULL);
}

static void
say_failure(struct tool_call *call)
{
	tool_fail(call, "it is %d%%", 42);
}

static void
say_large(struct tool_call *call)
{
	char *text = calloc(1, 2 << 20);

	memset(text, 'x', (2 << 20) - 1);
	tool_add_string(call, "text", text);
	free(text);
}

static void
say_nothing(struct tool_call *call)
{
	_exit(0);
}

static void
crash(struct tool_call *call)
{
	raise(SIGKILL);
}

static void
spin(struct tool_call *call)
{
	for (volatile unsigned long i = 0;; i++)
		;
}

static const struct row {
	void (*body)(struct tool_call *);
	const char *outcome;
} rows[] = {
    {say_null, "{\"result\":null}"},
    {say_failure, "{\"error\":\"it is 42%\"}"},
    {say_large, "{\"error\":\"the output limit of 1m was exceeded\"}"},
    {say_nothing, "{\"error\":\"the tool ended without an answer\"}"},
    {crash, "{\"error\":\"was killed by signal 9 (Killed)\"}"},
    {spin, "{\"error\":\"the cpu time limit of 1s was exceeded\"}"},
};

static void
test_rows(void **state)
{
	entry->policy.cpu_time_ms = 1000;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		body = rows[i].body;
		kind_expect(entry, "{}", rows[i].outcome);
	}
}

static void
stay(struct tool_call *call)
{
	for (;;)
		pause();
}

static void
test_expired(void **state)
{
	struct json_object *outcome;

	body = stay;
	entry->policy.nice = 1;
	outcome = kind_call(entry, "{}", 100);
	assert_non_null(json_object_object_get(outcome, "expired"));
	json_object_put(outcome);
}

static void
count_files(struct tool_call *call)
{
	tool_add_int(call, "files", open_fds());
}

/* 0, 1, 2 and where its answer goes. */
static void
test_files(void **state)
{
	body = count_files;
	entry->policy.nice = 1;
	kind_expect(entry, "{}", "{\"result\":{\"files\":4}}");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(test_wanted),
	    TEST(test_state),
	    TEST(test_rows),
	    TEST(test_expired),
	    TEST(test_files),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
