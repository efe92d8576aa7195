/*
 * Makes text of others fit for a terminal.  Never changes text that is
 * harmless.
 */

#include "agentctl/visible.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <utf8proc.h>

#include "agentctl/message.h"

/* Ranges of code points that are shown by their number. */
static const struct range {
	int32_t first, last;
} hidden[] = {
    {0x00, 0x1f},     /* C0 controls */
    {0x7f, 0x9f},     /* delete and C1 controls, among them CSI */
    {0x061c, 0x061c}, /* marks, embeddings, overrides and isolates of */
    {0x200e, 0x200f}, /* bidirectional text */
    {0x2028, 0x202e}, /* and the separators of lines and paragraphs */
    {0x2066, 0x2069}, {0xfff9, 0xfffb}, /* interlinear annotation */
};

static bool
visible_hidden(int32_t point)
{
	for (size_t i = 0; i < sizeof(hidden) / sizeof(hidden[0]); i++)
		if (point >= hidden[i].first && point <= hidden[i].last)
			return (true);
	return (false);
}

/* The next character; its length, and -1 in point when it is not UTF-8. */
static size_t
visible_next(const char *text, size_t len, int32_t *point)
{
	utf8proc_ssize_t n = utf8proc_iterate(
	    (const utf8proc_uint8_t *)text, (utf8proc_ssize_t)len, point);

	if (n > 0)
		return ((size_t)n);
	*point = -1;
	return (1);
}

/* Those that have a letter of their own; 0: none. */
static char
visible_letter(int32_t point)
{
	static const char from[] = "\n\t\r", to[] = "ntr";
	const char *at =
	    point > 0 && point < 0x80 ? strchr(from, (int)point) : NULL;

	return (at == NULL ? '\0' : to[at - from]);
}

static void
visible_put(FILE *out, const char *text, size_t n, int32_t point)
{
	if (point == -1)
		fprintf(out, "\\x%02x", (unsigned char)*text);
	else if (!visible_hidden(point))
		fwrite(text, 1, n, out);
	else if (visible_letter(point) != '\0')
		fprintf(out, "\\%c", visible_letter(point));
	else if (point < 0x80)
		fprintf(out, "\\x%02x", (unsigned int)point);
	else
		fprintf(out, "\\u%04x", (unsigned int)point);
}

void
visible_write(FILE *out, const char *text, size_t len, bool lines)
{
	int32_t point;

	for (size_t n; len > 0; text += n, len -= n) {
		n = visible_next(text, len, &point);
		if (lines && (point == '\n' || point == '\t'))
			fputc((int)point, out);
		else
			visible_put(out, text, n, point);
	}
}

void
visible_plain(FILE *out, const char *text, size_t len)
{
	int32_t point;

	for (size_t n; len > 0; text += n, len -= n) {
		n = visible_next(text, len, &point);
		if (visible_letter(point) != '\0' ||
		    !((point >= 0 && point < 0x20) ||
			(point >= 0x7f && point < 0xa0)))
			fwrite(text, 1, n, out);
		else
			visible_put(out, text, n, point);
	}
}

char *
visible_text(const char *text, size_t len)
{
	char *buf;
	size_t size;
	FILE *out = message_need(open_memstream(&buf, &size));

	visible_write(out, text, len, false);
	if (fclose(out) != 0)
		message_no_memory();
	return (buf);
}

/* A carriage return can only stand between two tokens. */
void
visible_json(FILE *out, const char *text, size_t len)
{
	int32_t point;

	for (size_t n; len > 0; text += n, len -= n) {
		n = visible_next(text, len, &point);
		if (point == '\r')
			fputc(' ', out);
		else if (point == '\n' || point == '\t')
			fputc((int)point, out);
		else if (point == -1 || visible_hidden(point))
			fprintf(out, "\\u%04x",
			    point == -1 ? 0xfffd : (unsigned int)point);
		else
			fwrite(text, 1, n, out);
	}
}

size_t
visible_width(const char *text, size_t len)
{
	size_t width = 0;
	int32_t point;

	for (size_t n; len > 0; text += n, len -= n) {
		n = visible_next(text, len, &point);
		width += point == -1 ? 1 : (size_t)utf8proc_charwidth(point);
	}
	return (width);
}

/* What has no width of its own goes with the character before it. */
size_t
visible_prefix(const char *text, size_t columns)
{
	size_t len = strlen(text), used = 0, width = 0;
	int32_t point;

	while (used < len) {
		size_t n = visible_next(text + used, len - used, &point);

		width += point == -1 ? 1 : (size_t)utf8proc_charwidth(point);
		if (width > columns)
			break;
		used += n;
	}
	return (used);
}
