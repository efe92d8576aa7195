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
