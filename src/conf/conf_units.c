/*
 * Parses and prints numbers with units, without ever wrapping around.  Called
 * for the values of settings; knows nothing of the settings themselves and
 * keeps no state.
 */

#include "conf/conf_units.h"
#include "conf/conf_value.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

/* Each takes a byte of memory. */
#define WINDOW_CALLS_MAX 10000

struct unit {
	const char *name;
	int64_t factor;
};

/* From the smallest to the largest, as printing wants them. */
static const struct unit duration_units[] = {
    {"ms", 1},
    {"s", 1000},
    {"m", 60 * 1000},
    {"h", 60 * 60 * 1000},
    {NULL, 0},
};

static const struct unit size_units[] = {
    {"", 1},
    {"k", 1 << 10},
    {"m", 1 << 20},
    {"g", 1 << 30},
    {NULL, 0},
};

static const struct unit rate_units[] = {
    {"/h", 1},
    {"/m", 60},
    {"/s", 3600},
    {NULL, 0},
};

/* Reads digits of base; returns what follows them, or NULL with errno. */
static const char *
conf_units_parse_digits(const char *text, int base, int64_t *value)
{
	const char *p;
	int64_t sum = 0;

	for (p = text; *p >= '0' && *p < '0' + base; p++) {
		if (__builtin_mul_overflow(sum, base, &sum) ||
		    __builtin_add_overflow(sum, *p - '0', &sum)) {
			errno = ERANGE;
			return (NULL);
		}
	}
	if (p == text) {
		errno = EINVAL;
		return (NULL);
	}
	*value = sum;
	return (p);
}

static int
conf_units_parse_plain(const char *text, int base, int64_t *value)
{
	const char *rest = conf_units_parse_digits(text, base, value);

	if (rest == NULL)
		return (-1);
	if (*rest != '\0') {
		errno = EINVAL;
		return (-1);
	}
	return (0);
}

/* Multiplies *value by the unit called name. */
static int
conf_units_apply(const struct unit *units, const char *name,
    int (*compare)(const char *, const char *), int64_t *value)
{
	for (; units->name != NULL; units++) {
		if (compare(units->name, name) != 0)
			continue;
		if (!__builtin_mul_overflow(*value, units->factor, value))
			return (0);
		errno = ERANGE;
		return (-1);
	}
	errno = EINVAL;
	return (-1);
}

static void
conf_units_format(
    const struct unit *units, int64_t value, char buf[static CONF_UNITS_SIZE])
{
	const struct unit *best = units;

	for (; units->name != NULL; units++)
		if (value != 0 && value % units->factor == 0)
			best = units;
	snprintf(buf, CONF_UNITS_SIZE, "%lld%s",
	    (long long)(value / best->factor), best->name);
}

int
conf_units_parse_integer(const char *text, int64_t *value)
{
	return (conf_units_parse_plain(text, 10, value));
}

int
conf_units_parse_mode(const char *text, int64_t *value)
{
	return (conf_units_parse_plain(text, 8, value));
}

int
conf_units_parse_duration(const char *text, int64_t *value)
{
	const char *unit = conf_units_parse_digits(text, 10, value);

	if (unit == NULL)
		return (-1);
	if (*unit == '\0' && *value == 0)
		return (0);
	return (conf_units_apply(duration_units, unit, strcmp, value));
}

int
conf_units_parse_size(const char *text, int64_t *value)
{
	const char *unit = conf_units_parse_digits(text, 10, value);

	if (unit == NULL)
		return (-1);
	return (conf_units_apply(size_units, unit, strcasecmp, value));
}

int
conf_units_parse_rate(const char *text, int64_t *value)
{
	const char *unit = conf_units_parse_digits(text, 10, value);

	if (unit == NULL)
		return (-1);
	return (conf_units_apply(
	    rate_units, *unit == '\0' ? "/s" : unit, strcmp, value));
}

int
conf_units_parse_window(const char *text, int64_t *value)
{
	const char *unit = conf_units_parse_digits(text, 10, value);

	if (unit == NULL)
		return (-1);
	if (*unit == '\0' && *value <= WINDOW_CALLS_MAX)
		return (0);
	if (*unit != '\0' &&
	    conf_units_apply(duration_units, unit, strcmp, value) == 0 &&
	    *value >= 1000 && *value % 1000 == 0 &&
	    *value / 1000 < CONF_WINDOW_TIME) {
		*value = *value / 1000 | CONF_WINDOW_TIME;
		return (0);
	}
	errno = ERANGE;
	return (-1);
}

void
conf_units_format_integer(int64_t value, char buf[static CONF_UNITS_SIZE])
{
	snprintf(buf, CONF_UNITS_SIZE, "%lld", (long long)value);
}

void
conf_units_format_duration(int64_t value, char buf[static CONF_UNITS_SIZE])
{
	if (value == 0)
		snprintf(buf, CONF_UNITS_SIZE, "0s");
	else
		conf_units_format(duration_units, value, buf);
}

void
conf_units_format_size(int64_t value, char buf[static CONF_UNITS_SIZE])
{
	conf_units_format(size_units, value, buf);
}

void
conf_units_format_mode(int64_t value, char buf[static CONF_UNITS_SIZE])
{
	snprintf(buf, CONF_UNITS_SIZE, "%04llo", (long long)value);
}

void
conf_units_format_rate(int64_t value, char buf[static CONF_UNITS_SIZE])
{
	if (value == 0)
		snprintf(buf, CONF_UNITS_SIZE, "0");
	else
		conf_units_format(rate_units, value, buf);
}

void
conf_units_format_window(int64_t value, char buf[static CONF_UNITS_SIZE])
{
	if (value < CONF_WINDOW_TIME)
		conf_units_format_integer(value, buf);
	else
		conf_units_format_duration(
		    (value & ~CONF_WINDOW_TIME) * 1000, buf);
}
