/*
 * Numbers as they stand in the configuration: whole numbers, durations, sizes
 * and octal modes.
 */

#ifndef CONF_CONF_UNITS_H
#define CONF_CONF_UNITS_H

#include <stdint.h>

/* Room for any number as it is written here, with its NUL. */
#define CONF_UNITS_SIZE 32

/*
 * Each parse takes the whole of text, without sign or space, and returns 0,
 * or -1 with errno: EINVAL when it is not such a number, ERANGE when it does
 * not fit int64_t.
 */
int conf_units_parse_integer(const char *text, int64_t *value)
    __attribute__((warn_unused_result));

/* "500ms", "30s", "2m", "1h" as milliseconds; "0" needs no unit. */
int conf_units_parse_duration(const char *text, int64_t *value)
    __attribute__((warn_unused_result));

/* "512", "64k", "1m", "2g" as bytes; the letter may be a capital. */
int conf_units_parse_size(const char *text, int64_t *value)
    __attribute__((warn_unused_result));

/* "0660": octal digits, with or without a leading zero. */
int conf_units_parse_mode(const char *text, int64_t *value)
    __attribute__((warn_unused_result));

/* "10/s", "30/m", "5/h" as how many an hour; without a unit it is a second. */
int conf_units_parse_rate(const char *text, int64_t *value)
    __attribute__((warn_unused_result));

/*
 * "100": so many calls, at most 10000; "60s": so many whole seconds, with
 * CONF_WINDOW_TIME.
 */
int conf_units_parse_window(const char *text, int64_t *value)
    __attribute__((warn_unused_result));

/* The reverse, with the largest unit that divides it; value is not negative. */
void conf_units_format_integer(int64_t value, char buf[static CONF_UNITS_SIZE]);
void conf_units_format_duration(
    int64_t value, char buf[static CONF_UNITS_SIZE]);
void conf_units_format_size(int64_t value, char buf[static CONF_UNITS_SIZE]);
void conf_units_format_mode(int64_t value, char buf[static CONF_UNITS_SIZE]);
void conf_units_format_rate(int64_t value, char buf[static CONF_UNITS_SIZE]);
void conf_units_format_window(int64_t value, char buf[static CONF_UNITS_SIZE]);

#endif
