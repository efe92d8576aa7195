/*
 * Durations, sizes and rates for people, and the numbers that options take.
 * Keeps nothing.
 */

#include "agentctl/units.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "common/clock.h"

#define MINUTE 60
#define HOUR (60 * MINUTE)
#define DAY (24 * HOUR)

/* Three digits, and no more than there are in front of the point. */
static void
units_digits(double value, const char *unit, char buf[static UNITS_SIZE])
{
	int decimals = value < 9.995 ? 2 : value < 99.95 ? 1 : 0;

	snprintf(buf, UNITS_SIZE, "%.*f%s", decimals, value, unit);
}

/* Divides by step until the unit fits; count is how many units there are. */
static void
units_scale(double value, double step, const char *const *units, size_t count,
    char buf[static UNITS_SIZE])
{
	size_t i = 0;

	for (; i + 1 < count && value >= (i == 0 ? step : step - 0.5); i++)
		value /= step;
	if (i == 0)
		snprintf(buf, UNITS_SIZE, "%.0f%s", value, units[i]);
	else
		units_digits(value, units[i], buf);
}

/* Two units, the smaller with two digits. */
static void
units_long(int64_t seconds, char buf[static UNITS_SIZE])
{
	static const struct {
		int64_t unit, part;
		const char *unit_name, *part_name;
	} spans[] = {
	    {DAY, HOUR, "d", "h"},
	    {HOUR, MINUTE, "h", "m"},
	    {MINUTE, 1, "m", "s"},
	};
	size_t i = 0;

	while (
	    i + 1 < sizeof(spans) / sizeof(spans[0]) && seconds < spans[i].unit)
		i++;
	snprintf(buf, UNITS_SIZE, "%" PRId64 "%s%02" PRId64 "%s",
	    seconds / spans[i].unit, spans[i].unit_name,
	    seconds % spans[i].unit / spans[i].part, spans[i].part_name);
}

void
units_duration(int64_t ns, char buf[static UNITS_SIZE])
{
	static const char *const units[] = {"ns", "us", "ms", "s"};
	char positive[UNITS_SIZE];

	if (ns < 0) {
		units_duration(ns == INT64_MIN ? INT64_MAX : -ns, positive);
		snprintf(buf, UNITS_SIZE, "-%.*s", UNITS_SIZE - 2, positive);
	} else if (ns == 0) {
		strlcpy(buf, "0", UNITS_SIZE);
	} else if (ns / NS_PER_SEC >= MINUTE) {
		units_long(ns / NS_PER_SEC, buf);
	} else {
		units_scale((double)ns, 1000, units,
		    sizeof(units) / sizeof(units[0]), buf);
	}
}

void
units_bytes(int64_t bytes, char buf[static UNITS_SIZE])
{
	static const char *const units[] = {"", "K", "M", "G", "T", "P", "E"};

	units_scale(bytes < 0 ? 0 : (double)bytes, 1024, units,
	    sizeof(units) / sizeof(units[0]), buf);
}

void
units_rate(double rate, char buf[static UNITS_SIZE])
{
	if (!(rate > 0))
		strlcpy(buf, "0", UNITS_SIZE);
	else
		units_digits(rate, "", buf);
}

void
units_ago(const char *text, int64_t now_ns, char buf[static UNITS_SIZE])
{
	struct tm tm = {0};
	const char *rest =
	    text == NULL ? NULL : strptime(text, "%Y-%m-%dT%H:%M:%S", &tm);
	int64_t then_ns;

	strlcpy(buf, "-", UNITS_SIZE);
	if (rest == NULL || (*rest != '.' && *rest != 'Z'))
		return;
	then_ns = (int64_t)timegm(&tm) * NS_PER_SEC;
	if (*rest == '.')
		then_ns += (int64_t)(strtod(rest, NULL) * (double)NS_PER_SEC);
	/* The clocks of two hosts may differ. */
	units_duration(now_ns > then_ns ? now_ns - then_ns : 0, buf);
}

bool
units_parse_seconds(const char *text, int64_t *ms)
{
	char *end;
	double seconds;

	if (text[strspn(text, "0123456789.")] != '\0')
		return (false);
	seconds = strtod(text, &end);
	if (end == text || *end != '\0' || !(seconds > 0) || seconds > DAY)
		return (false);
	*ms = (int64_t)ceil(seconds * 1000);
	return (true);
}

bool
units_parse_count(const char *text, int64_t min, int64_t max, int64_t *value)
{
	char *end;

	if (text[strspn(text, "0123456789")] != '\0' || *text == '\0')
		return (false);
	errno = 0;
	*value = strtoll(text, &end, 10);
	return (errno == 0 && *end == '\0' && *value >= min && *value <= max);
}
