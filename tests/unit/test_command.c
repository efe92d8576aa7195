/*
 * Tools that are commands: what a manifest may say, how parameters become
 * words, what a program may print.
 */

#include "kind_call.h"

#include "test.h"

#include <json-c/json.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agent/kinds/kind.h"
#include "agent/registry.h"
#include "common/log.h"
#include "common/sweep.h"
#include "open_fds.h"

#define PARAMETERS "\"parameters\": {\"properties\": {\"a\": {}, \"b\": {}}}"

#define SCRIPT_ERROR                                                          \
	"command: a parameter must not be a part of a script: give it as an " \
	"argument of its own"
#define OK_EXIT_ERROR "ok_exit: must be an array of statuses from 0 to 255"

/* A manifest without its braces and parameters; why it is refused. */
static const struct refusal {
	const char *manifest, *why;
} refusals[] = {
    {"\"command\": \"ls\"",
	"command: must be an array of the program and its arguments"},
    {"\"command\": []",
	"command: must be an array of the program and its arguments"},
    {"\"command\": null",
	"command: must be an array of the program and its arguments"},
    {"\"command\": [\"\"]", "command: the program has no name"},
    {"\"command\": [\"ls\", 1]", "command: element 1 is no string"},
    {"\"command\": [\"ls\", \"a\\u0000b\"]",
	"command: element 1 has a NUL in it"},
    {"\"command\": [\"ls\"], \"input\": \"xml\"",
	"input: must be \"json\" or \"none\""},
    {"\"command\": [\"ls\"], \"input\": \"none\\u0000\"",
	"input: must be \"json\" or \"none\""},
    {"\"command\": [\"ls\"], \"output\": \"text\\u0000y\"",
	"output: must be \"json\", \"text\", \"lines\" or \"base64\""},
    {"\"command\": [\"ls\"], \"output\": 1",
	"output: must be \"json\", \"text\", \"lines\" or \"base64\""},
    {"\"command\": [\"ls\"], \"media_type\": \"image/png\"",
	"media_type: belongs to the output \"base64\""},
    {"\"command\": [\"ls\"], \"output\": \"base64\", \"media_type\": 1",
	"media_type: must be a media type such as \"image/png\""},
    {"\"command\": [\"ls\"], \"output\": \"base64\", "
     "\"media_type\": \"png\"",
	"media_type: must be a media type such as \"image/png\""},
    {"\"command\": [\"ls\"], \"ok_exit\": 1", OK_EXIT_ERROR},
    {"\"command\": [\"ls\"], \"ok_exit\": []", OK_EXIT_ERROR},
    {"\"command\": [\"ls\"], \"ok_exit\": [-1]", OK_EXIT_ERROR},
    {"\"command\": [\"ls\"], \"ok_exit\": [0, 256]", OK_EXIT_ERROR},
    {"\"command\": [\"ls\"], \"ok_exit\": [0.5]", OK_EXIT_ERROR},
    {"\"command\": [\"ls\"], \"ok_exit\": [\"1\"]", OK_EXIT_ERROR},
    {"\"command\": [\"{a}\"]", "command: the program cannot be a placeholder"},
    {"\"command\": [\"ls\", \"{c}\"]",
	"command: \"{c}\": the parameters have no property of that name"},
    {"\"command\": [\"ls\", \"{c}\"], \"args\": [\"c\"]",
	"command: \"{c}\": the parameters have no property of that name"},
    {"\"command\": [\"ls\", \"{a}\"], \"args\": [\"a\", \"b\"]",
	"args: b: no element of the command has \"{b}\""},
    {"\"command\": [\"ls\"], \"args\": {\"a\": {}}",
	"args: a: no element of the command has \"{a}\""},
    {"\"command\": [\"ls\"], \"args\": \"a\"",
	"args: must be an array of names, or an object"},
    {"\"command\": [\"ls\"], \"args\": [1]",
	"args: must be an array of names, or an object"},
    {"\"command\": [\"ls\", \"{a}\"], \"args\": [\"a\\u0000b\"]",
	"args: element 0 has a NUL in it"},
    {"\"command\": [\"ls\"], \"args\": {\"a\": true}",
	"args: a: must be an object with nothing but a boolean \"dash\""},
    {"\"command\": [\"ls\"], \"args\": {\"a\": {\"dash\": 1}}",
	"args: a: must be an object with nothing but a boolean \"dash\""},
    {"\"command\": [\"ls\"], \"args\": {\"a\": {\"dush\": true}}",
	"args: a: must be an object with nothing but a boolean \"dash\""},
    {"\"command\": [\"ls\", [\"-l\"]]",
	"command: an array in it has no \"{name}\", so it cannot be left out"},
    {"\"command\": [\"ls\", []]", "command: element 1 is empty"},
    {"\"command\": [\"ls\", [\"{a}\", 1]]",
	"command: element 1 has an element that is no string without NUL"},
    {"\"command\": [[\"ls\", \"{a}\"]]", "command: element 0 is no string"},
    {"\"command\": [\"/bin/sh\", \"-c\", \"ls {a}\"]", SCRIPT_ERROR},
    {"\"command\": [\"env\", \"python3.11\", \"-c\", \"print('{a}')\"]",
	SCRIPT_ERROR},
};

static int fds_before;

static int
set_up(void **state)
{
	signal(SIGPIPE, SIG_IGN);
	log_set_level(LOG_ERR);
	fds_before = open_fds();
	return (sweep_enable());
}

static int
tear_down(void **state)
{
	assert_int_equal(sweep_all(KIND_CALL_MS), 0);
	assert_int_equal(open_fds(), fds_before);
	return (0);
}

static void
test_refusals(void **state)
{
	char manifest[512];

	for (size_t i = 0; i < COUNT(refusals); i++) {
		snprintf(manifest, sizeof(manifest), "{%s, " PARAMETERS "}",
		    refusals[i].manifest);
		kind_refuses(&kind_command, manifest, refusals[i].why);
	}
}

/* The toolbox with these words and further members. */
static struct registry_entry *
tool(const char *words, const char *members)
{
	struct registry_entry *entry;
	char *manifest;

	assert_int_not_equal(
	    asprintf(&manifest,
		"{\"command\": [\"%s\", %s], %s " PARAMETERS "}",
		kind_program("toolbox"), words, members),
	    -1);
	entry = kind_entry(&kind_command, "/tmp", manifest);
	free(manifest);
	return (entry);
}

static void
expect_once(const char *words, const char *members, const char *params,
    const char *outcome)
{
	struct registry_entry *entry = tool(words, members);

	kind_expect(entry, params, outcome);
	kind_entry_free(entry);
}

#define DASH_ERROR(name)                                                \
	"{\"error\":\"parameter \\\"" name "\\\": must not begin with " \
	"\\\"-\\\"\"}"
#define KIND_ERROR(name)                                                      \
	"{\"error\":\"parameter \\\"" name                                    \
	"\\\": only strings, numbers and booleans, or an array of them, can " \
	"be passed on\"}"

/* Parameters, and what the program sees in "{a}" and "{b}". */
static const struct {
	const char *params, *outcome;
} values[] = {
    {"{}", "{\"result\":[\"x\"]}"},
    {"{\"a\": \"one\"}", "{\"result\":[\"one\",\"x\"]}"},
    {"{\"b\": \"two\"}", "{\"result\":[\"x\",\"two\"]}"},
    {"{\"a\": \"\", \"b\": \"\"}", "{\"result\":[\"\",\"x\",\"\"]}"},
    {"{\"a\": null, \"b\": 1}", "{\"result\":[\"x\",\"1\"]}"},
    {"{\"a\": -5, \"b\": -2.5}", "{\"result\":[\"-5\",\"x\",\"-2.5\"]}"},
    {"{\"a\": true, \"b\": false}", "{\"result\":[\"true\",\"x\",\"false\"]}"},
    {"{\"a\": [\"p\", 2, true, null]}",
	"{\"result\":[\"p\",\"2\",\"true\",\"x\"]}"},
    {"{\"a\": []}", "{\"result\":[\"x\"]}"},
    {"{\"a\": {}}", KIND_ERROR("a")},
    {"{\"a\": [[1]]}", KIND_ERROR("a")},
    {"{\"a\": [{}]}", KIND_ERROR("a")},
    /* what attackers try */
    {"{\"a\": \"-rf\"}", DASH_ERROR("a")},
    {"{\"a\": \"--\"}", DASH_ERROR("a")},
    {"{\"a\": [\"fine\", \"-o\"]}", DASH_ERROR("a")},
    {"{\"a\": \"x\\u0000y\"}",
	"{\"error\":\"parameter \\\"a\\\": a NUL character cannot be passed "
	"on\"}"},
    {"{\"a\": \"; rm -rf / #\", \"b\": \"$(id)`id`\"}",
	"{\"result\":[\"; rm -rf / #\",\"x\",\"$(id)`id`\"]}"},
    {"{\"a\": \"{b}\", \"b\": \"{a}\"}",
	"{\"result\":[\"{b}\",\"x\",\"{a}\"]}"},
    {"{\"a\": \"two words\", \"b\": \"* ~ |\"}",
	"{\"result\":[\"two words\",\"x\",\"* ~ |\"]}"},
    {"{\"a\": \" -rf\"}", "{\"result\":[\" -rf\",\"x\"]}"},
};

static void
test_values(void **state)
{
	struct registry_entry *entry =
	    tool("\"arguments\", \"{a}\", \"x\", \"{b}\"", "");

	for (size_t i = 0; i < COUNT(values); i++)
		kind_expect(entry, values[i].params, values[i].outcome);
	kind_entry_free(entry);
}

static void
test_dash(void **state)
{
	struct registry_entry *entry = tool("\"arguments\", \"{a}\", \"{b}\"",
	    "\"args\": {\"a\": {\"dash\": true}, \"b\": {}},");

	kind_expect(entry, "{\"a\": \"-v\"}", "{\"result\":[\"-v\"]}");
	kind_expect(entry, "{\"b\": \"-v\"}", DASH_ERROR("b"));
	kind_entry_free(entry);
}

/* Templates of others, and those that are not listed, stand for themselves. */
static void
test_placeholders(void **state)
{
	expect_once("\"arguments\", \"{ a}\", \"{}\", \"{{a}}\", \"${a}\", "
		    "\"x{c}\"",
	    "", "{\"a\": \"1\"}",
	    "{\"result\":[\"{ a}\",\"{}\",\"{{a}}\",\"${a}\",\"x{c}\"]}");
	expect_once("\"arguments\", \"{a}\", \"{b}\", \"-o{print}\"",
	    "\"args\": [\"a\"],", "{\"a\": 1, \"b\": 2}",
	    "{\"result\":[\"1\",\"{b}\",\"-o{print}\"]}");
	expect_once("\"arguments\", \"{a}\", \"{a}\"", "", "{\"a\": 1}",
	    "{\"result\":[\"1\",\"1\"]}");
	expect_once("\"arguments\", [\"/bin/sh\", \"-c\", \"{a}\"]", "",
	    "{\"a\": \"x\"}", "{\"result\":[\"/bin/sh\",\"-c\",\"x\"]}");
}

static const struct {
	const char *words, *params, *outcome;
} parts[] = {
    {"\"--loud={a}\"", "{\"a\": 5}", "[\"--loud=5\"]"},
    {"\"--loud={a}\"", "{}", "[]"},
    {"\"--loud={a}\"", "{\"a\": \"\"}", "[\"--loud=\"]"},
    {"\"--loud={a}\"", "{\"a\": \"-x; y\"}", "[\"--loud=-x; y\"]"},
    {"\"{a}:{b}\"", "{\"a\": 1, \"b\": true}", "[\"1:true\"]"},
    {"\"{a}:{b}\"", "{\"a\": 1}", "[]"},
    {"\"{a}{a}\"", "{\"a\": \"{b}\"}", "[\"{b}{b}\"]"},
    {"\"-i{a}\"", "{\"a\": [1, 2]}", "[\"-i1\",\"-i2\"]"},
    {"\"-i{a}\"", "{\"a\": []}", "[]"},
    {"[\"-i\", \"{a}\"], \"end\"", "{\"a\": \"x\"}", "[\"-i\",\"x\",\"end\"]"},
    {"[\"-i\", \"{a}\"], \"end\"", "{}", "[\"end\"]"},
    {"[\"-i\", \"{a}\"], \"end\"", "{\"a\": null}", "[\"end\"]"},
    {"[\"-i\", \"{a}\"]", "{\"a\": [1, 2]}", "[\"-i\",\"1\",\"-i\",\"2\"]"},
    {"[\"-i\", \"{a}/{b}\"]", "{\"a\": [1, 2], \"b\": 3}",
	"[\"-i\",\"1/3\",\"-i\",\"2/3\"]"},
    {"[\"--x={a}\"]", "{}", "[]"},
};

/* A value as a part of an argument, and arguments that go together. */
static void
test_parts(void **state)
{
	for (size_t i = 0; i < COUNT(parts); i++) {
		char words[128], outcome[128];

		snprintf(
		    words, sizeof(words), "\"arguments\", %s", parts[i].words);
		snprintf(outcome, sizeof(outcome), "{\"result\":%s}",
		    parts[i].outcome);
		expect_once(words, "", parts[i].params, outcome);
	}
	expect_once("\"arguments\", \"{a}{b}\"", "",
	    "{\"a\": \"-r\", \"b\": 1}", DASH_ERROR("a"));
	expect_once(
	    "\"arguments\", \"x{a}\"", "", "{\"a\": {}}", KIND_ERROR("a"));
	expect_once("\"arguments\", \"{a}{b}\"", "", "{\"a\": [1], \"b\": [2]}",
	    "{\"error\":\"parameters \\\"a\\\" and \\\"b\\\": only one in an "
	    "argument can be an array\"}");
}

static void
test_too_long(void **state)
{
	struct registry_entry *entry = tool("\"arguments\", \"{a}\"", "");
	size_t sizes[] = {200 << 10, 2 << 20};
	static const char *const errors[] = {
	    "Argument list too long", "the arguments are too long"};

	for (size_t i = 0; i < COUNT(sizes); i++) {
		char *params = calloc(1, sizes[i] + 16);
		struct json_object *outcome;

		strlcpy(params, "{\"a\": \"", sizes[i]);
		memset(params + strlen(params), 'x', sizes[i]);
		strlcat(params, "\"}", sizes[i] + 16);
		outcome = kind_call(entry, params, KIND_CALL_MS);
		assert_non_null(
		    strstr(json_object_to_json_string(outcome), errors[i]));
		json_object_put(outcome);
		free(params);
	}
	kind_entry_free(entry);
}

static void
test_input(void **state)
{
	expect_once("\"cat\"", "", "{\"a\": [1, \"\\n\"]}",
	    "{\"result\":{\"a\":[1,\"\\n\"]}}");
	expect_once("\"cat\"", "\"input\": \"none\", \"output\": \"text\",",
	    "{\"a\": 1}", "{\"result\":\"\"}");
}

/* What is printed, how it is read, what comes of it. */
static const struct {
	const char *words, *output, *outcome;
} outputs[] = {
    {"\"say\", \" [1, 2] \"", "json", "{\"result\":[1,2]}"},
    {"\"say\", \"null\"", "json", "{\"result\":null}"},
    {"\"say\", \"\\\"text\\\"\"", "json", "{\"result\":\"text\"}"},
    {"\"say\"", "json", "{\"result\":null}"},
    {"\"say\", \" \\t\", \"\"", "json", "{\"result\":null}"},
    {"\"half\"", "json",
	"{\"error\":\"printed no JSON: unexpected end at byte 14: "
	"{\\\"half\\\": [1, 2\"}"},
    {"\"say\", \"{} {}\"", "json",
	"{\"error\":\"printed no JSON: unexpected character at byte 3: "
	"{} {}\"}"},
    {"\"say\", \"a\", \"b\", \"\"", "text", "{\"result\":\"a\\nb\\n\"}"},
    {"\"say\", \"a\", \"\", \"b\"", "lines", "{\"result\":[\"a\",\"\",\"b\"]}"},
    {"\"say\"", "text", "{\"result\":\"\"}"},
    {"\"say\"", "lines", "{\"result\":[]}"},
    {"\"say\", \"\"", "lines", "{\"result\":[\"\"]}"},
    {"\"binary\"", "text", "{\"result\":\"a?b?c\"}"},
    {"\"binary\"", "lines", "{\"result\":[\"a?b?c\"]}"},
    {"\"exit\", \"3\", \"bad luck\"", "json",
	"{\"error\":\"exited with status 3: bad luck\"}"},
    {"\"exit\", \"1\"", "text", "{\"error\":\"exited with status 1\"}"},
    {"\"signal\", \"9\"", "text",
	"{\"error\":\"was killed by signal 9 (Killed)\"}"},
    {"\"print\", \"100000000\"", "json",
	"{\"error\":\"the output limit of 1m was exceeded\"}"},
};

/* A script, further members, and what comes of it. */
static const struct {
	const char *script, *members, *outcome;
} ends[] = {
    {"exit 1", "\"ok_exit\": [0, 1],", "{\"result\":null}"},
    {"echo 5; exit 7", "\"ok_exit\": [7],", "{\"result\":5}"},
    {"echo 5", "\"ok_exit\": [7],", "{\"error\":\"exited with status 0: 5\"}"},
    {"exit 2", "\"ok_exit\": [0, 1],", "{\"error\":\"exited with status 2\"}"},
    {"kill -9 $$", "\"ok_exit\": [0, 9, 137],",
	"{\"error\":\"was killed by signal 9 (Killed)\"}"},
    {"echo 2 tests failed; exit 1", "",
	"{\"error\":\"exited with status 1: 2 tests failed\"}"},
    {"echo out; echo err >&2; exit 1", "",
	"{\"error\":\"exited with status 1: err\\nstandard output: out\"}"},
    {"echo out; echo err >&2", "",
	"{\"error\":\"printed no JSON: unexpected character at byte 0: "
	"err\\nstandard output: out\"}"},
    {"printf 'a\\\\377\\\\000\\\\033b'; exit 1", "",
	"{\"error\":\"exited with status 1: a???b\"}"},
    {"printf 'M\\\\000\\\\377'", "\"output\": \"base64\",",
	"{\"result\":{\"media_type\":\"application/octet-stream\","
	"\"data\":\"TQD/\"}}"},
    {"printf Ma", "\"output\": \"base64\", \"media_type\": \"image/png\",",
	"{\"result\":{\"media_type\":\"image/png\",\"data\":\"TWE=\"}}"},
    {"printf '\\\\357\\\\273\\\\277[1]'", "", "{\"result\":[1]}"},
    {"printf '\\\\357\\\\273\\\\277a'", "\"output\": \"text\",",
	"{\"result\":\"a\"}"},
    {"printf '\\\\357\\\\273\\\\277'", "\"output\": \"lines\",",
	"{\"result\":[]}"},
    {"printf '\\\\357\\\\273\\\\277'", "\"output\": \"base64\",",
	"{\"result\":{\"media_type\":\"application/octet-stream\","
	"\"data\":\"77u/\"}}"},
    {"exit 0", "\"output\": \"base64\",",
	"{\"result\":{\"media_type\":\"application/octet-stream\","
	"\"data\":\"\"}}"},
};

static struct registry_entry *
script(const char *text, const char *members)
{
	struct registry_entry *entry;
	char manifest[512];

	snprintf(manifest, sizeof(manifest),
	    "{\"command\": [\"sh\", \"-c\", \"%s\"], %s " PARAMETERS "}", text,
	    members);
	entry = kind_entry(&kind_command, "/tmp", manifest);
	entry->policy.stderr_bytes = 64;
	return (entry);
}

static void
test_ends(void **state)
{
	for (size_t i = 0; i < COUNT(ends); i++) {
		struct registry_entry *entry =
		    script(ends[i].script, ends[i].members);

		kind_expect(entry, "{}", ends[i].outcome);
		kind_entry_free(entry);
	}
}

/* No more of the output is shown than of what is said of it. */
static void
test_long_output(void **state)
{
	struct registry_entry *entry =
	    script("echo first; echo second; exit 1", "");

	entry->policy.stderr_bytes = 9;
	kind_expect(
	    entry, "{}", "{\"error\":\"exited with status 1: second\"}");
	entry->policy.stderr_bytes = 0;
	kind_expect(entry, "{}", "{\"error\":\"exited with status 1\"}");
	kind_entry_free(entry);
}

static void
test_output(void **state)
{
	char members[64];

	for (size_t i = 0; i < COUNT(outputs); i++) {
		snprintf(members, sizeof(members), "\"output\": \"%s\",",
		    outputs[i].output);
		expect_once(
		    outputs[i].words, members, "{}", outputs[i].outcome);
	}
}

/* Depth 33: one more than the daemon's limit. */
static void
test_depth(void **state)
{
	char words[256] = "\"say\", \"", *end = words + strlen(words);

	memset(end, '[', 33);
	memset(end + 33, ']', 33);
	strlcpy(end + 66, "\"", 2);
	expect_once(words, "", "{}",
	    "{\"error\":\"printed no JSON: nesting deeper than 32 at byte "
	    "32: [[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[["
	    "]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]\"}");
}

static void
test_no_program(void **state)
{
	struct registry_entry *entry = kind_entry(&kind_command, "/tmp",
	    "{\"command\": [\"./no/such\"], " PARAMETERS "}");

	kind_expect(entry, "{}",
	    "{\"error\":\"cannot run the program: "
	    "No such file or directory\"}");
	kind_entry_free(entry);
}

static void
test_expired(void **state)
{
	struct registry_entry *entry = tool("\"stubborn\"", "");
	struct json_object *outcome = kind_call(entry, "{}", 100);

	assert_string_equal(json_object_to_json_string(outcome),
	    "{ \"expired\": \"did not end before its deadline\" }");
	json_object_put(outcome);
	kind_entry_free(entry);
}

/* As good as expired at its start: it is not the tool that failed. */
static void
test_late(void **state)
{
	struct registry_entry *entry = tool("\"stubborn\"", "");
	struct json_object *outcome = kind_call(entry, "{}", 0);

	assert_true(json_object_object_get_ex(outcome, "expired", NULL));
	json_object_put(outcome);
	kind_entry_free(entry);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(test_refusals),
	    TEST(test_values),
	    TEST(test_dash),
	    TEST(test_placeholders),
	    TEST(test_parts),
	    TEST(test_too_long),
	    TEST(test_input),
	    TEST(test_output),
	    TEST(test_ends),
	    TEST(test_long_output),
	    TEST(test_depth),
	    TEST(test_no_program),
	    TEST(test_expired),
	    TEST(test_late),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
