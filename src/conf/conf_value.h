/*
 * One setting's value inside struct conf, by what the table says of it: set
 * with all checks, compare, copy, print, free.
 */

#ifndef CONF_CONF_VALUE_H
#define CONF_CONF_VALUE_H

#include <stdbool.h>
#include <stdio.h>

struct conf;
struct conf_setting;
struct json_object;
struct pack;
struct unpack;

/* Room for the reason why a value is refused. */
#define CONF_WHY_SIZE 160

/*
 * Sets the value from text as it stands in the file, without its quotes; of a
 * list, adds one entry.  Returns 0, or -1 with the reason in why.
 */
int conf_value_set(struct conf *, const struct conf_setting *, const char *text,
    char why[static CONF_WHY_SIZE]) __attribute__((warn_unused_result));

/* Whether a list has too few entries: 0, or -1 with the reason in why. */
int conf_value_check_count(const struct conf *, const struct conf_setting *,
    char why[static CONF_WHY_SIZE]) __attribute__((warn_unused_result));

/* Makes to's value that of from: 0, or -1 with errno. */
int conf_value_copy(struct conf *to, const struct conf *from,
    const struct conf_setting *) __attribute__((warn_unused_result));

bool conf_value_equal(
    const struct conf *, const struct conf *, const struct conf_setting *);

/* Prints it as it would stand in the file; a secret is hidden. */
void conf_value_print(const struct conf *, const struct conf_setting *, FILE *);

/* Overwrites a secret in place, which is empty afterwards. */
void conf_value_wipe(struct conf *, const struct conf_setting *);

/* Frees what the value owns and zeroes it; a secret is overwritten first. */
void conf_value_clear(struct conf *, const struct conf_setting *);

/* The value as JSON, or NULL when there is no memory. */
struct json_object *conf_value_to_json(
    const struct conf *, const struct conf_setting *);

void conf_value_pack(
    const struct conf *, const struct conf_setting *, struct pack *);

/* The reverse, where no value is yet: 0, or -1. */
int conf_value_unpack(struct conf *, const struct conf_setting *,
    struct unpack *) __attribute__((warn_unused_result));

#endif
