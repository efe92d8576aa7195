/*
 * Durations and layouts in the syntax of Go.  A layout is a reference instant
 * (Mon Jan 2 15:04:05 MST 2006) written as the result shall look.  Keeps no
 * state.
 */

#include "tools/time_parts.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/clock.h"

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

/* How an offset from UTC is written. */
enum { WITH_COLON = 1, WITH_MINUTES = 2, WITH_SECONDS = 4, Z_FOR_UTC = 8 };

/* What stands for a part of the instant: by strftime(), or as an offset. */
struct token {
	const char *text;
	const char *spec;
	int offset;
};

/* A token that begins another one comes after it. */
static const struct token tokens[] = {
    {"January", "%B"},
    {"Jan", "%b"},
    {"Monday", "%A"},
    {"Mon", "%a"},
    {"MST", "%Z"},
    {"PM", "%p"},
    {"pm", "%P"},
    {"01", "%m"},
    {"002", "%j"},
    {"02", "%d"},
    {"03", "%I"},
    {"04", "%M"},
    {"05", "%S"},
    {"06", "%y"},
    {"15", "%H"},
    {"1", "%-m"},
    {"2006", "%Y"},
    {"2", "%-d"},
    {"__2", "%_j"},
    {"_2006", "_%Y"},
    {"_2", "%e"},
    {"3", "%-I"},
    {"4", "%-M"},
    {"5", "%-S"},
    {"-07:00:00", NULL, WITH_MINUTES | WITH_SECONDS | WITH_COLON},
    {"-07:00", NULL, WITH_MINUTES | WITH_COLON},
    {"-070000", NULL, WITH_MINUTES | WITH_SECONDS},
    {"-0700", NULL, WITH_MINUTES},
    {"-07", NULL, 0},
    {"Z07:00:00", NULL, WITH_MINUTES | WITH_SECONDS | WITH_COLON | Z_FOR_UTC},
    {"Z07:00", NULL, WITH_MINUTES | WITH_COLON | Z_FOR_UTC},
    {"Z070000", NULL, WITH_MINUTES | WITH_SECONDS | Z_FOR_UTC},
    {"Z0700", NULL, WITH_MINUTES | Z_FOR_UTC},
    {"Z07", NULL, Z_FOR_UTC},
};

static void
time_write_offset(FILE *out, long seconds, int how)
{
	const char *colon = how & WITH_COLON ? ":" : "";
	long size = labs(seconds);

	if (seconds == 0 && how & Z_FOR_UTC) {
		fputc('Z', out);
		return;
	}
	fprintf(out, "%c%02ld", seconds < 0 ? '-' : '+', size / 3600);
	if (how & WITH_MINUTES)
		fprintf(out, "%s%02ld", colon, size / 60 % 60);
	if (how & WITH_SECONDS)
		fprintf(out, "%s%02ld", colon, size % 60);
}

/* The formats are those of the table above. */
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
static void
time_write_token(FILE *out, const struct token *token, const struct tm *tm)
{
	char text[64];

	if (token->spec == NULL)
		time_write_offset(out, tm->tm_gmtoff, token->offset);
	else if (strftime(text, sizeof(text), token->spec, tm) > 0)
		fputs(text, out);
}
#pragma GCC diagnostic pop

/* The token at the start of the layout, or NULL. */
static const struct token *
time_find_token(const char *layout, size_t len)
{
	size_t i, size;

	for (i = 0; i < sizeof(tokens) / sizeof(tokens[0]); i++) {
		size = strlen(tokens[i].text);
		if (size > len || memcmp(layout, tokens[i].text, size) != 0)
			continue;
		/* Janet and Monica are people. */
		if (size == 3 && isalpha((unsigned char)layout[1]) &&
		    islower((unsigned char)layout[1]) && size < len &&
		    islower((unsigned char)layout[size]))
			continue;
		return (&tokens[i]);
	}
	return (NULL);
}

/*
 * The length of a fraction of a second at the start of the layout: a point or
 * comma and zeros, or nines, and no other digit after them.
 */
static size_t
time_fraction_length(const char *layout, size_t len)
{
	size_t i;

	if (len < 2 || (layout[0] != '.' && layout[0] != ',') ||
	    (layout[1] != '0' && layout[1] != '9'))
		return (0);
	for (i = 2; i < len && layout[i] == layout[1]; i++)
		;
	return (i < len && isdigit((unsigned char)layout[i]) ? 0 : i);
}

/* With nines, zeros at the end are left out, and so is a point alone. */
static void
time_write_fraction(FILE *out, const char *layout, size_t len, long nsec)
{
	char digits[16];
	size_t count = len - 1 < 9 ? len - 1 : 9;

	snprintf(digits, sizeof(digits), "%09ld", nsec);
	while (layout[1] == '9' && count > 0 && digits[count - 1] == '0')
		count--;
	if (count > 0)
		fprintf(out, "%c%.*s", layout[0], (int)count, digits);
}

static void
time_write_layout(
    FILE *out, const char *layout, size_t len, const struct tm *tm, long nsec)
{
	const struct token *token;
	size_t at, size;

	for (at = 0; at < len; at += size) {
		token = time_find_token(layout + at, len - at);
		size = time_fraction_length(layout + at, len - at);
		if (token != NULL) {
			time_write_token(out, token, tm);
			size = strlen(token->text);
		} else if (size > 0)
			time_write_fraction(out, layout + at, size, nsec);
		else {
			size = 1;
			fputc(layout[at], out);
		}
	}
}

char *
time_layout(const char *layout, size_t len, const struct tm *tm, long nsec,
    size_t *out_len)
{
	char *text = NULL;
	FILE *out = open_memstream(&text, out_len);
	bool failed;

	if (out == NULL)
		return (NULL);
	time_write_layout(out, layout, len, tm, nsec);
	failed = ferror(out) != 0;
	if (fclose(out) != 0 || failed) {
		free(text);
		return (NULL);
	}
	return (text);
}
