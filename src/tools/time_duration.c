/*
 * Durations in the syntax of Go.  Called by the time tool; keeps no state.
 */

#include <string.h>

#include "common/clock.h"
#include "tools/time_parts.h"

static const struct unit {
	const char *name;
	uint64_t ns;
} units[] = {
    {"ns", 1},
    {"us", NS_PER_US},
    {"\u00b5s", NS_PER_US}, /* micro sign */
    {"\u03bcs", NS_PER_US}, /* Greek letter mu */
    {"ms", NS_PER_MS},
    {"s", NS_PER_SEC},
    {"m", 60 * NS_PER_SEC},
    {"h", 3600 * NS_PER_SEC},
};

struct reader {
	const char *at;
	const char *end;
};

static bool
time_at_digit(const struct reader *r)
{
	return (r->at < r->end && *r->at >= '0' && *r->at <= '9');
}

/* The digits from here on; false when 64 bits do not hold them. */
static bool
time_read_whole(struct reader *r, uint64_t *value)
{
	for (*value = 0; time_at_digit(r); r->at++)
		if (__builtin_mul_overflow(*value, 10, value) ||
		    __builtin_add_overflow(*value, *r->at - '0', value))
			return (false);
	return (true);
}

/* The digits after a point; those too small to matter are left out. */
static double
time_read_fraction(struct reader *r)
{
	double value = 0, scale = 1;

	for (; time_at_digit(r); r->at++)
		value += (*r->at - '0') * (scale /= 10);
	return (value);
}

/* What is before the next number, as a unit; NULL when it is none. */
static const struct unit *
time_read_unit(struct reader *r)
{
	const char *start = r->at;
	size_t i, len;

	while (r->at < r->end && *r->at != '.' && !time_at_digit(r))
		r->at++;
	len = r->at - start;
	for (i = 0; i < sizeof(units) / sizeof(units[0]); i++)
		if (strlen(units[i].name) == len &&
		    memcmp(units[i].name, start, len) == 0)
			return (&units[i]);
	return (NULL);
}

/* Adds one number with its unit to the total. */
static const char *
time_read_term(struct reader *r, uint64_t *total)
{
	const char *start = r->at;
	const struct unit *unit;
	double fraction = 0;
	uint64_t ns;
	bool fits = time_read_whole(r, &ns), point = false;

	while (time_at_digit(r))
		r->at++;
	if (r->at < r->end && *r->at == '.') {
		point = true;
		r->at++;
		fraction = time_read_fraction(r);
	}
	if (r->at - start <= point)
		return ("invalid duration");
	unit = time_read_unit(r);
	if (unit == NULL)
		return ("unit missing or unknown in duration");
	if (!fits || __builtin_mul_overflow(ns, unit->ns, &ns) ||
	    __builtin_add_overflow(
		ns, (uint64_t)(fraction * unit->ns + 0.5), &ns) ||
	    __builtin_add_overflow(*total, ns, total))
		return ("too long a duration");
	return (NULL);
}

static bool
time_read_sign(struct reader *r)
{
	if (r->at == r->end || (*r->at != '-' && *r->at != '+'))
		return (false);
	return (*r->at++ == '-');
}

const char *
time_duration(const char *text, size_t len, int64_t *ns)
{
	struct reader r = {text, text + len};
	bool negative = time_read_sign(&r);
	uint64_t total = 0;
	const char *why;

	*ns = 0;
	if (r.at == r.end)
		return ("invalid duration");
	/* Nothing is nothing in every unit. */
	if (r.end - r.at == 1 && *r.at == '0')
		return (NULL);
	while (r.at < r.end)
		if ((why = time_read_term(&r, &total)) != NULL)
			return (why);
	if (total > (uint64_t)INT64_MAX + negative)
		return ("too long a duration");
	*ns = (int64_t)(negative ? -total : total);
	return (NULL);
}
