/*
 * Values by setting: finds the member of struct conf and the functions of its
 * type.  Called by the loader, the printer and the flat form; knows no single
 * setting.
 */

#include "conf/conf_value.h"

#include <string.h>

#include "conf/conf.h"
#include "conf/conf_type.h"

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

const struct conf_type_ops *
conf_type_of(const struct conf_setting *s)
{
	return (value_types[s->type]);
}

static void *
conf_value_at(struct conf *conf, const struct conf_setting *s)
{
	return ((char *)conf + s->offset);
}

static const void *
conf_value_in(const struct conf *conf, const struct conf_setting *s)
{
	return ((const char *)conf + s->offset);
}

int
conf_value_set(struct conf *conf, const struct conf_setting *s,
    const char *text, char why[static CONF_WHY_SIZE])
{
	return (conf_type_of(s)->set(conf_value_at(conf, s), s, text, why));
}

int
conf_value_check_count(const struct conf *conf, const struct conf_setting *s,
    char why[static CONF_WHY_SIZE])
{
	const struct conf_list *list;

	if (s->type != CONF_LIST)
		return (0);
	list = conf_value_in(conf, s);
	if (list->count >= (size_t)s->min)
		return (0);
	snprintf(why, CONF_WHY_SIZE, "the list must have an entry");
	return (-1);
}

int
conf_value_copy(
    struct conf *to, const struct conf *from, const struct conf_setting *s)
{
	return (conf_type_of(s)->copy(
	    conf_value_at(to, s), conf_value_in(from, s)));
}

bool
conf_value_equal(
    const struct conf *a, const struct conf *b, const struct conf_setting *s)
{
	return (
	    conf_type_of(s)->equal(conf_value_in(a, s), conf_value_in(b, s)));
}

void
conf_value_print(
    const struct conf *conf, const struct conf_setting *s, FILE *fp)
{
	conf_type_of(s)->print(conf_value_in(conf, s), s, fp);
}

void
conf_value_wipe(struct conf *conf, const struct conf_setting *s)
{
	char *text = *(char **)conf_value_at(conf, s);

	if (text != NULL)
		explicit_bzero(text, strlen(text));
}

void
conf_value_clear(struct conf *conf, const struct conf_setting *s)
{
	if (s->type == CONF_SECRET)
		conf_value_wipe(conf, s);
	conf_type_of(s)->clear(conf_value_at(conf, s));
}

struct json_object *
conf_value_to_json(const struct conf *conf, const struct conf_setting *s)
{
	return (conf_type_of(s)->to_json(conf_value_in(conf, s), s));
}

void
conf_value_pack(
    const struct conf *conf, const struct conf_setting *s, struct pack *pack)
{
	conf_type_of(s)->pack(conf_value_in(conf, s), pack);
}

int
conf_value_unpack(
    struct conf *conf, const struct conf_setting *s, struct unpack *unpack)
{
	return (conf_type_of(s)->unpack(conf_value_at(conf, s), unpack));
}
