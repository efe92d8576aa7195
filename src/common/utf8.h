/*
 * UTF-8 that came from outside.
 */

#ifndef COMMON_UTF8_H
#define COMMON_UTF8_H

#include <stdbool.h>
#include <stddef.h>

/*
 * Overwrites with '?' what is not valid UTF-8 in text, a sequence that was
 * cut off at its end included.
 */
void utf8_clean(char *text);

/* Does so with the control characters of ASCII: the text is one line then. */
void utf8_clean_controls(char *text);

/*
 * Overwrites with '?' whatever could end the line, order a terminal about or
 * turn the direction of writing, and what is not valid UTF-8.  Tabs stay.
 */
void utf8_clean_line(char *text);

/*
 * How many of len bytes are left without a character at their end that is
 * there only in part.
 */
size_t utf8_whole(const char *text, size_t len);

/* Whether len bytes are valid UTF-8; a NUL is. */
bool utf8_valid(const char *text, size_t len);

/*
 * How many bytes of text are a byte order mark, which some editors begin a
 * file with: 3 or 0.  It is no part of what the text says.
 */
size_t utf8_mark(const char *text, size_t len);

/* Takes that from text, of len bytes: how many are left. */
size_t utf8_unmark(char *text, size_t len);

#endif
