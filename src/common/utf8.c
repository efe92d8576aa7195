/*
 * Makes text safe to show.  Used for messages that quote what a client sent.
 */

#include "common/utf8.h"

#include <string.h>

#include <utf8proc.h>

void
utf8_clean(char *text)
{
	utf8proc_ssize_t left = (utf8proc_ssize_t)strlen(text), n;
	utf8proc_int32_t codepoint;

	while (left > 0) {
		n = utf8proc_iterate(
		    (const utf8proc_uint8_t *)text, left, &codepoint);
		if (n <= 0) {
			*text = '?';
			n = 1;
		}
		text += n;
		left -= n;
	}
}

void
utf8_clean_controls(char *text)
{
	for (; *text != '\0'; text++)
		if ((unsigned char)*text < 0x20 || *text == 0x7f)
			*text = '?';
}

/* What readers of a log must not get to see, besides what is no UTF-8. */
static bool
utf8_is_line_safe(utf8proc_int32_t c)
{
	static const struct {
		utf8proc_int32_t first, last;
	} unsafe[] = {{0x00, 0x08},
	    {0x0a, 0x1f},     /* controls, but for the tab */
	    {0x7f, 0x9f},     /* delete, and the controls of C1 */
	    {0x061c, 0x061c}, /* marks and orders of direction, */
	    {0x200e, 0x200f}, /* ends of lines and paragraphs, */
	    {0x2028, 0x202e}, /* annotations */
	    {0x2066, 0x2069}, {0xfff9, 0xfffb}};

	for (size_t i = 0; i < sizeof(unsafe) / sizeof(unsafe[0]); i++)
		if (c >= unsafe[i].first && c <= unsafe[i].last)
			return (false);
	return (true);
}

void
utf8_clean_line(char *text)
{
	utf8proc_ssize_t left = (utf8proc_ssize_t)strlen(text), n;
	utf8proc_int32_t c;

	for (; left > 0; text += n, left -= n) {
		if (*text >= ' ' && *text < 0x7f) {
			n = 1;
			continue;
		}
		n = utf8proc_iterate((const utf8proc_uint8_t *)text, left, &c);
		if (n <= 0) {
			*text = '?';
			n = 1;
		} else if (!utf8_is_line_safe(c)) {
			memset(text, '?', (size_t)n);
		}
	}
}

/* How many bytes a character has that begins so; 1 for what begins none. */
static size_t
utf8_length(unsigned char first)
{
	return (first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : first >= 0xc0 ? 2 : 1);
}

size_t
utf8_whole(const char *text, size_t len)
{
	for (size_t back = 1; back <= 3 && back <= len; back++) {
		unsigned char c = (unsigned char)text[len - back];

		if (c < 0x80)
			break;
		if (c >= 0xc0)
			return (utf8_length(c) > back ? len - back : len);
	}
	return (len);
}

bool
utf8_valid(const char *text, size_t len)
{
	utf8proc_ssize_t left = (utf8proc_ssize_t)len, n;
	utf8proc_int32_t codepoint;

	for (; left > 0; text += n, left -= n) {
		n = utf8proc_iterate(
		    (const utf8proc_uint8_t *)text, left, &codepoint);
		if (n <= 0)
			return (false);
	}
	return (true);
}

size_t
utf8_mark(const char *text, size_t len)
{
	return (len >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0 ? 3 : 0);
}

size_t
utf8_unmark(char *text, size_t len)
{
	size_t mark = utf8_mark(text, len);

	if (mark > 0)
		memmove(text, text + mark, len - mark);
	return (len - mark);
}
