/*
 * The values of settings: finds the member that a setting is about and the
 * functions of its type; has the types that are strings and lists of them.
 * Knows no single setting.  A string of a configuration is always valid UTF-8
 * without control characters, so that it can be logged and sent as JSON; an
 * entry of a list is never empty and never there twice.
 */

#include "conf/conf_value.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <json-c/json.h>
#include <utf8proc.h>

#include "common/json.h"
#include "common/pack.h"

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

static int
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

static void
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
	const char *text = pack_take_text(unpack);

	return (unpack->failed ? -1 : conf_string_replace(at, text));
}

static struct json_object *
conf_string_to_json(const void *at, const struct conf_setting *s)
{
	return (json_object_new_string(*(char *const *)at));
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
};

/* Of an entry, in characters; its check sets narrower limits. */
#define ENTRY_MAX 4095

/* Takes over item, which may be NULL: 0, or -1 with errno. */
static int
conf_list_append(struct conf_list *list, char *item)
{
	char **items;

	items = item == NULL ? NULL
			     : reallocarray(list->items, list->count + 2,
				   sizeof(*list->items));
	if (items == NULL) {
		free(item);
		return (-1);
	}
	list->items = items;
	list->items[list->count++] = item;
	list->items[list->count] = NULL;
	return (0);
}

static bool
conf_list_has(const struct conf_list *list, const char *text)
{
	for (size_t i = 0; i < list->count; i++)
		if (strcmp(list->items[i], text) == 0)
			return (true);
	return (false);
}

static int
conf_list_set(void *at, const struct conf_setting *s, const char *text,
    char why[static CONF_WHY_SIZE])
{
	struct conf_list *list = at;

	if (conf_string_check(s, text, 1, ENTRY_MAX, why) == -1)
		return (-1);
	if (conf_list_has(list, text))
		snprintf(why, CONF_WHY_SIZE, "it is in the list already");
	else if (list->count >= (size_t)s->max)
		snprintf(why, CONF_WHY_SIZE, "expected at most %lld entries",
		    (long long)s->max);
	else if (conf_list_append(list, strdup(text)) == 0)
		return (0);
	else
		snprintf(why, CONF_WHY_SIZE, "%s", strerror(errno));
	return (-1);
}

static void
conf_list_clear(void *at)
{
	struct conf_list *list = at;

	for (size_t i = 0; i < list->count; i++)
		free(list->items[i]);
	free(list->items);
	*list = (struct conf_list){NULL, 0};
}

static int
conf_list_copy(void *to, const void *from)
{
	const struct conf_list *source = from;
	struct conf_list copy = {NULL, 0};

	for (size_t i = 0; i < source->count; i++) {
		if (conf_list_append(&copy, strdup(source->items[i])) == -1) {
			conf_list_clear(&copy);
			return (-1);
		}
	}
	conf_list_clear(to);
	*(struct conf_list *)to = copy;
	return (0);
}

static bool
conf_list_equal(const void *a, const void *b)
{
	const struct conf_list *one = a, *other = b;

	if (one->count != other->count)
		return (false);
	for (size_t i = 0; i < one->count; i++)
		if (strcmp(one->items[i], other->items[i]) != 0)
			return (false);
	return (true);
}

static void
conf_list_print(const void *at, const struct conf_setting *s, FILE *fp)
{
	const struct conf_list *list = at;

	fputc('{', fp);
	for (size_t i = 0; i < list->count; i++) {
		fputs(i == 0 ? "" : ", ", fp);
		conf_string_quote(list->items[i], fp);
	}
	fputc('}', fp);
}

static void
conf_list_pack(const void *at, struct pack *pack)
{
	const struct conf_list *list = at;

	pack_int(pack, (int64_t)list->count);
	for (size_t i = 0; i < list->count; i++)
		pack_text(pack, list->items[i]);
}

static int
conf_list_unpack(void *at, struct unpack *unpack)
{
	const char *text;

	for (int64_t left = pack_take_int(unpack); left > 0; left--)
		if ((text = pack_take_text(unpack)) == NULL ||
		    conf_list_append(at, strdup(text)) == -1)
			return (-1);
	return (unpack->failed ? -1 : 0);
}

static struct json_object *
conf_list_to_json(const void *at, const struct conf_setting *s)
{
	const struct conf_list *list = at;
	struct json_object *array = json_object_new_array();
	struct json_object *item;

	for (size_t i = 0; array != NULL && i < list->count; i++) {
		item = json_object_new_string(list->items[i]);
		if (item == NULL || json_object_array_add(array, item) != 0) {
			json_object_put(item);
			json_object_put(array);
			return (NULL);
		}
	}
	return (array);
}

const struct conf_type_ops conf_type_list = {
    .set = conf_list_set,
    .copy = conf_list_copy,
    .equal = conf_list_equal,
    .print = conf_list_print,
    .clear = conf_list_clear,
    .pack = conf_list_pack,
    .unpack = conf_list_unpack,
    .to_json = conf_list_to_json,
};

/* The values may be secrets, and most often are. */
static void
conf_environment_print(const void *at, const struct conf_setting *s, FILE *fp)
{
	const struct conf_list *list = at;

	fputc('{', fp);
	for (size_t i = 0; i < list->count; i++) {
		size_t name = strcspn(list->items[i], "=");

		fprintf(fp, "%s\"%.*s%s\"", i == 0 ? "" : ", ", (int)name,
		    list->items[i],
		    list->items[i][name] == '\0' ? "" : "=" CONF_HIDDEN);
	}
	fputc('}', fp);
}

const struct conf_type_ops conf_type_environment = {
    .set = conf_list_set,
    .copy = conf_list_copy,
    .equal = conf_list_equal,
    .print = conf_environment_print,
    .clear = conf_list_clear,
    .pack = conf_list_pack,
    .unpack = conf_list_unpack,
    .to_json = conf_list_to_json,
};

static const struct conf_type_ops *const value_types[] = {
    [CONF_INTEGER] = &conf_type_number,
    [CONF_BOOLEAN] = &conf_type_boolean,
    [CONF_STRING] = &conf_type_string,
    [CONF_SECRET] = &conf_type_string,
    [CONF_LIST] = &conf_type_list,
    [CONF_ENVIRONMENT] = &conf_type_environment,
    [CONF_DURATION] = &conf_type_number,
    [CONF_SIZE] = &conf_type_number,
    [CONF_MODE] = &conf_type_number,
    [CONF_WORD] = &conf_type_word,
    [CONF_WORDS] = &conf_type_words,
    [CONF_RATE] = &conf_type_number,
    [CONF_WINDOW] = &conf_type_number,
};

static void *
conf_value_at(void *in, const struct conf_setting *s)
{
	return ((char *)in + s->offset);
}

static const void *
conf_value_in(const void *in, const struct conf_setting *s)
{
	return ((const char *)in + s->offset);
}

int
conf_value_set(void *in, const struct conf_setting *s, const char *text,
    char why[static CONF_WHY_SIZE])
{
	return (value_types[s->type]->set(conf_value_at(in, s), s, text, why));
}

int
conf_value_check_count(const void *in, const struct conf_setting *s,
    char why[static CONF_WHY_SIZE])
{
	const struct conf_list *list = conf_value_in(in, s);

	if (s->type != CONF_LIST || list->count >= (size_t)s->min)
		return (0);
	snprintf(why, CONF_WHY_SIZE, "the list must have an entry");
	return (-1);
}

int
conf_value_copy(void *to, const void *from, const struct conf_setting *s)
{
	return (value_types[s->type]->copy(
	    conf_value_at(to, s), conf_value_in(from, s)));
}

bool
conf_value_equal(
    const void *in, const void *other, const struct conf_setting *s)
{
	return (value_types[s->type]->equal(
	    conf_value_in(in, s), conf_value_in(other, s)));
}

void
conf_value_print(const void *in, const struct conf_setting *s, FILE *fp)
{
	value_types[s->type]->print(conf_value_in(in, s), s, fp);
}

void
conf_value_wipe(void *in, const struct conf_setting *s)
{
	char *text = *(char **)conf_value_at(in, s);

	if (text != NULL)
		explicit_bzero(text, strlen(text));
}

void
conf_value_clear(void *in, const struct conf_setting *s)
{
	if (s->type == CONF_SECRET)
		conf_value_wipe(in, s);
	value_types[s->type]->clear(conf_value_at(in, s));
}

struct json_object *
conf_value_to_json(const void *in, const struct conf_setting *s)
{
	return (value_types[s->type]->to_json(conf_value_in(in, s), s));
}

int
conf_value_from_json(
    void *in, const struct conf_setting *s, struct json_object *json)
{
	return (value_types[s->type]->from_json(conf_value_at(in, s), s, json));
}

void
conf_value_pack(const void *in, const struct conf_setting *s, struct pack *pack)
{
	value_types[s->type]->pack(conf_value_in(in, s), pack);
}

int
conf_value_unpack(void *in, const struct conf_setting *s, struct unpack *unpack)
{
	return (value_types[s->type]->unpack(conf_value_at(in, s), unpack));
}
