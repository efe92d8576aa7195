/*
 * The lexical half of json_parse().  json-c, even when strict, takes texts
 * that are not JSON (NaN, 01, 'name', raw control characters, overlong
 * UTF-8), saturates integers, turns half of a surrogate pair into U+FFFD and
 * cuts a member name at a NUL; the last two could also cross from one text
 * to the next through a tokener that is used again.  So every token is looked
 * at here before json-c sees it.  The structure is left to json-c.  Keeps
 * nothing but the limit, and allocates nothing.
 */

#include "common/json_scan.h"

#include <stdio.h>
#include <string.h>
#include <utf8proc.h>

#include "common/json.h"
#include "common/hex.h"

/* The largest absolute values of a negative and of another integer. */
static const char min_digits[] = "9223372036854775808";
static const char max_digits[] = "18446744073709551615";

static bool
scan_fail(struct json_scan *s, const char *why)
{
	s->why = why;
	return (false);
}

static bool
scan_unexpected(struct json_scan *s)
{
	return (scan_fail(s, "unexpected character"));
}

/* The next byte, or -1 at the end. */
static int
scan_peek(const struct json_scan *s)
{
	return (s->at < s->end ? (unsigned char)*s->at : -1);
}

static bool
scan_skip(struct json_scan *s)
{
	s->at++;
	return (true);
}

static int max_depth = JSON_DEPTH;

void
json_scan_limit_depth(int depth)
{
	max_depth = depth;
}

static bool
scan_open(struct json_scan *s)
{
	static char why[40];

	if (++s->depth <= max_depth)
		return (scan_skip(s));
	snprintf(why, sizeof(why), "nesting deeper than %d", max_depth);
	return (scan_fail(s, why));
}

static bool
scan_close(struct json_scan *s)
{
	s->depth--;
	return (scan_skip(s));
}

static bool
scan_comma(struct json_scan *s)
{
	return (scan_skip(s));
}

static bool
scan_colon(struct json_scan *s)
{
	s->members++;
	return (scan_skip(s));
}

static bool
scan_word(struct json_scan *s)
{
	static const char *const words[] = {"true", "false", "null"};
	size_t i, len;

	for (i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		len = strlen(words[i]);
		if ((size_t)(s->end - s->at) < len ||
		    memcmp(s->at, words[i], len) != 0)
			continue;
		s->at += len;
		return (true);
	}
	return (scan_unexpected(s));
}

/* Skips digits and says how many there were. */
static size_t
scan_digits(struct json_scan *s)
{
	const char *start = s->at;

	while (s->at < s->end && *s->at >= '0' && *s->at <= '9')
		s->at++;
	return (s->at - start);
}

/* Skips the fraction and the exponent, when there are any. */
static bool
scan_real(struct json_scan *s)
{
	int c = scan_peek(s);

	if (c == '.') {
		s->at++;
		if (scan_digits(s) == 0)
			return (scan_fail(s, "digit missing in a number"));
		c = scan_peek(s);
	}
	if (c == 'e' || c == 'E') {
		s->at++;
		c = scan_peek(s);
		if (c == '+' || c == '-')
			s->at++;
		if (scan_digits(s) == 0)
			return (scan_fail(s, "digit missing in a number"));
	}
	return (true);
}

/* Whether digits (no leading zero) are at most those of limit. */
static bool
digits_within(const char *digits, size_t len, const char *limit)
{
	size_t limit_len = strlen(limit);

	return (len < limit_len ||
		(len == limit_len && memcmp(digits, limit, len) <= 0));
}

static bool
scan_number(struct json_scan *s)
{
	const char *token = s->at, *start = s->at, *limit = max_digits;
	size_t len;

	if (*s->at == '-') {
		limit = min_digits;
		start = ++s->at;
	}
	len = scan_digits(s);
	if (len == 0)
		return (scan_fail(s, "digit missing in a number"));
	if (len > 1 && *start == '0')
		return (scan_fail(s, "number with a leading zero"));
	if (!scan_real(s))
		return (false);
	if (s->at != start + len) {
		s->reals++;
		s->digits += (size_t)(s->at - token);
	} else if (!digits_within(start, len, limit))
		return (scan_fail(s, "number out of range"));
	return (true);
}

/* Skips backslash, u and four digits; gives their value, or -1. */
static int
scan_hex4(struct json_scan *s)
{
	int i, digit, value = 0;

	if (s->end - s->at < 6 || s->at[0] != '\\' || s->at[1] != 'u')
		return (-1);
	for (i = 2; i < 6; i++) {
		digit = hex_digit(s->at[i]);
		if (digit < 0)
			return (-1);
		value = value << 4 | digit;
	}
	s->at += 6;
	return (value);
}

/* Of a character in UTF-8. */
static size_t
scan_width(int point)
{
	if (point < 0x80)
		return (1);
	return (point < 0x800 ? 2 : 3);
}

/* at is on a backslash.  Sets *nul when it stands for U+0000. */
static bool
scan_escape(struct json_scan *s, bool *nul)
{
	const char *start = s->at;
	int unit, low;

	if (s->end - s->at < 2)
		return (scan_fail(s, "string without an end"));
	if (s->at[1] != 'u') {
		if (s->at[1] == '\0' || strchr("\"\\/bfnrt", s->at[1]) == NULL)
			return (scan_fail(s, "unknown escape in a string"));
		s->at += 2;
		s->bytes -= 2 - 1;
		return (true);
	}
	unit = scan_hex4(s);
	if (unit < 0)
		return (scan_fail(s, "unknown escape in a string"));
	if (unit == 0)
		*nul = true;
	s->bytes -= 6 - scan_width(unit);
	if (unit < 0xd800 || unit > 0xdfff)
		return (true);
	s->bytes -= 5; /* a pair of 12 has 4 */
	low = unit < 0xdc00 ? scan_hex4(s) : -1;
	if (low >= 0xdc00 && low <= 0xdfff)
		return (true);
	s->at = start;
	return (scan_fail(s, "half of a surrogate pair in a string"));
}

/* One character that is not plain: an escape, a control, or not ASCII. */
static bool
scan_special(struct json_scan *s, bool *nul)
{
	utf8proc_int32_t point;
	utf8proc_ssize_t len;

	if (*s->at == '\\')
		return (scan_escape(s, nul));
	if ((unsigned char)*s->at < 0x20)
		return (scan_fail(s, "control character in a string"));
	len = utf8proc_iterate(
	    (const utf8proc_uint8_t *)s->at, s->end - s->at, &point);
	if (len <= 0)
		return (scan_fail(s, "invalid UTF-8"));
	s->at += len;
	return (true);
}

/* Only a member name can have a colon after it. */
static bool
scan_is_name(const struct json_scan *s)
{
	const char *p = s->at;

	while (p < s->end && *p != '\0' && strchr(" \t\r\n", *p) != NULL)
		p++;
	return (p < s->end && *p == ':');
}

static bool
scan_string(struct json_scan *s)
{
	const char *start = s->at;
	bool nul = false;
	unsigned char c;

	for (s->at++; s->at < s->end && *s->at != '"';) {
		c = *s->at;
		if (c >= 0x20 && c < 0x80 && c != '\\')
			s->at++;
		else if (!scan_special(s, &nul))
			return (false);
	}
	if (s->at == s->end)
		return (scan_fail(s, "string without an end"));
	s->bytes += (size_t)(s->at - start) - 1; /* escapes took theirs off */
	s->at++;
	if (nul && scan_is_name(s)) {
		s->at = start;
		return (scan_fail(s, "NUL in a member name"));
	}
	return (true);
}

/* By first byte; NULL where no token starts. */
static bool (*const scan_token[256])(struct json_scan *) = {
    [' '] = scan_skip,
    ['\t'] = scan_skip,
    ['\r'] = scan_skip,
    ['\n'] = scan_skip,
    [','] = scan_comma,
    [':'] = scan_colon,
    ['['] = scan_open,
    ['{'] = scan_open,
    [']'] = scan_close,
    ['}'] = scan_close,
    ['"'] = scan_string,
    ['-'] = scan_number,
    ['0' ... '9'] = scan_number,
    ['t'] = scan_word,
    ['f'] = scan_word,
    ['n'] = scan_word,
};

void
json_scan_begin(struct json_scan *s, const char *text, size_t len)
{
	*s = (struct json_scan){.at = text, .end = text + len};
}

bool
json_scan_token(struct json_scan *s)
{
	bool (*token)(struct json_scan *) = scan_token[(unsigned char)*s->at];

	if (token == NULL)
		return (scan_unexpected(s));
	if (s->first == NULL && token != scan_skip)
		s->first = s->at;
	return (token(s));
}

bool
json_scan(struct json_scan *s, const char *text, size_t len)
{
	json_scan_begin(s, text, len);
	while (s->at < s->end)
		if (!json_scan_token(s))
			return (false);
	return (true);
}
