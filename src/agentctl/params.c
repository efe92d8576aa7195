/*
 * Makes parameters of the words of a command line, in the way of HTTPie.  Owns
 * nothing.  What is JSON has to be what a daemon takes.
 */

#include "agentctl/params.h"

#include <errno.h>
#include <json-c/json.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <utf8proc.h>

#include "agentctl/message.h"
#include "common/json.h"
#include "common/utf8.h"

/* More than a daemon can be told to take. */
#define INPUT_MAX ((size_t)64 << 20)

/* A text in memory; owned is NULL when it is somebody else's. */
struct text {
	const char *at;
	size_t len;
	char *owned;
};

static bool __attribute__((format(printf, 2, 3)))
params_fail(char *why, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(why, PARAMS_WHY_SIZE, fmt, ap);
	va_end(ap);
	return (false);
}

static bool
params_is_utf8(const char *text, size_t len)
{
	utf8proc_int32_t point;
	utf8proc_ssize_t n;

	for (; len > 0; text += n, len -= (size_t)n) {
		n = utf8proc_iterate((const utf8proc_uint8_t *)text,
		    (utf8proc_ssize_t)len, &point);
		if (n <= 0)
			return (false);
	}
	return (true);
}

/* Reads to the end of file; name is for the reason. */
static bool
params_read(FILE *in, const char *name, struct text *text, char *why)
{
	size_t room = 4096, n;

	text->owned = message_need(malloc(room));
	text->len = 0;
	while (
	    (n = fread(text->owned + text->len, 1, room - text->len, in)) > 0) {
		text->len += n;
		if (text->len > INPUT_MAX)
			return (params_fail(why, "%s: too large", name));
		if (text->len == room)
			text->owned =
			    message_need(realloc(text->owned, room *= 2));
	}
	text->at = text->owned;
	if (ferror(in))
		return (params_fail(why, "%s: %s", name, strerror(errno)));
	return (true);
}

static bool
params_read_file(const char *path, struct text *text, char *why)
{
	FILE *in = fopen(path, "re");
	bool read;

	if (in == NULL)
		return (params_fail(why, "%s: %s", path, strerror(errno)));
	read = params_read(in, path, text, why);
	fclose(in);
	return (read);
}

/* The value of a word: what stands there, or in the file that it names. */
static bool
params_value(const char *value, struct text *text, char *why)
{
	if (value[0] == '@')
		return (params_read_file(value + 1, text, why));
	text->at = value + (value[0] == '\\' && value[1] == '@');
	text->len = strlen(text->at);
	return (true);
}

static bool
params_make_text(const char *name, const struct text *text,
    struct json_object **value, char *why)
{
	if (!params_is_utf8(text->at, text->len))
		return (params_fail(why, "%s: is not UTF-8", name));
	*value =
	    message_need(json_object_new_string_len(text->at, (int)text->len));
	return (true);
}

/* Editors begin files with a byte order mark; json_parse() refuses it. */
static bool
params_parse_json(const struct text *text, struct json_object **value,
    char reason[static JSON_REASON_SIZE])
{
	size_t mark = utf8_mark(text->at, text->len);

	return (json_parse(text->at + mark, text->len - mark, value, reason));
}

static bool
params_make_json(const char *name, const struct text *text,
    struct json_object **value, char *why)
{
	char reason[JSON_REASON_SIZE];

	if (params_parse_json(text, value, reason))
		return (true);
	return (params_fail(why, "%s: is not JSON: %s", name, reason));
}

/* Undoes the backslashes of name, which ends at its first bare "=" or ":=". */
static const char *
params_split(const char *word, char *name, bool *json)
{
	for (; *word != '\0'; word++) {
		*json = word[0] == ':' && word[1] == '=';
		if (*json || *word == '=') {
			*name = '\0';
			return (word + (*json ? 2 : 1));
		}
		if (*word == '\\' && word[1] != '\0' &&
		    strchr("=:\\", word[1]) != NULL)
			word++;
		*name++ = *word;
	}
	return (NULL);
}

static bool
params_add(struct json_object *params, struct json_object *seen,
    const char *name, struct json_object *value, char *why)
{
	if (json_object_object_get_ex(seen, name, NULL)) {
		json_object_put(value);
		return (params_fail(why, "%s: is given twice", name));
	}
	if (json_object_object_add(params, name, value) != 0 ||
	    json_object_object_add(seen, name, NULL) != 0)
		message_no_memory();
	return (true);
}

/* name has room for the whole word. */
static bool
params_word(struct json_object *params, struct json_object *seen,
    const char *word, char *name, char *why)
{
	struct json_object *value = NULL;
	struct text text = {0};
	bool json, made;
	const char *rest = params_split(word, name, &json);

	if (rest == NULL || name[0] == '\0')
		return (params_fail(
		    why, "%s: is neither name=text nor name:=json", word));
	if (!params_is_utf8(name, strlen(name)))
		return (params_fail(why, "%s: is not UTF-8", name));
	made = params_value(rest, &text, why) &&
	       (json ? params_make_json : params_make_text)(
		   name, &text, &value, why);
	free(text.owned);
	return (made && params_add(params, seen, name, value, why));
}

/* Whether a word is a whole object: -, @FILE or the text of one. */
static bool
params_is_object(const char *word)
{
	return (strcmp(word, "-") == 0 || word[0] == '@' || word[0] == '{');
}

/* Its text, and what it is called in reasons. */
static bool
params_object_text(
    const char *word, struct text *text, const char **name, char *why)
{
	if (word[0] == '{') {
		*name = "the parameters";
		return (params_value(word, text, why));
	}
	*name = word[0] == '-' ? "standard input" : word + 1;
	return (word[0] == '-' ? params_read(stdin, *name, text, why)
			       : params_read_file(*name, text, why));
}

static struct json_object *
params_object(const char *word, char *why)
{
	struct json_object *object = NULL;
	struct text text = {0};
	char reason[JSON_REASON_SIZE];
	const char *name;

	if (!params_object_text(word, &text, &name, why)) {
		free(text.owned);
		return (NULL);
	}
	if (!params_parse_json(&text, &object, reason))
		params_fail(why, "%s: is not JSON: %s", name, reason);
	else if (!json_object_is_type(object, json_type_object)) {
		params_fail(why, "%s: is no JSON object", name);
		json_object_put(object);
		object = NULL;
	}
	free(text.owned);
	return (object);
}

/* What the words add to: the object that one of them is, or an empty one. */
static struct json_object *
params_begin(char *const *words, size_t count, char *why)
{
	const char *object = NULL;

	for (size_t i = 0; i < count; i++) {
		if (!params_is_object(words[i]))
			continue;
		if (object != NULL) {
			params_fail(why, "%s: is a second object", words[i]);
			return (NULL);
		}
		object = words[i];
	}
	return (object != NULL ? params_object(object, why)
			       : message_need(json_object_new_object()));
}

struct json_object *
params_parse(char *const *words, size_t count, char why[static PARAMS_WHY_SIZE])
{
	struct json_object *params = params_begin(words, count, why);
	struct json_object *seen = message_need(json_object_new_object());
	bool good = params != NULL;

	for (size_t i = 0; good && i < count; i++) {
		char *name = message_need(malloc(strlen(words[i]) + 1));

		if (!params_is_object(words[i]))
			good = params_word(params, seen, words[i], name, why);
		free(name);
	}
	json_object_put(seen);
	if (good)
		return (params);
	json_object_put(params);
	return (NULL);
}

char *
params_read_text(
    const char *file, size_t *len, char why[static PARAMS_WHY_SIZE])
{
	struct text text = {0};
	bool good = strcmp(file, "-") == 0
			? params_read(stdin, "standard input", &text, why)
			: params_read_file(file, &text, why);

	*len = text.len;
	if (good)
		return (text.owned);
	free(text.owned);
	return (NULL);
}
