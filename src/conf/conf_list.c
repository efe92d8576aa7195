/*
 * The type of settings that are lists of strings.  Called through conf_type.h
 * only; keeps no state.  An entry is never empty and never there twice.
 */

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <json-c/json.h>

#include "common/json.h"
#include "common/pack.h"
#include "conf/conf_type.h"

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

	for (int64_t left = unpack_int(unpack); left > 0; left--)
		if ((text = unpack_text(unpack)) == NULL ||
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

static int
conf_list_from_json(
    void *at, const struct conf_setting *s, struct json_object *json)
{
	char why[CONF_WHY_SIZE];
	const char *text;

	if (!json_object_is_type(json, json_type_array))
		return (-1);
	for (size_t i = 0; i < json_object_array_length(json); i++) {
		text = json_string(json_object_array_get_idx(json, i));
		if (text == NULL || conf_list_set(at, s, text, why) == -1)
			return (-1);
	}
	return (((struct conf_list *)at)->count < (size_t)s->min ? -1 : 0);
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
    .from_json = conf_list_from_json,
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
    .from_json = conf_list_from_json,
};
