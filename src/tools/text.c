/*
 * text: what is often wanted of a text.  Knows the parameters and results;
 * text_unicode.c knows characters.  Texts may hold U+0000, so that none of
 * them is handled as a C string.
 */

#include <json-c/json.h>
#include <stdlib.h>
#include <string.h>

#include "conf/conf.h"
#include "tools/text_unicode.h"
#include "tools/tools.h"

static const char parameters[] =
    "{"
    "\"$schema\": \"https://json-schema.org/draft/2020-12/schema\","
    "\"type\": \"object\","
    "\"properties\": {"
    "  \"operation\": {"
    "    \"type\": \"string\","
    "    \"enum\": [\"uppercase\", \"lowercase\", \"title\", \"reverse\","
    "      \"count\", \"trim\", \"replace\", \"split\", \"contains\","
    "      \"word_count\"],"
    "    \"description\": \"What to do with the text\""
    "  },"
    "  \"text\": {"
    "    \"type\": \"string\","
    "    \"description\": \"The text\""
    "  },"
    "  \"find\": {"
    "    \"type\": \"string\","
    "    \"description\": \"replace: what to look for; required\""
    "  },"
    "  \"replace_with\": {"
    "    \"type\": \"string\","
    "    \"default\": \"\","
    "    \"description\": \"replace: what to put in its place\""
    "  },"
    "  \"delimiter\": {"
    "    \"type\": \"string\","
    "    \"default\": \" \","
    "    \"description\": \"split: what the parts are separated by\""
    "  },"
    "  \"search\": {"
    "    \"type\": \"string\","
    "    \"description\": \"contains: what to look for; required\""
    "  }"
    "},"
    "\"required\": [\"operation\", \"text\"],"
    "\"additionalProperties\": false"
    "}";

/* A few bytes can stand for very many: the result is measured before made. */
static size_t max_result_bytes = 8 << 20;

static bool compatible; /* the setting */

static void
text_setup(const struct conf *conf)
{
	max_result_bytes = conf->max_result_bytes;
	compatible = conf->compatible;
}

static struct text_span
text_param(const struct tool_call *call, const char *name, const char *absent)
{
	struct text_span span;

	span.text = tool_param_string(call, name, absent, &span.len);
	return (span);
}

/* A parameter that may not be empty, or false and the call has failed. */
static bool
text_wanted(struct tool_call *call, const char *name, const char *absent,
    struct text_span *span)
{
	*span = text_param(call, name, absent);
	if (span->text == NULL)
		tool_fail(call, "%s is required for this operation", name);
	else if (span->len == 0)
		tool_fail(call, "%s must not be empty", name);
	return (call->outcome == TOOL_OK);
}

static void
text_add_param(struct tool_call *call, const char *member, const char *name)
{
	tool_add(call, member, json_object_get(tool_param(call, name)));
}

/* Takes over result, which may be NULL when there was no memory. */
static void
text_add_result(struct tool_call *call, char *result, size_t len)
{
	text_add_param(call, "original", "text");
	tool_add(call, "result",
	    result != NULL ? json_object_new_string_len(result, len) : NULL);
	free(result);
}

static void
text_case(struct tool_call *call, enum text_case to)
{
	struct text_span text = text_param(call, "text", "");
	size_t len = 0;
	char *mapped = text_map_case(text.text, text.len, to, &len);

	text_add_result(call, mapped, len);
}

static void
text_uppercase(struct tool_call *call)
{
	text_case(call, TEXT_UPPER);
}

static void
text_lowercase(struct tool_call *call)
{
	text_case(call, TEXT_LOWER);
}

static void
text_title(struct tool_call *call)
{
	text_case(call, TEXT_TITLE);
}

static void
text_backwards(struct tool_call *call)
{
	struct text_span text = text_param(call, "text", "");

	text_add_result(call, text_reverse(text.text, text.len), text.len);
}

static void
text_count_kinds(struct tool_call *call)
{
	struct text_span text = text_param(call, "text", "");
	struct text_counts counts = text_count(text.text, text.len);

	text_add_param(call, compatible ? "text" : "original", "text");
	tool_add_int(call, "total_chars", counts.total);
	tool_add_int(call, "letters", counts.letters);
	tool_add_int(call, "digits", counts.digits);
	tool_add_int(call, "spaces", counts.spaces);
	tool_add_int(call, "special_chars", counts.special);
}

static void
text_trimmed(struct tool_call *call)
{
	struct text_span text = text_param(call, "text", "");
	size_t len;
	const char *trimmed = text_trim(text.text, text.len, &len);

	text_add_param(call, "original", "text");
	tool_add_string_len(call, "result", trimmed, len);
}

static void
text_replace(struct tool_call *call)
{
	struct text_span text = text_param(call, "text", ""), find;
	struct text_span with = text_param(call, "replace_with", "");
	size_t n, len;
	char *result;

	if (!text_wanted(call, "find", NULL, &find))
		return;
	n = text_occurrences(text, find);
	if (__builtin_mul_overflow(n, with.len, &len) ||
	    __builtin_add_overflow(len, text.len - n * find.len, &len) ||
	    (len > text.len && len > max_result_bytes)) {
		tool_fail(call, "the result is too large");
		return;
	}
	result = malloc(len + 1);
	if (result != NULL)
		text_substitute(result, text, find, with);
	text_add_result(call, result, len);
	text_add_param(call, "find", "find");
	tool_add_string_len(call, "replace_with", with.text, with.len);
	tool_add_int(call, "occurrences", n);
}

/* Appends a string; on failure gives up the list, which is then NULL. */
static struct json_object *
text_append(struct json_object *list, const char *text, size_t len)
{
	struct json_object *item = json_object_new_string_len(text, len);

	if (list != NULL && item != NULL &&
	    json_object_array_add(list, item) == 0)
		return (list);
	json_object_put(item);
	json_object_put(list);
	return (NULL);
}

static void
text_split(struct tool_call *call)
{
	struct text_span text = text_param(call, "text", ""), by;
	const char *end = text.text + text.len, *at = text.text, *next;
	struct json_object *parts;
	size_t count = 1;

	if (!text_wanted(call, "delimiter", " ", &by))
		return;
	parts = json_object_new_array();
	while ((next = text_find(at, end, by)) != NULL) {
		parts = text_append(parts, at, next - at);
		if (parts == NULL)
			break;
		at = next + by.len;
		count++;
	}
	parts = text_append(parts, at, end - at);
	text_add_param(call, "original", "text");
	tool_add_string_len(call, "delimiter", by.text, by.len);
	tool_add(call, "result", parts);
	tool_add_int(call, "count", count);
}

static void
text_contains(struct tool_call *call)
{
	struct text_span search;
	size_t n;

	if (!text_wanted(call, "search", NULL, &search))
		return;
	n = text_occurrences(text_param(call, "text", ""), search);
	text_add_param(call, "text", "text");
	text_add_param(call, "search", "search");
	tool_add(call, "contains", json_object_new_boolean(n > 0));
	tool_add_int(call, "occurrences", n);
}

static void
text_word_count(struct tool_call *call)
{
	struct text_span text = text_param(call, "text", ""), word;
	struct json_object *words = json_object_new_array();
	size_t at = 0, count = 0;

	while ((word.text = text_next_word(
		    text.text, text.len, &at, &word.len)) != NULL) {
		words = text_append(words, word.text, word.len);
		if (words == NULL)
			break;
		count++;
	}
	text_add_param(call, "text", "text");
	tool_add_int(call, "word_count", count);
	tool_add(call, "words", words);
}

static const struct {
	const char *name;
	void (*run)(struct tool_call *);
} operations[] = {
    {"uppercase", text_uppercase},
    {"lowercase", text_lowercase},
    {"title", text_title},
    {"reverse", text_backwards},
    {"count", text_count_kinds},
    {"trim", text_trimmed},
    {"replace", text_replace},
    {"split", text_split},
    {"contains", text_contains},
    {"word_count", text_word_count},
};

static void
text_run(struct tool_call *call)
{
	const char *name = tool_param_string(call, "operation", "", NULL);
	size_t i = 0;

	/* The schema lets only these names through. */
	while (strcmp(operations[i].name, name) != 0)
		i++;
	tool_add_string(call, "operation", name);
	operations[i].run(call);
}

const struct tool tool_text = {
    .name = "text",
    .description = "Changes, searches, splits and counts text of any language",
    .parameters = parameters,
    .setup = text_setup,
    .run = text_run,
};
