/*
 * For the text tool: what it does to characters.  All texts are valid UTF-8
 * of a given length and may hold U+0000.
 */

#ifndef TOOLS_TEXT_UNICODE_H
#define TOOLS_TEXT_UNICODE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* How a text is mapped to another case, character by character. */
enum text_case { TEXT_UPPER, TEXT_LOWER, TEXT_TITLE };

struct text_span {
	const char *text;
	size_t len;
};

struct text_counts {
	size_t total;
	size_t letters;
	size_t digits;
	size_t spaces;
	size_t special;
};

/*
 * The text in another case; the caller frees it.  NULL when there is no
 * memory.
 */
char *text_map_case(const char *text, size_t len, enum text_case,
    size_t *mapped_len) __attribute__((warn_unused_result));

/*
 * The text with its grapheme clusters in reverse; as long as text, to be
 * freed.  NULL when there is no memory.
 */
char *text_reverse(const char *text, size_t len)
    __attribute__((warn_unused_result));

/* Code points by kind; those of no other kind are special. */
struct text_counts text_count(const char *text, size_t len);

/* The part of text that has no white space at its ends. */
const char *text_trim(const char *text, size_t len, size_t *trimmed_len);

/*
 * The next word from *at on, which moves past it; NULL when there is none.
 * Words are what white space separates.
 */
const char *text_next_word(
    const char *text, size_t len, size_t *at, size_t *word_len);

/* Where what first is between at and end, or NULL. */
const char *text_find(const char *at, const char *end, struct text_span what);

/* How often what is in text, one after the other, never one in another. */
size_t text_occurrences(struct text_span text, struct text_span what);

/* Writes text with each find replaced by with to into, which has the room. */
void text_substitute(char *into, struct text_span text, struct text_span find,
    struct text_span with);

#endif
