/*
 * Tables for people.  Owns copies of its cells, in which nothing is left that a
 * terminal would obey.
 */

#include "agentctl/table.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "agentctl/message.h"
#include "agentctl/visible.h"

#define GAP 2
#define FLEXIBLE (TABLE_CUT | TABLE_WRAP)

/* What a column that gives way keeps at least. */
#define LEAST 6

#define ELLIPSIS "\u2026"

struct table {
	const struct table_column *columns;
	size_t columns_count;
	char **cells;
	size_t count, room;
};

struct table *
table_new(const struct table_column *columns, size_t count)
{
	struct table *t = message_need(calloc(1, sizeof(*t)));

	t->columns = columns;
	t->columns_count = count;
	return (t);
}

void
table_free(struct table *t)
{
	for (size_t i = 0; i < t->count; i++)
		free(t->cells[i]);
	free(t->cells);
	free(t);
}

void
table_add(struct table *t, const char *text)
{
	if (text == NULL || *text == '\0')
		text = "-";
	if (t->count == t->room) {
		t->room = t->room == 0 ? 64 : 2 * t->room;
		t->cells = message_need(
		    reallocarray(t->cells, t->room, sizeof(*t->cells)));
	}
	t->cells[t->count++] = visible_text(text, strlen(text));
}

void
table_addf(struct table *t, const char *fmt, ...)
{
	va_list ap;
	char *text;

	va_start(ap, fmt);
	text = message_vformat(fmt, ap);
	va_end(ap);
	table_add(t, text);
	free(text);
}

static size_t
table_max_of(size_t a, size_t b)
{
	return (a > b ? a : b);
}

static size_t
table_width(const char *text)
{
	return (visible_width(text, strlen(text)));
}

/* How wide each column is by what is in it. */
static void
table_measure(const struct table *t, size_t *widths)
{
	for (size_t i = 0; i < t->columns_count; i++)
		widths[i] = table_width(t->columns[i].title);
	for (size_t i = 0; i < t->count; i++)
		widths[i % t->columns_count] = table_max_of(
		    widths[i % t->columns_count], table_width(t->cells[i]));
}

/* Takes from the column that gives way what the lines are too long. */
static void
table_fit(const struct table *t, size_t *widths, size_t width)
{
	size_t total = GAP * (t->columns_count - 1), left;

	for (size_t i = 0; i < t->columns_count; i++)
		total += widths[i];
	for (size_t i = 0; total > width && i < t->columns_count; i++) {
		if (!(t->columns[i].flags & FLEXIBLE))
			continue;
		left = total - widths[i];
		widths[i] =
		    table_max_of(width > left ? width - left : 0, LEAST);
		return;
	}
}

static void
table_spaces(FILE *out, size_t n)
{
	fprintf(out, "%*s", (int)n, "");
}

/* One cell; nothing follows what is last in its line. */
static void
table_put(
    FILE *out, const char *text, size_t width, unsigned int flags, bool last)
{
	size_t len = strlen(text), own = visible_width(text, len);
	const char *end = "";

	if (own > width) {
		len = visible_prefix(text, width - 1);
		own = visible_width(text, len) + 1;
		end = ELLIPSIS;
	}
	if (flags & TABLE_RIGHT)
		table_spaces(out, width - own);
	fprintf(out, "%.*s%s", (int)len, text, end);
	if (!last)
		table_spaces(
		    out, GAP + (flags & TABLE_RIGHT ? 0 : width - own));
}

/* The bytes of text that go into one line, ended at a space if there is one. */
static size_t
table_break(const char *text, size_t width)
{
	size_t fits = visible_prefix(text, width), at = fits;

	if (text[fits] == '\0')
		return (fits);
	while (at > 0 && text[at] != ' ')
		at--;
	return (at > 0 ? at : fits > 0 ? fits : strlen(text));
}

/* The last cell of a line over as many lines as it needs. */
static void
table_wrap(FILE *out, const char *text, size_t width, size_t indent)
{
	size_t n = table_break(text, width);

	fprintf(out, "%.*s", (int)n, text);
	for (text += n; *(text += strspn(text, " ")) != '\0'; text += n) {
		n = table_break(text, width);
		fputc('\n', out);
		table_spaces(out, indent);
		fprintf(out, "%.*s", (int)n, text);
	}
}

static void
table_line(const struct table *t, FILE *out, const char *const *cells,
    const size_t *widths)
{
	size_t indent = 0, last = t->columns_count - 1;

	for (size_t i = 0; i < last; i++) {
		table_put(out, cells[i], widths[i], t->columns[i].flags, false);
		indent += widths[i] + GAP;
	}
	if (t->columns[last].flags & TABLE_WRAP)
		table_wrap(out, cells[last], widths[last], indent);
	else
		table_put(out, cells[last], widths[last],
		    t->columns[last].flags, true);
	fputc('\n', out);
}

void
table_print(const struct table *t, FILE *out, size_t width)
{
	size_t widths[t->columns_count];
	const char *titles[t->columns_count];

	table_measure(t, widths);
	if (width > 0)
		table_fit(t, widths, width);
	for (size_t i = 0; i < t->columns_count; i++)
		titles[i] = t->columns[i].title;
	table_line(t, out, titles, widths);
	for (size_t i = 0; i + t->columns_count <= t->count;
	     i += t->columns_count)
		table_line(t, out, (const char *const *)t->cells + i, widths);
}
