/*
 * Tables for people: columns as wide as what is in them, within the width of
 * the terminal.
 */

#ifndef AGENTCTL_TABLE_H
#define AGENTCTL_TABLE_H

#include <stddef.h>
#include <stdio.h>

enum {
	TABLE_RIGHT = 1, /* numbers */
	TABLE_CUT = 2,	 /* gives way when the lines are too long, or */
	TABLE_WRAP = 4,	 /* goes on in the next line; last column only */
};

/* At most one column of a table gives way. */
struct table_column {
	const char *title;
	unsigned int flags;
};

struct table;

/* columns stays the caller's and must outlive the table. */
struct table *table_new(const struct table_column *columns, size_t count);
void table_free(struct table *);

/*
 * Adds the next cell, from left to right and then from above to below; text is
 * copied, what is in it made visible; NULL and "" show as "-".
 */
void table_add(struct table *, const char *text);
void table_addf(struct table *, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/* Lines of at most width columns; 0: as long as they come out. */
void table_print(const struct table *, FILE *, size_t width);

#endif
