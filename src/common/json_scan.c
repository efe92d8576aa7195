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

#include "common/hex.h"
#include "common/json.h"

/* The largest absolute values of a negative and of another integer. */
static const char min_digits[] = "9223372036854775808";
static const char max_digits[] = "18446744073709551615";

static bool
json_scan_fail(struct json_scan *s, const char *why)
{
	s->why = why;
	return (false);
}

static bool
json_scan_unexpected(struct json_scan *s)
{
	return (json_scan_fail(s, "unexpected character"));
}

/* The next byte, or -1 at the end. */
static int
json_scan_peek(const struct json_scan *s)
{
	return (s->at < s->end ? (unsigned char)*s->at : -1);
}

static bool
json_scan_skip(struct json_scan *s)
{
	s->at++;
	return (true);
}

static int max_depth = JSON_DEPTH;

void
json_limit_depth(int depth)
{
	max_depth = depth;
}

static bool
json_scan_open(struct json_scan *s)
{
	static char why[40];

	if (++s->depth <= max_depth)
		return (json_scan_skip(s));
	snprintf(why, sizeof(why), "nesting deeper than %d", max_depth);
	return (json_scan_fail(s, why));
}

static bool
json_scan_close(struct json_scan *s)
{
	s->depth--;
	return (json_scan_skip(s));
}

/* No white space, as far as the first token is asked for. */
static bool
json_scan_comma(struct json_scan *s)
{
	return (json_scan_skip(s));
}

static bool
json_scan_colon(struct json_scan *s)
{
	s->members++;
	return (json_scan_skip(s));
}

static bool
json_scan_word(struct json_scan *s)
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
	return (json_scan_unexpected(s));
}

/* Skips digits and says how many there were. */
static size_t
json_scan_digits(struct json_scan *s)
{
	const char *start = s->at;

	while (s->at < s->end && *s->at >= '0' && *s->at <= '9')
		s->at++;
	return (s->at - start);
}

/* Skips the fraction and the exponent, when there are any. */
static bool
json_scan_real(struct json_scan *s)
{
	int c = json_scan_peek(s);

	if (c == '.') {
		s->at++;
		if (json_scan_digits(s) == 0)
			return (json_scan_fail(s, "digit missing in a number"));
		c = json_scan_peek(s);
	}
	if (c == 'e' || c == 'E') {
		s->at++;
		c = json_scan_peek(s);
		if (c == '+' || c == '-')
			s->at++;
		if (json_scan_digits(s) == 0)
			return (json_scan_fail(s, "digit missing in a number"));
	}
	return (true);
}

static bool
json_scan_number(struct json_scan *s)
{
	const char *token = s->at, *start = s->at, *limit = max_digits;
	size_t len;

	if (*s->at == '-') {
		limit = min_digits;
		start = ++s->at;
	}
	len = json_scan_digits(s);
	if (len == 0)
		return (json_scan_fail(s, "digit missing in a number"));
	if (len > 1 && *start == '0')
		return (json_scan_fail(s, "number with a leading zero"));
	if (!json_scan_real(s))
		return (false);
	if (s->at != start + len) {
		s->reals++;
		s->digits += (size_t)(s->at - token);
	} else if (len > strlen(limit) ||
		   (len == strlen(limit) && memcmp(start, limit, len) > 0)) {
		return (json_scan_fail(s, "number out of range"));
	}
	return (true);
}

/* Skips backslash, u and four digits; gives their value, or -1. */
static int
json_scan_hex4(struct json_scan *s)
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

/* at is on a backslash.  Sets *nul when it stands for U+0000. */
static bool
json_scan_escape(struct json_scan *s, bool *nul)
{
	const char *start = s->at;
	int unit, low;

	if (s->end - s->at < 2)
		return (json_scan_fail(s, "string without an end"));
	if (s->at[1] != 'u') {
		if (s->at[1] == '\0' || strchr("\"\\/bfnrt", s->at[1]) == NULL)
			return (
			    json_scan_fail(s, "unknown escape in a string"));
		s->at += 2;
		s->bytes -= 2 - 1;
		return (true);
	}
	unit = json_scan_hex4(s);
	if (unit < 0)
		return (json_scan_fail(s, "unknown escape in a string"));
	if (unit == 0)
		*nul = true;
	s->bytes -= unit < 0x80 ? 5 : unit < 0x800 ? 4 : 3; /* its UTF-8 */
	if (unit < 0xd800 || unit > 0xdfff)
		return (true);
	s->bytes -= 5; /* a pair of 12 has 4 */
	low = unit < 0xdc00 ? json_scan_hex4(s) : -1;
	if (low >= 0xdc00 && low <= 0xdfff)
		return (true);
	s->at = start;
	return (json_scan_fail(s, "half of a surrogate pair in a string"));
}

/* One character that is not plain: an escape, a control, or not ASCII. */
static bool
json_scan_special(struct json_scan *s, bool *nul)
{
	utf8proc_int32_t point;
	utf8proc_ssize_t len;

	if (*s->at == '\\')
		return (json_scan_escape(s, nul));
	if ((unsigned char)*s->at < 0x20)
		return (json_scan_fail(s, "control character in a string"));
	len = utf8proc_iterate(
	    (const utf8proc_uint8_t *)s->at, s->end - s->at, &point);
	if (len <= 0)
		return (json_scan_fail(s, "invalid UTF-8"));
	s->at += len;
	return (true);
}

/* Only a member name can have a colon after it. */
static bool
json_scan_is_name(const struct json_scan *s)
{
	const char *p = s->at;

	while (p < s->end && *p != '\0' && strchr(" \t\r\n", *p) != NULL)
		p++;
	return (p < s->end && *p == ':');
}

static bool
json_scan_string(struct json_scan *s)
{
	const char *start = s->at;
	bool nul = false;
	unsigned char c;

	for (s->at++; s->at < s->end && *s->at != '"';) {
		c = *s->at;
		if (c >= 0x20 && c < 0x80 && c != '\\')
			s->at++;
		else if (!json_scan_special(s, &nul))
			return (false);
	}
	if (s->at == s->end)
		return (json_scan_fail(s, "string without an end"));
	s->bytes += (size_t)(s->at - start) - 1; /* escapes took theirs off */
	s->at++;
	if (nul && json_scan_is_name(s)) {
		s->at = start;
		return (json_scan_fail(s, "NUL in a member name"));
	}
	return (true);
}

/* By first byte; NULL where no token starts. */
static bool (*const scan_token[256])(struct json_scan *) = {
    [' '] = json_scan_skip,
    ['\t'] = json_scan_skip,
    ['\r'] = json_scan_skip,
    ['\n'] = json_scan_skip,
    [','] = json_scan_comma,
    [':'] = json_scan_colon,
    ['['] = json_scan_open,
    ['{'] = json_scan_open,
    [']'] = json_scan_close,
    ['}'] = json_scan_close,
    ['"'] = json_scan_string,
    ['-'] = json_scan_number,
    ['0' ... '9'] = json_scan_number,
    ['t'] = json_scan_word,
    ['f'] = json_scan_word,
    ['n'] = json_scan_word,
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
		return (json_scan_unexpected(s));
	if (s->first == NULL && token != json_scan_skip)
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
