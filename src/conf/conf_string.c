/*
 * The type of settings that are strings, and what lists of strings share with
 * it.  Called through conf_type.h only; keeps no state.  A string of a
 * configuration is always valid UTF-8 without control characters, so that it
 * can be logged and sent as JSON.
 */

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <json-c/json.h>
#include <utf8proc.h>

#include "common/json.h"
#include "common/pack.h"
#include "conf/conf_type.h"

/* Counts the characters of text; NULL, or what is wrong with them. */
static const char *
conf_string_measure(const char *text, int64_t *characters)
{
	const uint8_t *p = (const uint8_t *)text;
	utf8proc_ssize_t step;
	int32_t code;

	for (*characters = 0; *p != '\0'; p += step, ++*characters) {
		step = utf8proc_iterate(p, -1, &code);
		if (step <= 0)
			return ("not valid UTF-8");
		if (code < 0x20 || (code >= 0x7f && code < 0xa0))
			return ("it holds a control character");
	}
	return (NULL);
}

int
conf_string_check(const struct conf_setting *s, const char *text, int64_t min,
    int64_t max, char why[static CONF_WHY_SIZE])
{
	int64_t characters;
	const char *reason = conf_string_measure(text, &characters);

	if (reason == NULL && (characters < min || characters > max)) {
		snprintf(why, CONF_WHY_SIZE,
		    "expected from %lld to %lld characters", (long long)min,
		    (long long)max);
		return (-1);
	}
	if (reason == NULL && s->check != NULL)
		reason = s->check(text);
	if (reason == NULL)
		return (0);
	snprintf(why, CONF_WHY_SIZE, "%s", reason);
	return (-1);
}

/* Puts a copy of text, or NULL, in place of *at: 0, or -1 with errno. */
static int
conf_string_replace(char **at, const char *text)
{
	char *copy = text == NULL ? NULL : strdup(text);

	if (copy == NULL && text != NULL)
		return (-1);
	free(*at);
	*at = copy;
	return (0);
}

static int
conf_string_set(void *at, const struct conf_setting *s, const char *text,
    char why[static CONF_WHY_SIZE])
{
	if (conf_string_check(s, text, s->min, s->max, why) == -1)
		return (-1);
	if (conf_string_replace(at, text) == 0)
		return (0);
	snprintf(why, CONF_WHY_SIZE, "%s", strerror(errno));
	return (-1);
}

static int
conf_string_copy(void *to, const void *from)
{
	return (conf_string_replace(to, *(char *const *)from));
}

static bool
conf_string_equal(const void *a, const void *b)
{
	return (strcmp(*(char *const *)a, *(char *const *)b) == 0);
}

void
conf_string_quote(const char *text, FILE *fp)
{
	fputc('"', fp);
	for (; *text != '\0'; text++) {
		if (strchr("\"\\$", *text) != NULL)
			fputc('\\', fp);
		fputc(*text, fp);
	}
	fputc('"', fp);
}

static void
conf_string_print(const void *at, const struct conf_setting *s, FILE *fp)
{
	const char *text = *(char *const *)at;

	if (s->type == CONF_SECRET && text[0] != '\0')
		text = CONF_HIDDEN;
	conf_string_quote(text, fp);
}

static void
conf_string_clear(void *at)
{
	free(*(char **)at);
	*(char **)at = NULL;
}

static void
conf_string_pack(const void *at, struct pack *pack)
{
	pack_text(pack, *(char *const *)at);
}

static int
conf_string_unpack(void *at, struct unpack *unpack)
{
	const char *text = unpack_text(unpack);

	return (unpack->failed ? -1 : conf_string_replace(at, text));
}

static struct json_object *
conf_string_to_json(const void *at, const struct conf_setting *s)
{
	return (json_object_new_string(*(char *const *)at));
}

static int
conf_string_from_json(
    void *at, const struct conf_setting *s, struct json_object *json)
{
	const char *text = json_string(json);
	char why[CONF_WHY_SIZE];

	return (text == NULL ? -1 : conf_string_set(at, s, text, why));
}

const struct conf_type_ops conf_type_string = {
    .set = conf_string_set,
    .copy = conf_string_copy,
    .equal = conf_string_equal,
    .print = conf_string_print,
    .clear = conf_string_clear,
    .pack = conf_string_pack,
    .unpack = conf_string_unpack,
    .to_json = conf_string_to_json,
    .from_json = conf_string_from_json,
};
