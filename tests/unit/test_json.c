/*
 * json_parse(), json_number() and json_text(): what a peer may send, each
 * thing that it may not, and that one text leaves no trace in the next.
 */

#include "config.h"

#include "test.h"

#include <dlfcn.h>
#include <errno.h>
#include <float.h>
#include <json-c/json.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/json.h"

#ifndef WITH_SANITIZERS
/* In the place of the C library's, for json-c too: the n-th fails. */
static int realloc_left = -1; /* -1: none */

void *
realloc(void *p, size_t size)
{
	static void *(*real)(void *, size_t);

	if (real == NULL)
		*(void **)&real = dlsym(RTLD_NEXT, "realloc");
	if (realloc_left >= 0 && realloc_left-- == 0) {
		errno = ENOMEM;
		return (NULL);
	}
	return (real(p, size));
}

/* One allocation after the other fails, until all is well. */
static void
starve(const char *text)
{
	struct json_object *values[2];
	char reason[JSON_REASON_SIZE];
	bool done = false;

	for (int n = 0; !done; n++) {
		realloc_left = n;
		if (!json_parse(text, strlen(text), &values[0], reason)) {
			assert_int_equal(errno, ENOMEM);
			assert_string_equal(reason, "out of memory");
			assert_null(values[0]);
			continue;
		}
		/* An array that cannot shrink is none the worse for it. */
		done = realloc_left >= 0;
		realloc_left = -1;
		assert_true(json_parse(text, strlen(text), &values[1], reason));
		assert_true(json_object_equal(values[0], values[1]));
		json_object_put(values[0]);
		json_object_put(values[1]);
	}
}

/* What is printed is whole, or there is none. */
static void
test_nothing_is_left_out_for_lack_of_memory(void **state)
{
	static char filling[20000];
	struct json_object *value = json_object_new_object(), *read;
	char reason[JSON_REASON_SIZE];
	const char *text = NULL;
	size_t len;

	memset(filling, 'x', sizeof(filling) - 1);
	json_object_object_add(
	    value, filling + 15000, json_object_new_string("\n\"e"));
	json_object_object_add(value, "first", json_object_new_string(filling));
	json_object_object_add(
	    value, "last", json_object_new_string(filling + 19000));
	for (int n = 0; text == NULL; n++) {
		realloc_left = n;
		text = json_text(value, &len);
		realloc_left = -1;
		if (text == NULL)
			assert_int_equal(errno, ENOMEM);
	}
	assert_true(json_parse(text, len, &read, reason));
	assert_true(json_object_equal(read, value));
	json_object_put(read);
	json_object_put(value);
}

/*
 * json-c says nothing when a string, a name or a number does not fit in its
 * buffer.  The tokener keeps its buffer, so each text is longer than those
 * before.
 */
static void
test_nothing_is_cut_for_lack_of_memory(void **state)
{
	static const char *const forms[][2] = {{"[1.5, ", ".5]"}, {"\"", "\""},
	    {"\"\\n", "\""}, {"[\"a\\u00e9\\ud83d\\ude00\", \"", "\\\"\"]"},
	    {"{\"", "\": 1}"}, {"{\"a\": {\"b\": \"x\", \"c\": \"", "\"}}"}};
	char reason[JSON_REASON_SIZE], filling[30000], text[30100];
	struct json_object *value;
	int size = 40;

	memset(filling, '1', sizeof(filling));
	for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
		/* 120 digits, which a double can hold, and then more. */
		size *= 3;
		snprintf(text, sizeof(text), "%s%.*s%s", forms[i][0], size,
		    filling, forms[i][1]);
		starve(text);
	}
	assert_false(json_parse("{", 1, &value, reason));
	assert_int_equal(errno, EINVAL);
}
#endif

struct refusal {
	const char *text;
	size_t len;
	const char *reason; /* a part of it */
};

#define TEXT(literal) literal, sizeof(literal) - 1

static const struct refusal refusals[] = {
    {TEXT(""), "empty text"},
    {TEXT(" \t\r\n"), "empty text"},
    {TEXT("{"), "unexpected end"},
    {TEXT("{\"a\":"), "unexpected end"},
    {TEXT("[1"), "unexpected end"},
    {TEXT("\"abc"), "without an end"},
    {TEXT("\"abc\\"), "without an end"},
    {TEXT("tru"), "unexpected character"},
    {TEXT("{} x"), "unexpected character at byte 3"},
    {TEXT("{} {}"), "at byte 3"},
    {TEXT("1 2"), "at byte 2"},
    {TEXT("{\"a\":2\"b\"}"), "unexpected character"},
    {TEXT("[1.5x]"), "at byte 4"},
    {TEXT("nullnull"), "at byte 4"},
    {TEXT("truefalse"), "at byte 4"},
    {TEXT("{}\0"), "unexpected character at byte 2"},
    {TEXT("\0"), "unexpected character at byte 0"},
    {TEXT("\"a\0b\""), "control character"},
    {TEXT("{\"a\\u0000b\":1}"), "NUL in a member name at byte 1"},
    {TEXT("[1,]"), "at byte 3"},
    {TEXT("{\"a\":1,}"), "at byte 7"},
    {TEXT("[1 2]"), "at byte 3"},
    {TEXT("[,1]"), "at byte 1"},
    {TEXT("{1:2}"), "at byte 1"},
    {TEXT("{\"a\" 1}"), "at byte 5"},
    {TEXT("{'a':1}"), "unexpected character at byte 1"},
    {TEXT("'a'"), "unexpected character"},
    {TEXT("[1]]"), "at byte 3"},
    {TEXT("[1}"), "at byte 2"},
    {TEXT("// c\n1"), "unexpected character"},
    {TEXT("/* c */1"), "unexpected character"},
    {TEXT("NaN"), "unexpected character"},
    {TEXT("Infinity"), "unexpected character"},
    {TEXT("-Infinity"), "digit missing"},
    {TEXT("True"), "unexpected character"},
    {TEXT("NULL"), "unexpected character"},
    {TEXT("-"), "digit missing"},
    {TEXT("+1"), "unexpected character"},
    {TEXT("--1"), "digit missing"},
    {TEXT("01"), "leading zero"},
    {TEXT("00"), "leading zero"},
    {TEXT("-01"), "leading zero"},
    {TEXT("01.5"), "leading zero"},
    {TEXT("1."), "digit missing"},
    {TEXT("1.e5"), "digit missing"},
    {TEXT(".5"), "unexpected character"},
    {TEXT("-.5"), "digit missing"},
    {TEXT("1e"), "digit missing"},
    {TEXT("1e+"), "digit missing"},
    {TEXT("0x10"), "unexpected character"},
    {TEXT("1e999"), "out of range"},
    {TEXT("[-1e999]"), "out of range"},
    {TEXT("{\"a\":[1e400]}"), "out of range"},
    {TEXT("18446744073709551616"), "out of range"},
    {TEXT("-9223372036854775809"), "out of range"},
    {TEXT("[100000000000000000000]"), "out of range"},
    {TEXT("\"\n\""), "control character"},
    {TEXT("\"\x1f\""), "control character"},
    {TEXT("\"\\x\""), "unknown escape"},
    {TEXT("\"\\u12g4\""), "unknown escape"},
    {TEXT("\"\\u12"), "unknown escape"},
    {TEXT("\"\\ud800\""), "surrogate"},
    {TEXT("\"\\ud800x\""), "surrogate"},
    {TEXT("\"\\ud800\\n\""), "surrogate"},
    {TEXT("\"\\ud800\\ud800\""), "surrogate"},
    {TEXT("\"\\udc00\""), "surrogate"},
    {TEXT("\"\xff\""), "invalid UTF-8"},
    {TEXT("\"\x80\""), "invalid UTF-8"},
    {TEXT("\"\xc3\""), "invalid UTF-8"},
    {TEXT("\"\xc0\xaf\""), "invalid UTF-8"},
    {TEXT("\"\xe0\x80\xaf\""), "invalid UTF-8"},
    {TEXT("\"\xed\xa0\x80\""), "invalid UTF-8"},
    {TEXT("\"\xf4\x90\x80\x80\""), "invalid UTF-8"},
    {TEXT("\xef\xbb\xbf{}"), "unexpected character at byte 0"},
    {TEXT("{\"a\":1,\"a\":2}"), "used twice"},
    {TEXT("{\"a\":1,\"\\u0061\":2}"), "used twice"},
    {TEXT("[{\"b\":{\"a\":1,\"a\":2}}]"), "used twice"},
};

/* Parsed and printed again. */
static const char *const accepted[][2] = {
    {"null", "null"},
    {" null ", "null"},
    {"true", "true"},
    {"\tfalse\r\n", "false"},
    {"0", "0"},
    {"-0", "0"},
    {"7", "7"},
    {"1e5", "1e5"},
    {"1E+5", "1E+5"},
    {"0.10", "0.10"},
    {"-1.5e-7", "-1.5e-7"},
    {"1e-999", "1e-999"},
    {"9223372036854775807", "9223372036854775807"},
    {"-9223372036854775808", "-9223372036854775808"},
    {"18446744073709551615", "18446744073709551615"},
    {"\"\"", "\"\""},
    {"\"/\\/\"", "\"//\""},
    {"\"\\\"\\\\\\b\\f\\n\\r\\t\"", "\"\\\"\\\\\\b\\f\\n\\r\\t\""},
    {"\"\\u00e9\\u0041\"", "\"\u00e9A\""},
    {"\"\\ud83d\\uDE00\"", "\"\U0001F600\""},
    {"\"\U0001F600\u00e9\x7f\"", "\"\U0001F600\u00e9\x7f\""},
    {"\"a\\u0000b\"", "\"a\\u0000b\""},
    {"\"[{'NaN\"", "\"[{'NaN\""},
    {"[]", "[]"},
    {"{}", "{}"},
    {" [ 1 , [ ] , { } ] ", "[1,[],{}]"},
    {"{\"a\":{\"a\":1},\"b\":[{\"a\":2}]}",
	"{\"a\":{\"a\":1},\"b\":[{\"a\":2}]}"},
};

static void
refuses(const char *text, size_t len, const char *part)
{
	char reason[JSON_REASON_SIZE];
	struct json_object *value;
	char *copy = malloc(len + 1);

	/* No byte more than the text, so that reading on is found out. */
	assert_non_null(copy);
	memcpy(copy, text, len);
	copy = realloc(copy, len > 0 ? len : 1);
	if (json_parse(copy, len, &value, reason))
		fail_msg("taken: %s", text);
	assert_int_equal(errno, EINVAL);
	assert_null(value);
	if (strstr(reason, part) == NULL)
		fail_msg("%s: \"%s\" lacks \"%s\"", text, reason, part);
	free(copy);
}

static void
accepts(const char *text, const char *printed)
{
	char reason[JSON_REASON_SIZE];
	struct json_object *value;
	size_t len;

	if (!json_parse(text, strlen(text), &value, reason))
		fail_msg("%s: %s", text, reason);
	assert_string_equal(json_text(value, &len), printed);
	assert_int_equal(len, strlen(printed));
	json_object_put(value);
}

static void
test_refuses_what_is_not_json(void **state)
{
	size_t i;

	for (i = 0; i < sizeof(refusals) / sizeof(refusals[0]); i++)
		refuses(refusals[i].text, refusals[i].len, refusals[i].reason);
}

static void
test_accepts_json(void **state)
{
	size_t i;

	for (i = 0; i < sizeof(accepted) / sizeof(accepted[0]); i++)
		accepts(accepted[i][0], accepted[i][1]);
}

static void
test_nothing_of_a_text_is_left_for_the_next(void **state)
{
	size_t i;

	for (i = 0; i < sizeof(refusals) / sizeof(refusals[0]); i++) {
		refuses(refusals[i].text, refusals[i].len, "");
		accepts(
		    "[\"\\u0041\",1,{\"b\":null}]", "[\"A\",1,{\"b\":null}]");
	}
}

/* depth times open, middle, depth times close. */
static char *
nested(int depth, char open, const char *middle, char close)
{
	size_t len = strlen(middle);
	char *text = malloc(2 * depth + len + 1);

	assert_non_null(text);
	memset(text, open, depth);
	memcpy(text + depth, middle, len);
	memset(text + depth + len, close, depth);
	text[2 * depth + len] = '\0';
	return (text);
}

static void
test_nesting_up_to_the_limit(void **state)
{
	static const char *const middles[] = {"", "1", "{}", "\"a\""};
	char *text;
	int depth;
	size_t i;

	for (i = 0; i < sizeof(middles) / sizeof(middles[0]); i++) {
		depth = JSON_DEPTH - (middles[i][0] == '{');
		text = nested(depth, '[', middles[i], ']');
		accepts(text, text);
		free(text);
		text = nested(depth + 1, '[', middles[i], ']');
		refuses(text, strlen(text), "nesting deeper than 32");
		free(text);
	}
	text = nested(10000, '[', "", ']');
	refuses(text, strlen(text), "nesting deeper than 32");
	free(text);
}

/* Arrays and objects by turns, beyond the bits of one word. */
static void
test_deepest_nesting(void **state)
{
	static const char unit[] = "[{\"a\":";
	char text[JSON_MAX_DEPTH * 8];
	size_t len = 0;

	json_limit_depth(JSON_MAX_DEPTH);
	for (int i = 0; i < JSON_MAX_DEPTH / 2; i++, len += sizeof(unit) - 1)
		memcpy(text + len, unit, sizeof(unit) - 1);
	text[len++] = '1';
	for (int i = 0; i < JSON_MAX_DEPTH / 2; i++, len += 2)
		memcpy(text + len, "}]", 2);
	text[len] = '\0';
	accepts(text, text);
	assert_true(json_valid(text, len));
	text[len - 1] = '}';
	assert_false(json_valid(text, len));
	memmove(text + 1, text, len);
	text[0] = '[';
	text[len] = ']';
	text[len + 1] = ']';
	text[len + 2] = '\0';
	refuses(text, len + 2, "nesting deeper than 136");
	assert_false(json_valid(text, len + 2));
	json_limit_depth(JSON_DEPTH);
}

static void
test_long_numbers_take_no_time(void **state)
{
	size_t len = 1 << 20;
	char reason[JSON_REASON_SIZE];
	struct json_object *value;
	char *text = malloc(len);

	assert_non_null(text);
	memset(text, '7', len);
	refuses(text, len, "out of range");
	text[1] = '.';
	assert_true(json_parse(text, len, &value, reason));
	json_object_put(value);
	free(text);
}

static void
test_number_is_the_shortest_that_reads_back(void **state)
{
	static const struct {
		double value;
		const char *text;
	} cases[] = {
	    {15, "15"},
	    {0, "0"},
	    {-0.0, "0"},
	    {-3, "-3"},
	    {0.1, "0.1"},
	    {0.1 + 0.2, "0.30000000000000004"},
	    {1.5, "1.5"},
	    {1.0 / 3, "0.3333333333333333"},
	    {100000000000000000, "100000000000000000"},
	    {9007199254740992, "9007199254740992"},
	    {-0x1p62, "-4611686018427387904"},
	    {1e19, "1e+19"},
	    {1e300, "1e+300"},
	    {1e-7, "1e-07"},
	    {5e-324, "5e-324"},
	    {DBL_MAX, "1.7976931348623157e+308"},
	    {DBL_MIN, "2.2250738585072014e-308"},
	};
	struct json_object *number;
	size_t i, len;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		number = json_number(cases[i].value);
		assert_string_equal(json_text(number, &len), cases[i].text);
		assert_true(strtod(cases[i].text, NULL) == cases[i].value);
		json_object_put(number);
	}
}

/* Texts that are JSON, or not only in their structure. */
static const struct valid_row {
	const char *text;
	bool valid;
} valid_rows[] = {
    {"1", true},
    {" \"x\" ", true},
    {"null", true},
    {"[]", true},
    {"{}", true},
    {"[[], {}, [{}]]", true},
    {"{\"a\": [1, {\"b\": null}], \"c\": \"d\"}", true},
    {"", false},
    {" ", false},
    {"1 2", false},
    {"1,2", false},
    {"[1 2]", false},
    {"[1,]", false},
    {"[,1]", false},
    {"[1", false},
    {"1]", false},
    {"[1}", false},
    {"{\"a\" 1}", false},
    {"{\"a\": 1,}", false},
    {"{\"a\"}", false},
    {"{1: 2}", false},
    {"{\"a\": 1 \"b\": 2}", false},
    {"{\"a\": [1}]", false},
    {"[1]: 2", false},
    {"1},{\"x\":2", false},
    {"\"a\": 1", false},
    {"[\"\xff\"]", false},
};

static void
test_valid_says_what_is_json(void **state)
{
	for (size_t i = 0; i < sizeof(valid_rows) / sizeof(valid_rows[0]);
	     i++) {
		const struct valid_row *row = &valid_rows[i];
		char reason[JSON_REASON_SIZE];
		struct json_object *value = NULL;

		if (json_valid(row->text, strlen(row->text)) != row->valid)
			fail_msg("%s", row->text);
		/* The parser agrees. */
		assert_int_equal(
		    json_parse(row->text, strlen(row->text), &value, reason),
		    row->valid);
		json_object_put(value);
	}
}

static void
test_string_is_whole_or_none(void **state)
{
	struct json_object *whole = json_object_new_string("a");
	struct json_object *cut = json_object_new_string_len("a\0b", 3);
	struct json_object *number = json_object_new_int(1);

	assert_string_equal(json_string(whole), "a");
	assert_null(json_string(cut));
	assert_null(json_string(number));
	assert_null(json_string(NULL));
	json_object_put(whole);
	json_object_put(cut);
	json_object_put(number);
}

static void
test_add_gives_up_the_object(void **state)
{
	struct json_object *object = json_object_new_object();
	size_t len;

	json_add(&object, "a", json_object_new_int(1));
	assert_string_equal(json_text(object, &len), "{\"a\":1}");
	json_add(&object, "b", NULL);
	assert_null(object);
	json_add(&object, "c", json_object_new_int(1));
	assert_null(object);
}

/* What is found in a text, as text again. */
static bool
note_found(void *arg, const struct json_found *found)
{
	char *notes = arg, note[128];

	snprintf(note, sizeof(note), "%.*s %zu %.*s %.*s\n", (int)found->len,
	    found->text, found->members, (int)found->name_len, found->name,
	    (int)found->value_len, found->value);
	strlcat(notes, note, 512);
	return (strstr(note, "stop") == NULL);
}

static int
each_object(const char *text, char notes[static 512])
{
	notes[0] = '\0';
	return (json_each_object(text, strlen(text), note_found, notes));
}

static void
test_each_object_of_a_text(void **state)
{
	char notes[512];

	assert_int_equal(
	    each_object("[1, {\"a\": [{\"b\":\"x\"}, 2] }, {\"c\":{\"d\":-1,"
			"\"e\" : null}}]",
		notes),
	    1);
	assert_string_equal(notes,
	    "{\"b\":\"x\"} 1 b \"x\"\n"
	    "{\"a\": [{\"b\":\"x\"}, 2] } 1 a [{\"b\":\"x\"}, 2]\n"
	    "{\"d\":-1,\"e\" : null} 2 e null\n"
	    "{\"c\":{\"d\":-1,\"e\" : null}} 1 c {\"d\":-1,\"e\" : null}\n");
	assert_int_equal(each_object("[{},{\"stop\":1},{}]", notes), 0);
	assert_string_equal(notes, "{} 0  \n{\"stop\":1} 1 stop 1\n");
	assert_int_equal(each_object("\"{}\"", notes), 1);
	assert_string_equal(notes, "");
	assert_int_equal(each_object("{\"a\":1", notes), -1);
	assert_int_equal(each_object("[}", notes), -1);
}

static void
test_explains_what_is_wrong(void **state)
{
	static const struct {
		const char *text, *why; /* NULL: nothing */
	} rows[] = {
	    {"", "empty text"},
	    {" ", "empty text"},
	    {"[1,2", "unexpected end at byte 4"},
	    {"[1,]", "a value is missing at byte 3"},
	    {"[}", "a value or ] is missing at byte 1"},
	    {"{1}", "a member's name or } is missing at byte 1"},
	    {"{\"a\":1,}", "a member's name is missing at byte 7"},
	    {"{\"a\" 1}", ": is missing at byte 5"},
	    {"[1 2]",
		"a comma or the end of an array or object is missing at byte "
		"3"},
	    {"1 2", "more than one value at byte 2"},
	    {"[01]", "number with a leading zero at byte 3"},
	    {"[\"\xff\"]", "invalid UTF-8 at byte 2"},
	    {"{\"a\":[1]}", NULL},
	    {"1", NULL},
	};
	char reason[JSON_REASON_SIZE];

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		bool wrong =
		    json_explain(rows[i].text, strlen(rows[i].text), reason);

		assert_int_equal(wrong, rows[i].why != NULL);
		if (wrong)
			assert_string_equal(reason, rows[i].why);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
#ifndef WITH_SANITIZERS
	    cmocka_unit_test(test_nothing_is_cut_for_lack_of_memory),
	    cmocka_unit_test(test_nothing_is_left_out_for_lack_of_memory),
#endif
	    cmocka_unit_test(test_valid_says_what_is_json),
	    cmocka_unit_test(test_refuses_what_is_not_json),
	    cmocka_unit_test(test_accepts_json),
	    cmocka_unit_test(test_each_object_of_a_text),
	    cmocka_unit_test(test_explains_what_is_wrong),
	    cmocka_unit_test(test_nothing_of_a_text_is_left_for_the_next),
	    cmocka_unit_test(test_nesting_up_to_the_limit),
	    cmocka_unit_test(test_deepest_nesting),
	    cmocka_unit_test(test_long_numbers_take_no_time),
	    cmocka_unit_test(test_number_is_the_shortest_that_reads_back),
	    cmocka_unit_test(test_string_is_whole_or_none),
	    cmocka_unit_test(test_add_gives_up_the_object),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
