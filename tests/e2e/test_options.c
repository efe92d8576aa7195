/*
 * The daemon as a program: its options, what it says of a configuration, and
 * what it exits with.
 */

#include "harness.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define WORDS(...) ((char *const[]){__VA_ARGS__, NULL})
#define WORD(text) ((char[]){text})

/* Runs with these arguments to the end; its output is in the log. */
static int
run(struct daemon *d, char *const *arguments)
{
	struct daemon_options o = {
	    .program = "agentd", .arguments = arguments, .unready = true};

	unlink(d->log);
	daemon_spawn(d, &o);
	return (daemon_wait(d, WAIT_MS));
}

static void
options_all(void **state)
{
	struct daemon *d = daemon_prepare();

	assert_int_equal(run(d, WORDS(WORD("-V"))), 0);
	assert_true(daemon_wait_log(d, "agentd", WAIT_MS));
	assert_true(daemon_wait_log(d, "0.", WAIT_MS));
	assert_int_equal(run(d, WORDS(WORD("-h"))), 0);
	assert_true(daemon_wait_log(d, "usage", WAIT_MS));
	assert_int_not_equal(run(d, WORDS(WORD("-?"))), 0);
	assert_int_not_equal(run(d, WORDS(WORD("--nothing"))), 0);
	assert_int_not_equal(run(d, WORDS(WORD("-c"))), 0);
	assert_int_not_equal(run(d, WORDS(WORD("-f"), WORD("more"))), 0);
	daemon_gone(d, 0);
}

static void
options_check(void **state)
{
	struct daemon *d = daemon_prepare();

	daemon_configure(d, "agents = 7\nweather_api_key = \"s3cret\"\n");
	assert_int_equal(run(d, WORDS(WORD("-n"), WORD("-c"), d->conf)), 0);
	assert_int_equal(run(d, WORDS(WORD("-nv"), WORD("-c"), d->conf)), 0);
	daemon_check_logged(d, "agents = 7", 1);
	assert_int_equal(daemon_logged(d, "s3cret"), 0);
	assert_true(daemon_wait_log(d, "max_body", WAIT_MS));
	daemon_configure(d, "agents = seven\n");
	assert_int_equal(run(d, WORDS(WORD("-n"), WORD("-c"), d->conf)), 1);
	assert_true(daemon_wait_log(d, "agentd.conf:", WAIT_MS));
	assert_int_equal(run(d, WORDS(WORD("-f"), WORD("-c"), d->conf)), 1);
	assert_int_equal(
	    run(d, WORDS(WORD("-n"), WORD("-c"), WORD("/nonexistent"))), 1);
	daemon_gone(d, 0);
}

/* What -nv prints is a configuration, and the same one. */
static void
options_print(void **state)
{
	struct daemon *d = daemon_prepare();
	char *first, *second;

	daemon_configure(d, "agents = 7\ntimeout = \"90s\"\n");
	assert_int_equal(run(d, WORDS(WORD("-nv"), WORD("-c"), d->conf)), 0);
	first = file_read(d->log);
	file_write(d->conf, first);
	assert_int_equal(run(d, WORDS(WORD("-nv"), WORD("-c"), d->conf)), 0);
	second = file_read(d->log);
	assert_string_equal(first, second);
	free(first);
	free(second);
	daemon_gone(d, 0);
}

/* Nobody is sent to a log that does not open. */
static void
options_log(void **state)
{
	struct daemon *d = daemon_prepare();

	daemon_configure(d, "log = \"@DIR@/nothing/agentd.log\"\n");
	assert_int_equal(run(d, WORDS(WORD("-f"), WORD("-c"), d->conf)), 1);
	assert_true(daemon_wait_log(d, "nothing/agentd.log: ", WAIT_MS));
	assert_int_equal(daemon_logged(d, "lines go to"), 0);
	daemon_gone(d, 0);
}

/* What no message between its processes could carry is refused. */
static const struct size_row {
	const char *name, *value;
	int status;
} size_rows[] = {
    {"max_body", "63m", 0},
    {"max_body", "64m", 1},
    {"max_body", "1g", 1},
    {"max_result", "63m", 0},
    {"max_result", "64m", 1},
    {"max_result", "1g", 1},
};

static void
options_sizes(void **state)
{
	struct daemon *d = daemon_prepare();
	char line[64];

	for (size_t i = 0; i < COUNT(size_rows); i++) {
		const struct size_row *row = &size_rows[i];

		snprintf(
		    line, sizeof(line), "%s = \"%s\"\n", row->name, row->value);
		print_message("# %s", line);
		daemon_configure(d, line);
		assert_int_equal(run(d, WORDS(WORD("-n"), WORD("-c"), d->conf)),
		    row->status);
		assert_int_equal(
		    daemon_logged(d, row->name) > 0, row->status != 0);
	}
	daemon_gone(d, 0);
}

static void
close_standard(struct daemon *d, void *arg)
{
	for (int fd = 0; fd <= 2; fd++)
		close(fd);
}

/* Started without standard descriptors, it gives their numbers to nothing. */
static void
options_closed_descriptors(void **state)
{
	struct daemon_options o = {.prepare = close_standard};
	struct daemon *d = daemon_start_with(&o);
	char path[64], target[64];
	ssize_t len;

	expect(call(d, "echo", "{\"message\": \"x\"}"), 200, NULL);
	for (int fd = 0; fd <= 2; fd++) {
		snprintf(path, sizeof(path), "/proc/%d/fd/%d",
		    (int)proc_master(d), fd);
		len = readlink(path, target, sizeof(target) - 1);
		assert_true(len > 0);
		target[len] = '\0';
		assert_string_equal(target, "/dev/null");
	}
	daemon_stop(d);
}

/* Root without another user to become is told so, once. */
static void
options_root(void **state)
{
	struct daemon *d;

	if (geteuid() != 0) {
		print_message("# skipped: only root can be warned\n");
		return;
	}
	d = daemon_start("");
	daemon_check_logged(d, "root", 1);
	daemon_stop(d);
	d = daemon_start("user = nobody\n");
	expect(call(d, "echo", "{\"message\": \"x\"}"), 200, NULL);
	assert_int_equal(daemon_logged(d, "root"), 0);
	daemon_stop(d);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    E2E_TEST(options_all),
	    E2E_TEST(options_check),
	    E2E_TEST(options_print),
	    E2E_TEST(options_log),
	    E2E_TEST(options_sizes),
	    E2E_TEST(options_closed_descriptors),
	    E2E_TEST(options_root),
	};

	return (cmocka_run_group_tests_name("options", tests, NULL, NULL));
}
