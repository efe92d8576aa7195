/*
 * text: each operation with plain and with awkward texts.
 */

#include "test.h"

#include <json-c/json.h>
#include <stdlib.h>
#include <string.h>

#include "call.h"
#include "common/json.h"
#include "conf/conf.h"
#include "tools/tools.h"

#define OP(op, text) "{\"operation\":\"" op "\",\"text\":\"" text "\"}"
#define OP_WITH(op, text, more) \
	"{\"operation\":\"" op "\",\"text\":\"" text "\"," more "}"
#define GIVES(op, text, more) \
	"{\"operation\":\"" op "\",\"original\":\"" text "\"," more "}"
#define MAPS(op, text, result)                                             \
	{                                                                  \
		OP(op, text), GIVES(op, text, "\"result\":\"" result "\"") \
	}

static const struct call_sample cases[] = {
    MAPS("uppercase", "Hello, World 1", "HELLO, WORLD 1"),
    MAPS("uppercase", "", ""),
    MAPS("uppercase", "\u00e4\u00f6\u03c9\u0436", "\u00c4\u00d6\u03a9\u0416"),
    MAPS("uppercase", "a\\u0000b", "A\\u0000B"),
    /* One that takes more bytes in the other case. */
    MAPS("uppercase", "\u0250", "\u2c6f"),
    MAPS("lowercase", "HELLO \u00c4\u0416", "hello \u00e4\u0436"),
    MAPS("title", "hello wORLD", "Hello World"),
    MAPS("title", "don't 'stop' me", "Don't 'Stop' Me"),
    MAPS("title", "\u00e9t\u00e9-\u0436\u0443\u043a 2nd x2y",
	"\u00c9t\u00e9-\u0416\u0443\u043a 2nd X2y"),
    MAPS("title", "e\u0301te\u0301", "E\u0301te\u0301"),
    /* The letter dz has a title case of its own. */
    MAPS("title", "\u01c6", "\u01c5"),
};

static const struct call_sample reversals[] = {
    MAPS("reverse", "", ""),
    MAPS("reverse", "abc", "cba"),
    MAPS("reverse", "a\u00e9\u4e2d", "\u4e2d\u00e9a"),
    MAPS("reverse", "a\\u0000b", "b\\u0000a"),
    /* combining accent, Hangul syllable in parts */
    MAPS("reverse", "xe\u0301y", "ye\u0301x"),
    MAPS("reverse", "a\u1112\u1161\u11abb", "b\u1112\u1161\u11aba"),
    /* flags, a family, a thumb with skin colour */
    MAPS("reverse", "\U0001F1E9\U0001F1EA\U0001F1EB\U0001F1F7",
	"\U0001F1EB\U0001F1F7\U0001F1E9\U0001F1EA"),
    MAPS("reverse", "1\U0001F468\u200D\U0001F469\u200D\U0001F4672",
	"2\U0001F468\u200D\U0001F469\u200D\U0001F4671"),
    MAPS("reverse", "\U0001F44D\U0001F3FDx", "x\U0001F44D\U0001F3FD"),
    MAPS("reverse", "a\\r\\nb", "b\\r\\na"),
};

static const struct call_sample trims[] = {
    MAPS("trim", "  a b\\t\\n", "a b"),
    MAPS("trim", "", ""),
    MAPS("trim", " \\t ", ""),
    MAPS("trim", "\u00a0\u2003\u3000a\u2028\xc2\x85", "a"),
    MAPS("trim", "\u200ba", "\u200ba"),
    MAPS("trim", "\\u0000 a", "\\u0000 a"),
};

#define COUNTS(total, letters, digits, spaces, special)                        \
	"\"total_chars\":" total ",\"letters\":" letters ",\"digits\":" digits \
	",\"spaces\":" spaces ",\"special_chars\":" special

static const struct call_sample counts[] = {
    {OP("count", ""), GIVES("count", "", COUNTS("0", "0", "0", "0", "0"))},
    {OP("count", "Hi 42!"),
	GIVES("count", "Hi 42!", COUNTS("6", "2", "2", "1", "1"))},
    {OP("count", "\u00e9\u0663\u3000\U0001F600\u4e2d"),
	GIVES("count", "\u00e9\u0663\u3000\U0001F600\u4e2d",
	    COUNTS("5", "2", "1", "1", "1"))},
    {OP("count", "e\u0301\\u0000"),
	GIVES("count", "e\u0301\\u0000", COUNTS("3", "1", "0", "0", "2"))},
};

#define REPLACE(text, find, with) \
	OP_WITH("replace", text,  \
	    "\"find\":\"" find "\",\"replace_with\":\"" with "\"")
#define REPLACED(text, result, find, with, n)            \
	GIVES("replace", text,                           \
	    "\"result\":\"" result "\",\"find\":\"" find \
	    "\",\"replace_with\":\"" with "\",\"occurrences\":" n)

static const struct call_sample replacements[] = {
    {REPLACE("a-b-c", "-", "+"), REPLACED("a-b-c", "a+b+c", "-", "+", "2")},
    {REPLACE("aaaa", "aa", "b"), REPLACED("aaaa", "bb", "aa", "b", "2")},
    {REPLACE("aaa", "aa", ""), REPLACED("aaa", "a", "aa", "", "1")},
    {REPLACE("abc", "x", "y"), REPLACED("abc", "abc", "x", "y", "0")},
    {REPLACE("", "x", "y"), REPLACED("", "", "x", "y", "0")},
    {REPLACE("a\\u0000b", "\\u0000", "\u00e9"),
	REPLACED("a\\u0000b", "a\u00e9b", "\\u0000", "\u00e9", "1")},
    {OP_WITH("replace", "aba", "\"find\":\"a\""),
	REPLACED("aba", "b", "a", "", "2")},
    {OP("replace", "a"), "find is required for this operation"},
    {REPLACE("a", "", "b"), "find must not be empty"},
};

#define SPLIT(text, by) OP_WITH("split", text, "\"delimiter\":\"" by "\"")
#define PARTS(text, by, parts, n) \
	GIVES("split", text,      \
	    "\"delimiter\":\"" by "\",\"result\":[" parts "],\"count\":" n)

static const struct call_sample splits[] = {
    {OP("split", "a b"), PARTS("a b", " ", "\"a\",\"b\"", "2")},
    {SPLIT("a,b,,c", ","), PARTS("a,b,,c", ",", "\"a\",\"b\",\"\",\"c\"", "4")},
    {SPLIT(",", ","), PARTS(",", ",", "\"\",\"\"", "2")},
    {SPLIT("", ","), PARTS("", ",", "\"\"", "1")},
    {SPLIT("a--b", "--"), PARTS("a--b", "--", "\"a\",\"b\"", "2")},
    {SPLIT("a\\u0000b", "\\u0000"),
	PARTS("a\\u0000b", "\\u0000", "\"a\",\"b\"", "2")},
    {SPLIT("a", ""), "delimiter must not be empty"},
};

#define SEARCH(text, what) OP_WITH("contains", text, "\"search\":\"" what "\"")
#define FOUND(text, what, yes, n)                                              \
	"{\"operation\":\"contains\",\"text\":\"" text "\",\"search\":\"" what \
	"\",\"contains\":" yes ",\"occurrences\":" n "}"

static const struct call_sample searches[] = {
    {SEARCH("banana", "an"), FOUND("banana", "an", "true", "2")},
    {SEARCH("banana", "x"), FOUND("banana", "x", "false", "0")},
    {SEARCH("", "x"), FOUND("", "x", "false", "0")},
    {SEARCH("a\\u0000b", "b"), FOUND("a\\u0000b", "b", "true", "1")},
    {OP("contains", "a"), "search is required for this operation"},
    {SEARCH("a", ""), "search must not be empty"},
};

#define WORDS(text, n, words)                            \
	"{\"operation\":\"word_count\",\"text\":\"" text \
	"\",\"word_count\":" n ",\"words\":[" words "]}"

static const struct call_sample words[] = {
    {OP("word_count", ""), WORDS("", "0", "")},
    {OP("word_count", " \\n "), WORDS(" \\n ", "0", "")},
    {OP("word_count", "one"), WORDS("one", "1", "\"one\"")},
    {OP("word_count", " one\u2003two,  3\\n"),
	WORDS(" one\u2003two,  3\\n", "3", "\"one\",\"two,\",\"3\"")},
    {OP("word_count", "a\\u0000b c"),
	WORDS("a\\u0000b c", "2", "\"a\\u0000b\",\"c\"")},
};

static const struct call_sample invalid[] = {
    {"{\"text\":\"a\"}", "member \\\"operation\\\" is required"},
    {"{\"operation\":\"trim\"}", "member \\\"text\\\" is required"},
    {"{\"operation\":\"trim\",\"text\":1}", "\"pointer\":\"/text\""},
    {OP("rot13", "a"), "must be one of"},
};

static void
test_case_mapping(void **state)
{
	call_samples(&tool_text, cases, COUNT(cases));
}

static void
test_reverse_keeps_clusters(void **state)
{
	call_samples(&tool_text, reversals, COUNT(reversals));
}

static void
test_trim(void **state)
{
	call_samples(&tool_text, trims, COUNT(trims));
}

static void
test_count(void **state)
{
	call_samples(&tool_text, counts, COUNT(counts));
}

static void
test_replace(void **state)
{
	call_samples(&tool_text, replacements, COUNT(replacements));
}

static void
test_split(void **state)
{
	call_samples(&tool_text, splits, COUNT(splits));
}

static void
test_contains(void **state)
{
	call_samples(&tool_text, searches, COUNT(searches));
}

static void
test_word_count(void **state)
{
	call_samples(&tool_text, words, COUNT(words));
}

static void
test_invalid_params(void **state)
{
	call_samples(&tool_text, invalid, COUNT(invalid));
}

/* n bytes that are all c, as JSON. */
static struct json_object *
filled(size_t n, char c)
{
	struct json_object *value;
	char *text = malloc(n);

	assert_non_null(text);
	memset(text, c, n);
	value = json_object_new_string_len(text, n);
	free(text);
	return (value);
}

static void
test_result_that_would_fill_the_memory(void **state)
{
	const struct conf conf = {.max_result_bytes = 1 << 20};
	struct json_object *params = json_object_new_object(), *outcome;

	tool_text.setup(&conf);
	json_object_object_add(
	    params, "operation", json_object_new_string("replace"));
	json_object_object_add(params, "text", filled(500000, 'a'));
	json_object_object_add(params, "find", json_object_new_string("a"));
	json_object_object_add(params, "replace_with", filled(500000, 'b'));
	outcome = call_tool_within(&tool_text, params, 10000);
	assert_string_equal(
	    json_object_get_string(json_object_object_get(outcome, "error")),
	    "the result is too large");
	json_object_put(outcome);
	json_object_put(params);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_case_mapping),
	    cmocka_unit_test(test_reverse_keeps_clusters),
	    cmocka_unit_test(test_trim),
	    cmocka_unit_test(test_count),
	    cmocka_unit_test(test_replace),
	    cmocka_unit_test(test_split),
	    cmocka_unit_test(test_contains),
	    cmocka_unit_test(test_word_count),
	    cmocka_unit_test(test_invalid_params),
	    cmocka_unit_test(test_result_that_would_fill_the_memory),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
