/*
 * Text of others on a terminal: without control characters, and measured in
 * columns.
 */

#ifndef AGENTCTL_VISIBLE_H
#define AGENTCTL_VISIBLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

/*
 * Writes text with everything that a terminal could take for an order, that
 * turns the direction of writing, or that is not UTF-8, as \n, \t, \r, \xHH
 * or \uHHHH.  With lines, newlines and tabs stay what they are.
 */
void visible_write(FILE *, const char *text, size_t len, bool lines);

/* The same as a string, which the caller frees; ends when out of memory. */
char *visible_text(const char *text, size_t len);

/*
 * Writes text as it is, but for control characters other than those that end
 * lines and cells, which could be orders to a terminal: they become \xHH or
 * \uHHHH.
 */
void visible_plain(FILE *, const char *text, size_t len);

/*
 * Writes a JSON text so that the same characters stand in it as \uHHHH, which
 * leaves its value as it was.
 */
void visible_json(FILE *, const char *text, size_t len);

/* How many columns text takes; it has no control characters. */
size_t visible_width(const char *text, size_t len);

/* The bytes of the longest beginning of text that fits into columns. */
size_t visible_prefix(const char *text, size_t columns);

#endif
