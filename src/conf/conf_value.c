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

static int
conf_list_set(void *at, const struct conf_setting *s, const char *text,
    char why[static CONF_WHY_SIZE])
{
	struct conf_list *list = at;

	if (conf_string_check(s, text, 1, ENTRY_MAX, why) == -1)
		return (-1);
	for (size_t i = 0; i < list->count; i++)
		if (strcmp(list->items[i], text) == 0) {
			snprintf(
			    why, CONF_WHY_SIZE, "it is in the list already");
			return (-1);
		}
	if (list->count >= (size_t)s->max)
		snprintf(why, CONF_WHY_SIZE, "expected at most %lld entries",
		    (long long)s->max);
	else if (conf_list_append(list, strdup(text)) == 0)
		return (0);
	else
		snprintf(why, CONF_WHY_SIZE, "%s", strerror(errno));
	return (-1);
}

static void
conf_list_clear(struct conf_list *list)
{
	for (size_t i = 0; i < list->count; i++)
		free(list->items[i]);
	free(list->items);
	*list = (struct conf_list){NULL, 0};
}

static int
conf_list_copy(struct conf_list *to, const struct conf_list *source)
{
	struct conf_list copy = {NULL, 0};

	for (size_t i = 0; i < source->count; i++)
		if (conf_list_append(&copy, strdup(source->items[i])) == -1) {
			conf_list_clear(&copy);
			return (-1);
		}
	conf_list_clear(to);
	*to = copy;
	return (0);
}

static bool
conf_list_equal(const struct conf_list *one, const struct conf_list *other)
{
	if (one->count != other->count)
		return (false);
	for (size_t i = 0; i < one->count; i++)
		if (strcmp(one->items[i], other->items[i]) != 0)
			return (false);
	return (true);
}

/* Values of an environment may be secrets, and most often are. */
static void
conf_list_print(const void *at, const struct conf_setting *s, FILE *fp)
{
	const struct conf_list *list = at;

	fputc('{', fp);
	for (size_t i = 0; i < list->count; i++) {
		const char *item = list->items[i];
		size_t name = strcspn(item, "=");

		fputs(i == 0 ? "" : ", ", fp);
		if (s->type == CONF_ENVIRONMENT)
			fprintf(fp, "\"%.*s%s\"", (int)name, item,
			    item[name] == '\0' ? "" : "=" CONF_HIDDEN);
		else
			conf_string_quote(item, fp);
	}
	fputc('}', fp);
}

static struct json_object *
conf_list_to_json(const struct conf_list *list)
{
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

/* What a value is kept as decides how it is copied, compared, freed, packed. */
enum kept { NUMBER, BOOLEAN, STRING, LIST };

static const struct {
	enum kept kept;
	/* 0, or -1 with the reason in why; a list gets one entry more. */
	int (*set)(void *at, const struct conf_setting *, const char *text,
	    char why[static CONF_WHY_SIZE]);
	void (*print)(const void *at, const struct conf_setting *, FILE *);
} value_types[] = {
    [CONF_INTEGER] = {NUMBER, conf_number_set, conf_number_print},
    [CONF_BOOLEAN] = {BOOLEAN, conf_boolean_set, conf_boolean_print},
    [CONF_STRING] = {STRING, conf_string_set, conf_string_print},
    [CONF_SECRET] = {STRING, conf_string_set, conf_string_print},
    [CONF_LIST] = {LIST, conf_list_set, conf_list_print},
    [CONF_ENVIRONMENT] = {LIST, conf_list_set, conf_list_print},
    [CONF_DURATION] = {NUMBER, conf_number_set, conf_number_print},
    [CONF_SIZE] = {NUMBER, conf_number_set, conf_number_print},
    [CONF_MODE] = {NUMBER, conf_number_set, conf_number_print},
    [CONF_WORD] = {NUMBER, conf_word_set, conf_word_print},
    [CONF_WORDS] = {NUMBER, conf_words_set, conf_words_print},
    [CONF_RATE] = {NUMBER, conf_number_set, conf_number_print},
    [CONF_WINDOW] = {NUMBER, conf_number_set, conf_number_print},
};

/* A value where it is; which of these it is says its type. */
union member {
	void *at;
	int64_t *number;
	bool *boolean;
	char **string;
	struct conf_list *list;
};

static union member
conf_value_member(const void *in, const struct conf_setting *s)
{
	return ((union member){.at = (char *)(uintptr_t)in + s->offset});
}

int
conf_value_set(void *in, const struct conf_setting *s, const char *text,
    char why[static CONF_WHY_SIZE])
{
	return (value_types[s->type].set(
	    conf_value_member(in, s).at, s, text, why));
}

void
conf_value_print(const void *in, const struct conf_setting *s, FILE *fp)
{
	value_types[s->type].print(conf_value_member(in, s).at, s, fp);
}

int
conf_value_check_count(const void *in, const struct conf_setting *s,
    char why[static CONF_WHY_SIZE])
{
	if (s->type != CONF_LIST ||
	    conf_value_member(in, s).list->count >= (size_t)s->min)
		return (0);
	snprintf(why, CONF_WHY_SIZE, "the list must have an entry");
	return (-1);
}

int
conf_value_copy(void *to, const void *from, const struct conf_setting *s)
{
	union member new = conf_value_member(to, s);
	union member old = conf_value_member(from, s);

	switch (value_types[s->type].kept) {
	case NUMBER:
		*new.number = *old.number;
		return (0);
	case BOOLEAN:
		*new.boolean = *old.boolean;
		return (0);
	case STRING:
		return (conf_string_replace(new.string, *old.string));
	default:
		return (conf_list_copy(new.list, old.list));
	}
}

bool
conf_value_equal(
    const void *in, const void *other, const struct conf_setting *s)
{
	union member a = conf_value_member(in, s);
	union member b = conf_value_member(other, s);

	switch (value_types[s->type].kept) {
	case NUMBER:
		return (*a.number == *b.number);
	case BOOLEAN:
		return (*a.boolean == *b.boolean);
	case STRING:
		return (strcmp(*a.string, *b.string) == 0);
	default:
		return (conf_list_equal(a.list, b.list));
	}
}

void
conf_value_wipe(void *in, const struct conf_setting *s)
{
	char *text = *conf_value_member(in, s).string;

	if (text != NULL)
		explicit_bzero(text, strlen(text));
}

void
conf_value_clear(void *in, const struct conf_setting *s)
{
	union member member = conf_value_member(in, s);

	if (s->type == CONF_SECRET)
		conf_value_wipe(in, s);
	switch (value_types[s->type].kept) {
	case NUMBER:
		*member.number = 0;
		break;
	case BOOLEAN:
		*member.boolean = false;
		break;
	case STRING:
		free(*member.string);
		*member.string = NULL;
		break;
	default:
		conf_list_clear(member.list);
	}
}

struct json_object *
conf_value_to_json(const void *in, const struct conf_setting *s)
{
	union member member = conf_value_member(in, s);

	if (s->type == CONF_WORD)
		return (json_object_new_string(
		    conf_word_name(s->words, *member.number)));
	switch (value_types[s->type].kept) {
	case NUMBER:
		return (json_object_new_int64(*member.number));
	case BOOLEAN:
		return (json_object_new_boolean(*member.boolean));
	case STRING:
		return (json_object_new_string(*member.string));
	default:
		return (conf_list_to_json(member.list));
	}
}

int
conf_value_from_json(
    void *in, const struct conf_setting *s, struct json_object *json)
{
	union member member = conf_value_member(in, s);
	int64_t number = json_object_get_int64(json);

	if (s->type == CONF_BOOLEAN) {
		if (!json_object_is_type(json, json_type_boolean))
			return (-1);
		*member.boolean = json_object_get_boolean(json);
		return (0);
	}
	if (!json_object_is_type(json, json_type_int) ||
	    (s->type != CONF_WORDS && (number < s->min || number > s->max)))
		return (-1);
	*member.number = number;
	return (0);
}

void
conf_value_pack(const void *in, const struct conf_setting *s, struct pack *pack)
{
	union member member = conf_value_member(in, s);

	switch (value_types[s->type].kept) {
	case NUMBER:
		pack_int(pack, *member.number);
		break;
	case BOOLEAN:
		pack_int(pack, *member.boolean);
		break;
	case STRING:
		pack_text(pack, *member.string);
		break;
	default:
		pack_int(pack, (int64_t)member.list->count);
		for (size_t i = 0; i < member.list->count; i++)
			pack_text(pack, member.list->items[i]);
	}
}

int
conf_value_unpack(void *in, const struct conf_setting *s, struct unpack *unpack)
{
	union member member = conf_value_member(in, s);
	const char *text;

	switch (value_types[s->type].kept) {
	case NUMBER:
		*member.number = pack_take_int(unpack);
		break;
	case BOOLEAN:
		*member.boolean = pack_take_int(unpack) != 0;
		break;
	case STRING:
		text = pack_take_text(unpack);
		if (unpack->failed ||
		    conf_string_replace(member.string, text) == -1)
			return (-1);
		break;
	default:
		for (int64_t left = pack_take_int(unpack); left > 0; left--)
			if ((text = pack_take_text(unpack)) == NULL ||
			    conf_list_append(member.list, strdup(text)) == -1)
				return (-1);
	}
	return (unpack->failed ? -1 : 0);
}
