/*
 * What surrounds a tool's parameters: tables of bodies and of queries, with
 * what they give or why they are refused.
 */

#include "test.h"

#include <stdlib.h>
#include <string.h>

#include "common/clock.h"
#include "conf/conf.h"
#include "frontend/api/envelope.h"
#include "frontend/globals.h"

#define DEFAULT_NS 0 /* none is given */

static struct conf conf = {.timeout_ms = 30000, .max_timeout_ms = 600000};

struct frontend frontend = {.conf = &conf};

static char *copy; /* of the body, which the envelope points into */

static int
read_body(struct envelope *e, const char *body, const char *tool)
{
	size_t len = strlen(body);

	free(copy);
	copy = malloc(len + 1);
	assert_non_null(copy);
	memcpy(copy, body, len);
	copy[len] = '7'; /* not part of it */
	return (envelope_read(e, copy, len, tool));
}

static int
free_copy(void **state)
{
	free(copy);
	copy = NULL;
	return (0);
}

static const struct {
	const char *body, *tool, *params;
	int64_t timeout_ns;
	int priority;
	int64_t retries;
} good[] = {
    {"{\"tool_name\":\"echo\"}", "echo", "{}", DEFAULT_NS, 3, -1},
    {" {\"params\" : { \"b\" : [1, 1.50 , \"a/b\"] }, \"tool_name\":\"x\"} ",
	"x", "{ \"b\" : [1, 1.50 , \"a/b\"] }", DEFAULT_NS, 3, -1},
    {"{\"tool_name\":\"\u00e9\",\"params\":{},\"timeout\":1,\"priority\":5,"
     "\"retries\":100}",
	"\u00e9", "{}", NS_PER_SEC, 5, 100},
    {"{\"tool_name\":\"a\",\"timeout\":0.25,\"priority\":1.0,"
     "\"retries\":0}",
	"a", "{}", NS_PER_SEC / 4, 1, 0},
    {"{\"tool_name\":\"a\",\"timeout\":600}", "a", "{}", 600 * NS_PER_SEC, 3,
	-1},
    {"{\"tool_name\":\"a\",\"timeout\":6.0e2,\"retries\":1e2}", "a", "{}",
	600 * NS_PER_SEC, 3, 100},
    {"{\"tool_name\":\"\"}", "", "{}", DEFAULT_NS, 3, -1},
};

static void
test_good_bodies(void **state)
{
	struct envelope e;

	for (size_t i = 0; i < COUNT(good); i++) {
		if (read_body(&e, good[i].body, NULL) == -1)
			fail_msg("%s: %s", good[i].body, e.error);
		assert_string_equal(e.tool, good[i].tool);
		assert_int_equal(e.params_len, strlen(good[i].params));
		assert_memory_equal(e.params, good[i].params, e.params_len);
		assert_int_equal(e.timeout_ns, good[i].timeout_ns);
		assert_int_equal(e.priority, good[i].priority);
		assert_int_equal(e.retries, good[i].retries);
		envelope_free(&e);
	}
}

#define NAMED "{\"tool_name\":\"a\","
#define TIMEOUT "timeout must be over 0 and at most 600 seconds"
#define PRIORITY "priority must be an integer from 1 to 5"
#define RETRIES "retries must be an integer from 0 to 100"

static const struct {
	const char *text, *error;
} bad_bodies[] = {
    {"", "the body is not JSON: "},
    {"{", "the body is not JSON: "},
    {"{\"tool_name\":\"a\"}}", "the body is not JSON: "},
    {NAMED "\"tool_name\":\"b\"}", "tool_name is there twice"},
    {NAMED "\"params\":{},\"params\":{}}", "params is there twice"},
    {"{\"tool_name\":\"\xff\"}", "the body is not JSON: "},
    {NAMED "\"timeout\":1e999}", "timeout: number out of range"},
    {NAMED "\"params\":{\"x\":01}}", "the body is not JSON: "},
    {NAMED "\"par\\u0061ms\":{}}", "unknown member \"par\\u0061ms\""},
    {"null", "the body must be a JSON object"},
    {"[]", "the body must be a JSON object"},
    {"\"tool_name\"", "the body must be a JSON object"},
    {"{}", "tool_name is missing"},
    {"{\"params\":{}}", "tool_name is missing"},
    {"{\"tool_name\":null}", "tool_name must be a string"},
    {"{\"tool_name\":1}", "tool_name must be a string"},
    {"{\"tool_name\":[\"a\"]}", "tool_name must be a string"},
    {"{\"tool_name\":\"a\\u0000b\"}", "tool_name holds a NUL"},
    {NAMED "\"params\":null}", "params must be an object"},
    {NAMED "\"params\":[]}", "params must be an object"},
    {NAMED "\"params\":\"{}\"}", "params must be an object"},
    {NAMED "\"Params\":{}}", "unknown member \"Params\""},
    {NAMED "\"\":{}}", "unknown member \"\""},
    {NAMED "\"timeout\":\"1\"}", "timeout must be a number of seconds"},
    {NAMED "\"timeout\":null}", "timeout must be a number of seconds"},
    {NAMED "\"timeout\":true}", "timeout must be a number of seconds"},
    {NAMED "\"timeout\":0}", TIMEOUT},
    {NAMED "\"timeout\":-0.0}", TIMEOUT},
    {NAMED "\"timeout\":-1}", TIMEOUT},
    {NAMED "\"timeout\":600.001}", TIMEOUT},
    {NAMED "\"timeout\":1e300}", TIMEOUT},
    {NAMED "\"timeout\":18446744073709551615}", TIMEOUT},
    {NAMED "\"priority\":0}", PRIORITY},
    {NAMED "\"priority\":6}", PRIORITY},
    {NAMED "\"priority\":2.5}", PRIORITY},
    {NAMED "\"priority\":-1e300}", PRIORITY},
    {NAMED "\"priority\":4294967297}", PRIORITY},
    {NAMED "\"priority\":\"3\"}", "priority must be an integer"},
    {NAMED "\"retries\":-1}", RETRIES},
    {NAMED "\"retries\":101}", RETRIES},
    {NAMED "\"retries\":0.5}", RETRIES},
    {NAMED "\"retries\":[]}", "retries must be an integer"},
};

/* The reason, or its start when that ends with a blank. */
static void
check_error(const char *text, const char *error, const char *wanted)
{
	size_t len = strlen(wanted);

	if (len > 0 && wanted[len - 1] == ' ' ? strncmp(error, wanted, len) != 0
					      : strcmp(error, wanted) != 0)
		fail_msg("%s: \"%s\"", text, error);
}

static void
test_bad_bodies(void **state)
{
	struct envelope e;

	for (size_t i = 0; i < COUNT(bad_bodies); i++) {
		if (read_body(&e, bad_bodies[i].text, NULL) == 0)
			fail_msg("accepted: %s", bad_bodies[i].text);
		check_error(bad_bodies[i].text, e.error, bad_bodies[i].error);
		envelope_free(&e);
	}
}

/* Where the path names the tool, all of the body is parameters. */
static void
test_body_of_parameters(void **state)
{
	static const struct {
		const char *body, *params;
	} cases[] = {
	    {"", "{}"},
	    {"{}", "{}"},
	    {"{ \"tool_name\": 1, \"timeout\": null }",
		"{ \"tool_name\": 1, \"timeout\": null }"},
	    {"[]", NULL},
	    {"null", NULL},
	    {" ", NULL},
	    {"{", NULL},
	};
	struct envelope e;

	for (size_t i = 0; i < COUNT(cases); i++) {
		int rc = read_body(&e, cases[i].body, "echo");

		if ((rc == 0) != (cases[i].params != NULL))
			fail_msg("%s: %s", cases[i].body, e.error);
		assert_true((rc == -1) == (e.error[0] != '\0'));
		if (rc == 0) {
			assert_string_equal(e.tool, "echo");
			assert_int_equal(e.params_len, strlen(cases[i].params));
			assert_memory_equal(
			    e.params, cases[i].params, e.params_len);
			assert_int_equal(e.timeout_ns, DEFAULT_NS);
		}
		envelope_free(&e);
	}
}

static void
test_good_queries(void **state)
{
	static const struct {
		const char *uri;
		int64_t timeout_ns;
		int priority;
		int64_t retries;
	} cases[] = {
	    {"/x", DEFAULT_NS, 3, -1},
	    {"/x?", DEFAULT_NS, 3, -1},
	    {"/x?timeout=1.5", 3 * NS_PER_SEC / 2, 3, -1},
	    {"/x?retries=7&priority=1&timeout=6e2", 600 * NS_PER_SEC, 1, 7},
	    {"/x?timeout=%35", 5 * NS_PER_SEC, 3, -1},
	};
	struct envelope e;

	for (size_t i = 0; i < COUNT(cases); i++) {
		assert_int_equal(read_body(&e, "{}", "echo"), 0);
		if (envelope_read_query(&e, cases[i].uri, true) == -1)
			fail_msg("%s: %s", cases[i].uri, e.error);
		assert_int_equal(e.timeout_ns, cases[i].timeout_ns);
		assert_int_equal(e.priority, cases[i].priority);
		assert_int_equal(e.retries, cases[i].retries);
		envelope_free(&e);
	}
}

static const struct {
	const char *text, *error;
} bad_queries[] = {
    {"/x?timeout=", "timeout: "},
    {"/x?timeout=abc", "timeout: "},
    {"/x?timeout=%2b1", "timeout: "},
    {"/x?timeout=0x10", "timeout: "},
    {"/x?timeout=.5", "timeout: "},
    {"/x?timeout=1e999", "timeout: "},
    {"/x?timeout=inf", "timeout: "},
    {"/x?timeout=5%00", "the query holds a NUL"},
    {"/x?timeout=5&tim%00eout=6", "the query holds a NUL"},
    {"/x?timeout=%221%22", "timeout must be a number of seconds"},
    {"/x?timeout=[1]", "timeout must be a number of seconds"},
    {"/x?timeout=0", TIMEOUT},
    {"/x?timeout=601", TIMEOUT},
    {"/x?timeout=601&timeout=1", TIMEOUT},
    {"/x?priority=9", PRIORITY},
    {"/x?retries=-1", RETRIES},
    {"/x?priority=1&nonsense=1", "unknown query parameter \"nonsense\""},
    {"/x?tool_name=1", "unknown query parameter \"tool_name\""},
    {"/x?params={}", "unknown query parameter \"params\""},
    {"/x?Timeout=1", "unknown query parameter \"Timeout\""},
    {"/x?time%6fut=1", "unknown query parameter \"time%6fut\""},
    {"/x?timeout", "the query cannot be read"},
    {"/x?=1", "the query cannot be read"},
    {"/x?&", "the query cannot be read"},
};

static void
test_bad_queries(void **state)
{
	struct envelope e;

	for (size_t i = 0; i < COUNT(bad_queries); i++) {
		const char *uri = bad_queries[i].text;

		assert_int_equal(read_body(&e, "{}", "echo"), 0);
		if (envelope_read_query(&e, uri, true) == 0)
			fail_msg("accepted: %s", uri);
		check_error(uri, e.error, bad_queries[i].error);
		envelope_free(&e);
	}
}

static void
test_no_query_allowed(void **state)
{
	struct envelope e;

	assert_int_equal(read_body(&e, "{}", "echo"), 0);
	assert_int_equal(envelope_read_query(&e, "/x", false), 0);
	assert_int_equal(envelope_read_query(&e, "/x?", false), 0);
	assert_int_equal(envelope_read_query(&e, "/x?timeout=1", false), -1);
	assert_string_equal(e.error, "no query is allowed here");
	envelope_free(&e);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_good_bodies),
	    cmocka_unit_test(test_bad_bodies),
	    cmocka_unit_test(test_body_of_parameters),
	    cmocka_unit_test(test_good_queries),
	    cmocka_unit_test(test_bad_queries),
	    cmocka_unit_test(test_no_query_allowed),
	};

	return (cmocka_run_group_tests(tests, NULL, free_copy));
}
