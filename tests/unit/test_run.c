/*
 * The registry and the running of calls, with a table of tools of this
 * program's own in the place of the daemon's.
 *
 * Wraps: json_object_new_string json_object_new_string_len
 */

#include "test.h"

#include <json-c/json.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "agent/registry.h"
#include "agent/run.h"
#include "agent/tool.h"
#include "conf/conf.h"

#define MAX_BYTES 100
#define DEADLINE 123456789

/* There is no memory for the next string. */
static bool string_fails;

struct json_object *__real_json_object_new_string(const char *);
struct json_object *__real_json_object_new_string_len(const char *, int);
struct json_object *__wrap_json_object_new_string(const char *);
struct json_object *__wrap_json_object_new_string_len(const char *, int);

struct json_object *
__wrap_json_object_new_string(const char *text)
{
	if (!string_fails)
		return (__real_json_object_new_string(text));
	string_fails = false;
	return (NULL);
}

struct json_object *
__wrap_json_object_new_string_len(const char *text, int len)
{
	if (!string_fails)
		return (__real_json_object_new_string_len(text, len));
	string_fails = false;
	return (NULL);
}

static struct registry *registry;
static int setups;
static const struct conf *setup_conf;

static void
good_setup(const struct conf *conf)
{
	setups++;
	setup_conf = conf;
}

static void
good_run(struct tool_call *call)
{
	assert_int_equal(call->deadline_ns, DEADLINE);
	tool_add_string(call, "tool", call->entry->name);
	tool_add(call, "n", json_object_get(tool_param(call, "n")));
}

static void
failing_run(struct tool_call *call)
{
	tool_add_int(call, "lost", 1);
	tool_fail(call, "the answer is %d", 42);
	tool_fail(call, "and so it goes on");
}

/* As many bytes as told, with {"s":""} around them. */
static void
large_run(struct tool_call *call)
{
	int64_t n = tool_param_int(call, "n", 0);
	char *text = calloc(1, (size_t)n + 1);

	assert_non_null(text);
	memset(text, 'x', (size_t)n);
	tool_add_string(call, "s", text);
	free(text);
}

static void
memory_run(struct tool_call *call)
{
	tool_fail(call, "for want of memory");
	tool_add(call, "s", NULL);
}

#define WITH_N                                                             \
	"{\"type\":\"object\",\"required\":[\"n\"],\"properties\":{\"n\":" \
	"{\"type\":\"integer\"}},\"additionalProperties\":false}"

static const struct tool good = {
    "good", "Does it.", WITH_N, good_setup, good_run};
static const struct tool failing = {
    "failing", "Fails.", "true", NULL, failing_run};
static const struct tool large = {
    "large", "Says much.", WITH_N, good_setup, large_run};
static const struct tool memory = {
    "memory", "Has none.", "{}", NULL, memory_run};
/* What follows the name would end a longer one. */
static const char goo_name[16] = "goo";
static const struct tool goo = {
    goo_name, "Is no \"good\".", "{}", NULL, failing_run};

/* Gives what "give" names. */
static void
odd_run(struct tool_call *call)
{
	const char *give = tool_param_string(call, "give", "", NULL);
	struct json_object *deep = NULL, *array;

	if (strcmp(give, "null") == 0)
		tool_result(call, NULL);
	else if (strcmp(give, "string") == 0)
		tool_result(call, json_object_new_string("text"));
	else if (strcmp(give, "nan") == 0)
		tool_result(call, json_object_new_double(NAN));
	else if (strcmp(give, "bytes") == 0)
		tool_add_string(call, "s", "\xff");
	else if (strcmp(give, "message") == 0)
		tool_fail(call, "\xff says so \xe2\x82");
	for (int i = 0; i < atoi(give); i++) {
		array = json_object_new_array();
		json_object_array_add(array, deep);
		deep = array;
	}
	if (deep != NULL)
		tool_result(call, deep);
}

#define PROMISE \
	"{\"type\":\"object\",\"properties\":{\"s\":{\"type\":\"integer\"}}}"

static const struct tool odd = {"odd", "Gives.", "{}", NULL, odd_run};
static const struct tool picky = {
    "picky", "Promises.", "{}", NULL, odd_run, PROMISE};

const struct tool *const tools_table[] = {
    &memory,
    &odd,
    &picky,
    &good,
    &large,
    &goo,
    &failing,
    NULL,
};

static void
test_find(void **state)
{
	for (size_t i = 0; tools_table[i] != NULL; i++) {
		const char *name = tools_table[i]->name;
		const struct registry_entry *entry =
		    registry_find(registry, name, strlen(name));

		assert_non_null(entry);
		assert_ptr_equal(entry->spec, tools_table[i]);
	}
}

static void
test_find_nothing(void **state)
{
	static const struct {
		const char *name;
		size_t len;
	} cases[] = {
	    {"", 0},
	    {"g", 1},
	    {"good", 2},
	    {"goods", 5},
	    {"Good", 4},
	    {"aaa", 3},
	    {"zzz", 3},
	    {"good\0", 5},
	    {"goo\0d", 5},
	    {"goo\0\0\0", 6},
	    {"\0", 1},
	};

	for (size_t i = 0; i < COUNT(cases); i++)
		if (registry_find(registry, cases[i].name, cases[i].len) !=
		    NULL)
			fail_msg("case %zu", i);
	/* The name need not end where it is told to. */
	assert_ptr_equal(registry_find(registry, "goods", 4)->spec, &good);
	assert_ptr_equal(registry_find(registry, "good", 3)->spec, &goo);
}

static void
test_setup(void **state)
{
	static const struct conf conf;

	registry_setup(registry, &conf);
	assert_int_equal(setups, 2);
	assert_ptr_equal(setup_conf, &conf);
}

/* clang-format off */
#define SHOWN_RESULT(name, description, parameters, result)             \
	"{\"tool\":{\"name\":\"" name "\","                             \
	"\"description\":\"" description "\","                            \
	"\"parameters\":" parameters result ",\"kind\":\"builtin\","      \
	"\"idempotent\":true},"                                         \
	"\"policy\":{},"                                                \
	"\"digest\":\"0000000000000000\"}"
#define SHOWN(name, description, parameters) \
	SHOWN_RESULT(name, description, parameters, "")

static const char catalogue[] = "["
	SHOWN("failing", "Fails.", "true") ","
	SHOWN("goo", "Is no \\\"good\\\".", "{}") ","
	SHOWN("good", "Does it.", WITH_N) ","
	SHOWN("large", "Says much.", WITH_N) ","
	SHOWN("memory", "Has none.", "{}") ","
	SHOWN("odd", "Gives.", "{}") ","
	SHOWN_RESULT("picky", "Promises.", "{}", ",\"result\":" PROMISE)
	"]";
/* clang-format on */

#define DIGEST "\"digest\":\""

static void
test_catalogue(void **state)
{
	char *text = registry_catalogue(registry), *p = text;

	/* What the digests are is nobody's business. */
	while ((p = strstr(p, DIGEST)) != NULL) {
		p += strlen(DIGEST);
		memset(p, '0', strspn(p, "0123456789abcdef"));
	}
	assert_string_equal(text, catalogue);
	free(text);
}

#define UNFIT "\"the result does not fit its schema: "

static const struct {
	const char *tool, *params;
	enum wire_outcome outcome;
	const char *text;
} calls[] = {
    {"good", "{\"n\":7}", WIRE_OUTCOME_SUCCESS, "{\"tool\":\"good\",\"n\":7}"},
    {"good", " {\"n\" : 7} ", WIRE_OUTCOME_SUCCESS,
	"{\"tool\":\"good\",\"n\":7}"},
    {"good", "{}", WIRE_OUTCOME_INVALID,
	"[{\"pointer\":\"\",\"detail\":\"member \\\"n\\\" is required\"}]"},
    {"good", "{\"n\":\"x\",\"m\":1}", WIRE_OUTCOME_INVALID,
	"[{\"pointer\":\"/n\",\"detail\":\"must be integer, not string\"},"
	"{\"pointer\":\"/m\",\"detail\":\"unknown member\"}]"},
    {"good", "null", WIRE_OUTCOME_INVALID,
	"[{\"pointer\":\"\",\"detail\":\"must be object, not null\"}]"},
    {"good", "{", WIRE_OUTCOME_MALFORMED, "\"unexpected end at byte 1\""},
    {"good", "{\"n\":1e999}", WIRE_OUTCOME_MALFORMED,
	"\"number out of range\""},
    {"good", "{\"n\":1,\"n\":2}", WIRE_OUTCOME_MALFORMED,
	"\"member name used twice\""},
    {"good", "", WIRE_OUTCOME_MALFORMED, "\"empty text\""},
    {"failing", "null", WIRE_OUTCOME_FAILURE, "\"the answer is 42\""},
    {"memory", "{}", WIRE_OUTCOME_FAILURE, "\"out of memory\""},
    {"large", "{\"n\":92}", WIRE_OUTCOME_SUCCESS, NULL},
    {"large", "{\"n\":93}", WIRE_OUTCOME_FAILURE,
	"\"the answer has 101 bytes, but at most 100 are allowed "
	"(max_result)\""},
    {"odd", "{\"give\":\"null\"}", WIRE_OUTCOME_SUCCESS, "null"},
    {"odd", "{\"give\":\"string\"}", WIRE_OUTCOME_SUCCESS, "\"text\""},
    {"odd", "{\"give\":\"2\"}", WIRE_OUTCOME_SUCCESS, "[[null]]"},
    {"odd", "{\"give\":\"32\"}", WIRE_OUTCOME_SUCCESS, NULL},
    {"odd", "{\"give\":\"33\"}", WIRE_OUTCOME_FAILURE, NULL},
    {"odd", "{\"give\":\"nan\"}", WIRE_OUTCOME_FAILURE, NULL},
    {"odd", "{\"give\":\"bytes\"}", WIRE_OUTCOME_FAILURE, NULL},
    {"odd", "{\"give\":\"message\"}", WIRE_OUTCOME_FAILURE, "\"? says so \""},
    {"picky", "{}", WIRE_OUTCOME_SUCCESS, "{}"},
    {"picky", "{\"give\":\"string\"}", WIRE_OUTCOME_FAILURE,
	UNFIT "must be object, not string\""},
    {"picky", "{\"give\":\"bytes\"}", WIRE_OUTCOME_FAILURE,
	UNFIT "/s: must be integer, not string\""},
    {"picky", "{\"give\":\"message\"}", WIRE_OUTCOME_FAILURE, "\"? says so \""},
    {"nothing", "{}", WIRE_OUTCOME_UNKNOWN_TOOL, "\"nothing\""},
    {"nothing", "{", WIRE_OUTCOME_UNKNOWN_TOOL, "\"nothing\""},
    {"", "{}", WIRE_OUTCOME_UNKNOWN_TOOL, "\"\""},
};

static void
test_calls(void **state)
{
	for (size_t i = 0; i < COUNT(calls); i++) {
		struct run_answer answer = {0};

		run_call(&answer, registry, calls[i].tool,
		    strlen(calls[i].tool), calls[i].params,
		    strlen(calls[i].params), NULL, 0, DEADLINE, MAX_BYTES);
		assert_non_null(answer.text);
		assert_int_equal(answer.len, strlen(answer.text));
		if (answer.outcome != calls[i].outcome ||
		    (calls[i].text != NULL &&
			strcmp(answer.text, calls[i].text) != 0))
			fail_msg("%s(%s): %d, %s", calls[i].tool,
			    calls[i].params, (int)answer.outcome, answer.text);
		json_object_put(answer.value);
	}
}

/* The front end wants words with whatever is no success, never null. */
static void
test_no_memory_for_words(void **state)
{
	static const struct {
		const char *tool, *params;
	} cases[] = {
	    {"good", "{"},
	    {"failing", "null"},
	    {"nothing", "{}"},
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct run_answer answer = {0};

		string_fails = true;
		run_call(&answer, registry, cases[i].tool,
		    strlen(cases[i].tool), cases[i].params,
		    strlen(cases[i].params), NULL, 0, DEADLINE, MAX_BYTES);
		assert_false(string_fails);
		assert_int_equal(answer.outcome, WIRE_OUTCOME_FAILURE);
		assert_string_equal(answer.text, "\"out of memory\"");
		json_object_put(answer.value);
	}
}

/* The front end would take the agent for broken: so its tool is. */
static void
test_unsendable(void **state)
{
	static const struct {
		const char *params, *text;
	} cases[] = {
	    {"{\"give\":\"33\"}", "nesting deeper than 32"},
	    {"{\"give\":\"nan\"}", "unexpected"},
	    {"{\"give\":\"bytes\"}", "invalid UTF-8"},
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct run_answer answer = {0};

		run_call(&answer, registry, "odd", 3, cases[i].params,
		    strlen(cases[i].params), NULL, 0, DEADLINE, MAX_BYTES);
		assert_int_equal(answer.outcome, WIRE_OUTCOME_FAILURE);
		if (strstr(answer.text, "cannot be sent as JSON: ") == NULL ||
		    strstr(answer.text, cases[i].text) == NULL)
			fail_msg("%s", answer.text);
		json_object_put(answer.value);
	}
}

/* Neither name nor parameters end with a NUL. */
static void
test_call_from_a_frame(void **state)
{
	static const char frame[] = {
	    'g', 'o', 'o', 'd', '{', '"', 'n', '"', ':', '1', '}', '2'};
	struct run_answer answer = {0};

	run_call(&answer, registry, frame, 4, frame + 4, 7, NULL, 0, DEADLINE,
	    MAX_BYTES);
	assert_int_equal(answer.outcome, WIRE_OUTCOME_SUCCESS);
	assert_string_equal(answer.text, "{\"tool\":\"good\",\"n\":1}");
	json_object_put(answer.value);
}

static void
on_report(const char *line)
{
	print_error("%s\n", line);
}

static int
set_up(void **state)
{
	static const struct conf conf;
	size_t bad;

	registry = registry_load(&conf, on_report, &bad);
	return (registry == NULL || bad > 0 ? -1 : 0);
}

static int
tear_down(void **state)
{
	registry_free(registry);
	return (0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_find),
	    cmocka_unit_test(test_find_nothing),
	    cmocka_unit_test(test_setup),
	    cmocka_unit_test(test_catalogue),
	    cmocka_unit_test(test_calls),
	    cmocka_unit_test(test_no_memory_for_words),
	    cmocka_unit_test(test_unsendable),
	    cmocka_unit_test(test_call_from_a_frame),
	};

	return (cmocka_run_group_tests(tests, set_up, tear_down));
}
