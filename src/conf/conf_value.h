/*
 * What a setting is, and its value inside struct conf or struct policy: set
 * with all checks, compare, copy, print, free.
 */

#ifndef CONF_CONF_VALUE_H
#define CONF_CONF_VALUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

struct json_object;
struct pack;
struct unpack;

/*
 * A list of strings, owned by whom it is in.  items is NULL, or has a NULL
 * after the last.
 */
struct conf_list {
	char **items;
	size_t count;
};

enum conf_type {
	CONF_INTEGER,
	CONF_BOOLEAN,
	CONF_STRING,
	CONF_SECRET, /* a string that is never shown or sent */
	CONF_LIST,
	CONF_ENVIRONMENT, /* a list of NAME or NAME=value; values are hidden */
	CONF_DURATION,	  /* int64_t milliseconds: "500ms", "30s", "2m", "1h" */
	CONF_SIZE,	  /* int64_t bytes: "512", "64k", "1m", "2g" */
	CONF_MODE,	  /* int64_t, octal: "0660" */
	CONF_WORD,	  /* int64_t, one of words */
	CONF_WORDS,	  /* int64_t, a list of words, a bit each */
	CONF_RATE,  /* int64_t an hour: "10/s", "30/m", "5/h"; 10 is 10/s */
	CONF_WINDOW /* int64_t calls, or seconds | CONF_WINDOW_TIME */
};

/* Of a window: it is one of time. */
#define CONF_WINDOW_TIME (INT64_C(1) << 32)

struct conf_word {
	const char *name;
	int64_t value;
};

struct conf_setting {
	const char *name;
	enum conf_type type;
	size_t offset;	    /* in struct conf, struct policy */
	const char *preset; /* as it would stand in the file */
	int64_t min, max;   /* of numbers; characters, entries */
	bool reload;	    /* a reload applies it */
	/* Of CONF_WORD, ends with NULL; of a number, a word for less than 0. */
	const struct conf_word *words;
	/* Of strings and list entries: why text is no such value, or NULL. */
	const char *(*check)(const char *text);
};

/* Room for the reason why a value is refused. */
#define CONF_WHY_SIZE 160

/* In the place of what must not be seen. */
#define CONF_HIDDEN "********"

/*
 * For conf_value.c: what is kept as a number, at that place, or as a bool.  Set
 * returns 0, or -1 with the reason in why.
 */
int conf_number_set(void *at, const struct conf_setting *, const char *text,
    char why[static CONF_WHY_SIZE]);
int conf_word_set(void *at, const struct conf_setting *, const char *text,
    char why[static CONF_WHY_SIZE]);
int conf_words_set(void *at, const struct conf_setting *, const char *text,
    char why[static CONF_WHY_SIZE]);
int conf_boolean_set(void *at, const struct conf_setting *, const char *text,
    char why[static CONF_WHY_SIZE]);
void conf_number_print(const void *at, const struct conf_setting *, FILE *);
void conf_word_print(const void *at, const struct conf_setting *, FILE *);
void conf_words_print(const void *at, const struct conf_setting *, FILE *);
void conf_boolean_print(const void *at, const struct conf_setting *, FILE *);

/* The word for a value; "" when there is none. */
const char *conf_word_name(const struct conf_word *, int64_t value);

/* Below, "in" is the struct that the table of the setting is about. */

/*
 * Sets the value from text as it stands in the file, without its quotes; of a
 * list, adds one entry.  Returns 0, or -1 with the reason in why.
 */
int conf_value_set(void *in, const struct conf_setting *, const char *text,
    char why[static CONF_WHY_SIZE]) __attribute__((warn_unused_result));

/* Whether a list has too few entries: 0, or -1 with the reason in why. */
int conf_value_check_count(const void *in, const struct conf_setting *,
    char why[static CONF_WHY_SIZE]) __attribute__((warn_unused_result));

/* Makes to's value that of from: 0, or -1 with errno. */
int conf_value_copy(void *to, const void *from, const struct conf_setting *)
    __attribute__((warn_unused_result));

bool conf_value_equal(
    const void *in, const void *other, const struct conf_setting *);

/* Prints it as it would stand in the file; a secret is hidden. */
void conf_value_print(const void *in, const struct conf_setting *, FILE *);

/* Overwrites a secret in place, which is empty afterwards. */
void conf_value_wipe(void *in, const struct conf_setting *);

/* Frees what the value owns and zeroes it; a secret is overwritten first. */
void conf_value_clear(void *in, const struct conf_setting *);

/* The value as JSON, or NULL when there is no memory. */
struct json_object *conf_value_to_json(
    const void *in, const struct conf_setting *);

/*
 * The reverse: 0, or -1 when the JSON is no such value.  Not of strings, words
 * and lists.
 */
int conf_value_from_json(void *in, const struct conf_setting *,
    struct json_object *) __attribute__((warn_unused_result));

void conf_value_pack(
    const void *in, const struct conf_setting *, struct pack *);

/* The reverse, where no value is yet: 0, or -1. */
int conf_value_unpack(void *in, const struct conf_setting *, struct unpack *)
    __attribute__((warn_unused_result));

#endif
