/*
 * What can be done with a value, by its type: one struct of functions a type.
 * conf_type_of() finds the one that a setting needs.  "at" is the member that
 * the setting is about, in struct conf or struct policy.
 */

#ifndef CONF_CONF_TYPE_H
#define CONF_CONF_TYPE_H

#include <stdbool.h>
#include <stdio.h>

#include "conf/conf.h"
#include "conf/conf_value.h"

struct json_object;
struct pack;
struct unpack;

/* In the place of what must not be seen. */
#define CONF_HIDDEN "********"

struct conf_type_ops {
	/* 0, or -1 with the reason in why; a list gets one entry more. */
	int (*set)(void *at, const struct conf_setting *, const char *text,
	    char why[static CONF_WHY_SIZE]);
	/* to is empty or has a value before; 0, or -1 with errno. */
	int (*copy)(void *to, const void *from);
	bool (*equal)(const void *, const void *);
	void (*print)(const void *, const struct conf_setting *, FILE *);
	void (*clear)(void *at);
	/* For another process; the reverse, into what is empty: 0, or -1. */
	void (*pack)(const void *at, struct pack *);
	int (*unpack)(void *at, struct unpack *);
	/* The value as JSON, or NULL when there is no memory. */
	struct json_object *(*to_json)(
	    const void *, const struct conf_setting *);
	/* The reverse: 0, or -1 when the JSON is no such value. */
	int (*from_json)(
	    void *at, const struct conf_setting *, struct json_object *);
};

const struct conf_type_ops *conf_type_of(const struct conf_setting *);

extern const struct conf_type_ops conf_type_number;
extern const struct conf_type_ops conf_type_word;
extern const struct conf_type_ops conf_type_words;
extern const struct conf_type_ops conf_type_boolean;
extern const struct conf_type_ops conf_type_string;
extern const struct conf_type_ops conf_type_list;
extern const struct conf_type_ops conf_type_environment;

/* For all that is kept as an int64_t, as struct conf_type_ops has them. */
int conf_number_copy(void *to, const void *from);
bool conf_number_equal(const void *, const void *);
void conf_number_clear(void *at);
void conf_number_pack(const void *at, struct pack *);
int conf_number_unpack(void *at, struct unpack *);
struct json_object *conf_number_to_json(
    const void *, const struct conf_setting *);

/* 0 when text is such a string as s takes, or -1 with the reason in why. */
int conf_string_check(const struct conf_setting *s, const char *text,
    int64_t min, int64_t max, char why[static CONF_WHY_SIZE])
    __attribute__((warn_unused_result));

/* Prints text in quotes so that the parser reads back the same. */
void conf_string_quote(const char *text, FILE *fp);

#endif
