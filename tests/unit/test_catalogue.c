/*
 * The front end's tools: what a new catalogue changes, what outlives it, and
 * that a broken one changes nothing.
 */

#include "test.h"

#include <json-c/json.h>
#include <string.h>

#include "common/clock.h"
#include "conf/conf.h"
#include "frontend/globals.h"
#include "frontend/router/catalogue.h"

#define TOOL(name, digest, more)                                \
	"{\"tool\": {\"name\": \"" name "\", \"kind\": \"x\"}," \
	" \"digest\": \"" digest "\"" more "}"

static void
load(const char *text, uint32_t epoch)
{
	assert_int_equal(catalogue_load(text, strlen(text), epoch), 0);
}

static void
test_start(void **state)
{
	load("[" TOOL("a", "1", "") "," TOOL("b", "2", "") "," TOOL(
		 "c", "3", "") "]",
	    5);
	assert_string_equal(catalogue_at(0)->name, "a");
	assert_string_equal(catalogue_at(2)->name, "c");
	assert_null(catalogue_at(3));
	assert_ptr_equal(catalogue_find("b"), catalogue_at(1));
	assert_null(catalogue_find("bb"));
	assert_null(catalogue_find(""));
	assert_int_equal(catalogue_find("b")->since, 5);
	assert_int_equal(catalogue_find("b")->digest, 2);
	assert_int_equal(catalogue_find("b")->name_len, 1);
}

/* The same tool keeps its agents, a changed one gets others. */
static void
test_change(void **state)
{
	struct tool_info *a = catalogue_find("a"), *b = catalogue_find("b");
	struct tool_info *c = catalogue_find("c");

	a->stats.successful = 7;
	b->stats.successful = 8;
	b->pace.fast_calls = 9;
	b->running = 1;
	tool_hold(c); /* as a call does */
	load("[" TOOL("a", "1", "") "," TOOL("b", "22",
		 ", \"policy\": {\"max_concurrent\": 1}") "," TOOL("d", "4",
		 "") "]",
	    6);
	assert_ptr_equal(catalogue_find("a"), a);
	assert_ptr_equal(catalogue_find("b"), b);
	assert_int_equal(a->since, 5);
	assert_int_equal(a->stats.successful, 7);
	assert_false(a->removed);
	assert_int_equal(b->since, 6);
	assert_int_equal(b->stats.successful, 8);
	assert_int_equal(b->pace.fast_calls, 0);
	assert_true(tool_is_full(b));
	b->running = 0;
	assert_false(tool_is_full(b));
	assert_int_equal(catalogue_find("d")->since, 6);
	assert_null(catalogue_find("c"));
	assert_true(c->removed);
	assert_string_equal(c->name, "c");
	tool_release(c);
}

/* Back again, it is new. */
static void
test_return(void **state)
{
	load("[" TOOL("c", "3", "") "]", 7);
	assert_int_equal(catalogue_find("c")->since, 7);
	assert_int_equal(catalogue_find("c")->stats.successful, 0);
	assert_null(catalogue_find("a"));
	assert_null(catalogue_at(1));
}

static void
test_broken(void **state)
{
	static const char *const broken[] = {
	    "",
	    "{}",
	    "[",
	    "null",
	    "[{}]",
	    "[{\"tool\": {}}]",
	    "[" TOOL("a", "1", "") ", 5]",
	};

	for (size_t i = 0; i < COUNT(broken); i++)
		if (catalogue_load(broken[i], strlen(broken[i]), 8) != -1)
			fail_msg("%s", broken[i]);
	assert_non_null(catalogue_find("c"));
	assert_null(catalogue_at(1));
}

/* A schema of a tool may be as deep as anything that is sent. */
static void
test_deep(void **state)
{
	char text[512] = "[{\"tool\": {\"name\": \"a\", \"parameters\": ";

	for (int i = 0; i < 32; i++)
		strlcat(text, "[", sizeof(text));
	for (int i = 0; i < 32; i++)
		strlcat(text, "]", sizeof(text));
	strlcat(text, "}}]", sizeof(text));
	load(text, 9);
	assert_non_null(catalogue_find("a"));
	load("[]", 10);
	assert_null(catalogue_at(0));
	assert_null(catalogue_find("a"));
}

static void
test_timeout(void **state)
{
	static struct conf conf = {.timeout_ms = 3000, .max_timeout_ms = 60000};
	static const struct {
		int64_t own_ms, asked_ms, wanted_ms;
	} cases[] = {
	    {0, 0, 3000},
	    {0, 1, 1},
	    {0, 60000, 60000},
	    {0, 60001, 60000},
	    {5000, 0, 5000},
	    {5000, 1, 1},
	    {5000, 5001, 5000},
	    {90000, 0, 60000},
	    {90000, 90000, 60000},
	};

	frontend.conf = &conf;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct tool_info tool = {.policy.timeout_ms = cases[i].own_ms};

		assert_int_equal(
		    tool_timeout_ns(&tool, cases[i].asked_ms * NS_PER_MS),
		    cases[i].wanted_ms * NS_PER_MS);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_start),
	    cmocka_unit_test(test_change),
	    cmocka_unit_test(test_return),
	    cmocka_unit_test(test_broken),
	    cmocka_unit_test(test_deep),
	    cmocka_unit_test(test_timeout),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
