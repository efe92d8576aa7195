/*
 * What the text tool does to characters, with the tables of utf8proc.
 */

#include "tools/text_unicode.h"

#include <stdlib.h>
#include <string.h>
#include <utf8proc.h>

#define UTF8_MAX 4

/* The code point at *at, which moves past it. */
static int32_t
text_next_point(const char *text, size_t len, size_t *at)
{
	utf8proc_int32_t point;
	utf8proc_ssize_t size;

	size = utf8proc_iterate(
	    (const utf8proc_uint8_t *)text + *at, len - *at, &point);
	/* Never for valid UTF-8; but never stand still. */
	*at += size > 0 ? size : 1;
	return (point);
}

/* The White_Space property, which is these categories and six controls. */
static bool
text_is_space(int32_t point)
{
	switch (utf8proc_category(point)) {
	case UTF8PROC_CATEGORY_ZS:
	case UTF8PROC_CATEGORY_ZL:
	case UTF8PROC_CATEGORY_ZP:
		return (true);
	default:
		return ((point >= '\t' && point <= '\r') || point == 0x85);
	}
}

static bool
text_is_letter(int32_t point)
{
	utf8proc_category_t category = utf8proc_category(point);

	return (category >= UTF8PROC_CATEGORY_LU &&
		category <= UTF8PROC_CATEGORY_LO);
}

/* What does not end a word for title case: "don't" is one. */
static bool
text_is_inside_word(int32_t point)
{
	utf8proc_category_t category = utf8proc_category(point);

	return ((category >= UTF8PROC_CATEGORY_LU &&
		    category <= UTF8PROC_CATEGORY_NO) ||
		point == '\'' || point == 0x2019);
}

static int32_t
text_map_point(int32_t point, enum text_case to, bool in_word)
{
	if (to == TEXT_UPPER)
		return (utf8proc_toupper(point));
	if (to == TEXT_LOWER || in_word)
		return (utf8proc_tolower(point));
	return (utf8proc_totitle(point));
}

char *
text_map_case(
    const char *text, size_t len, enum text_case to, size_t *mapped_len)
{
	char *mapped;
	size_t at = 0, used = 0;
	bool in_word = false;
	int32_t point;

	/* No byte becomes more than one character, nor that more than this. */
	if (len > SIZE_MAX / UTF8_MAX - 1)
		return (NULL);
	mapped = malloc(len * UTF8_MAX + 1);
	if (mapped == NULL)
		return (NULL);
	while (at < len) {
		point = text_next_point(text, len, &at);
		used += utf8proc_encode_char(text_map_point(point, to, in_word),
		    (utf8proc_uint8_t *)mapped + used);
		/* An apostrophe goes on with a word, but begins none. */
		in_word = text_is_inside_word(point) &&
			  (in_word || (point != '\'' && point != 0x2019));
	}
	*mapped_len = used;
	return (mapped);
}

/* The length of the grapheme cluster at the start of text. */
static size_t
text_cluster_length(const char *text, size_t len)
{
	size_t at = 0, end;
	utf8proc_int32_t state = 0;
	int32_t before, after;

	before = text_next_point(text, len, &at);
	while (at < len) {
		end = at;
		after = text_next_point(text, len, &at);
		if (utf8proc_grapheme_break_stateful(before, after, &state))
			return (end);
		before = after;
	}
	return (len);
}

char *
text_reverse(const char *text, size_t len)
{
	char *reversed = malloc(len + 1);
	size_t at, cluster;

	for (at = 0; reversed != NULL && at < len; at += cluster) {
		cluster = text_cluster_length(text + at, len - at);
		memcpy(reversed + len - at - cluster, text + at, cluster);
	}
	return (reversed);
}

struct text_counts
text_count(const char *text, size_t len)
{
	struct text_counts counts = {0};
	size_t at = 0;
	int32_t point;

	while (at < len) {
		point = text_next_point(text, len, &at);
		counts.total++;
		if (text_is_letter(point))
			counts.letters++;
		else if (utf8proc_category(point) == UTF8PROC_CATEGORY_ND)
			counts.digits++;
		else if (text_is_space(point))
			counts.spaces++;
		else
			counts.special++;
	}
	return (counts);
}

const char *
text_trim(const char *text, size_t len, size_t *trimmed_len)
{
	size_t at = 0, start = len, end = len, before;

	while (at < len) {
		before = at;
		if (text_is_space(text_next_point(text, len, &at)))
			continue;
		if (start == len)
			start = before;
		end = at;
	}
	*trimmed_len = end - start;
	return (text + start);
}

const char *
text_next_word(const char *text, size_t len, size_t *at, size_t *word_len)
{
	size_t start = *at, end;

	while (*at < len && text_is_space(text_next_point(text, len, at)))
		start = *at;
	if (start == len)
		return (NULL);
	for (end = start; end < len; end = *at) {
		*at = end;
		if (text_is_space(text_next_point(text, len, at)))
			break;
	}
	*word_len = end - start;
	return (text + start);
}

const char *
text_find(const char *at, const char *end, struct text_span what)
{
	return (memmem(at, end - at, what.text, what.len));
}

size_t
text_occurrences(struct text_span text, struct text_span what)
{
	const char *end = text.text + text.len, *at = text.text;
	size_t n;

	for (n = 0;; n++) {
		at = text_find(at, end, what);
		if (at == NULL)
			return (n);
		at += what.len;
	}
}

void
text_substitute(char *into, struct text_span text, struct text_span find,
    struct text_span with)
{
	const char *end = text.text + text.len, *at = text.text, *next;

	while ((next = text_find(at, end, find)) != NULL) {
		into = (char *)mempcpy(into, at, next - at);
		into = (char *)mempcpy(into, with.text, with.len);
		at = next + find.len;
	}
	memcpy(into, at, end - at);
}
