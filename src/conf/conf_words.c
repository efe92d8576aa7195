/*
 * The type of settings that are a set of words, each of them a bit of a number.
 * Called through conf_type.h only; keeps no state.
 */

#include <stdio.h>
#include <string.h>

#include <json-c/json.h>

#include "conf/conf_type.h"

/* The word at text, of so many bytes, or NULL. */
static const struct conf_word *
conf_words_find(const struct conf_setting *s, const char *text, size_t len)
{
	const struct conf_word *w;

	for (w = s->words; w->name != NULL; w++)
		if (strlen(w->name) == len && memcmp(w->name, text, len) == 0)
			return (w);
	return (NULL);
}

static int
conf_words_wrong(const struct conf_setting *s, char why[static CONF_WHY_SIZE])
{
	size_t len = (size_t)snprintf(why, CONF_WHY_SIZE, "expected");

	for (const struct conf_word *w = s->words;
	     w->name != NULL && len < CONF_WHY_SIZE; w++)
		len += (size_t)snprintf(why + len, CONF_WHY_SIZE - len, "%s %s",
		    w == s->words	? ""
		    : w[1].name == NULL ? " or"
					: ",",
		    w->name);
	return (-1);
}

/* One word more, as the entry of a list; or all of them: "{a, b}". */
static int
conf_words_set(void *at, const struct conf_setting *s, const char *text,
    char why[static CONF_WHY_SIZE])
{
	const struct conf_word *word;
	size_t len;

	if (*text == '{')
		text++;
	for (; *text != '\0' && *text != '}'; text += strspn(text, ", ")) {
		len = strcspn(text, ", }");
		if ((word = conf_words_find(s, text, len)) == NULL)
			return (conf_words_wrong(s, why));
		*(int64_t *)at |= word->value;
		text += len;
	}
	return (0);
}

static void
conf_words_print(const void *at, const struct conf_setting *s, FILE *fp)
{
	const char *before = "";

	fputc('{', fp);
	for (const struct conf_word *w = s->words; w->name != NULL; w++) {
		if ((*(const int64_t *)at & w->value) == 0)
			continue;
		fprintf(fp, "%s%s", before, w->name);
		before = ", ";
	}
	fputc('}', fp);
}

static int
conf_words_from_json(
    void *at, const struct conf_setting *s, struct json_object *json)
{
	if (!json_object_is_type(json, json_type_int))
		return (-1);
	*(int64_t *)at = json_object_get_int64(json);
	return (0);
}

const struct conf_type_ops conf_type_words = {
    .set = conf_words_set,
    .copy = conf_number_copy,
    .equal = conf_number_equal,
    .print = conf_words_print,
    .clear = conf_number_clear,
    .pack = conf_number_pack,
    .unpack = conf_number_unpack,
    .to_json = conf_number_to_json,
    .from_json = conf_words_from_json,
};
