/*
 * Where a regular expression of ECMA-262 means or is written otherwise than
 * PCRE2 takes it: what white space and the ends of lines are, pairs of
 * surrogates, an opening bracket in a class, and the long names of general
 * categories of characters, as in \p{Letter}.  Called when a pattern is
 * compiled; keeps no state.
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "schema/schema_compile.h"

static const struct {
	const char *name, *category;
} categories[] = {
    {"Cased_Letter", "L&"},
    {"Close_Punctuation", "Pe"},
    {"Connector_Punctuation", "Pc"},
    {"Control", "Cc"},
    {"Currency_Symbol", "Sc"},
    {"Dash_Punctuation", "Pd"},
    {"Decimal_Number", "Nd"},
    {"Enclosing_Mark", "Me"},
    {"Final_Punctuation", "Pf"},
    {"Format", "Cf"},
    {"Initial_Punctuation", "Pi"},
    {"Letter", "L"},
    {"Letter_Number", "Nl"},
    {"Line_Separator", "Zl"},
    {"Lowercase_Letter", "Ll"},
    {"Mark", "M"},
    {"Math_Symbol", "Sm"},
    {"Modifier_Letter", "Lm"},
    {"Modifier_Symbol", "Sk"},
    {"Nonspacing_Mark", "Mn"},
    {"Number", "N"},
    {"Open_Punctuation", "Ps"},
    {"Other", "C"},
    {"Other_Letter", "Lo"},
    {"Other_Number", "No"},
    {"Other_Punctuation", "Po"},
    {"Other_Symbol", "So"},
    {"Paragraph_Separator", "Zp"},
    {"Private_Use", "Co"},
    {"Punctuation", "P"},
    {"Separator", "Z"},
    {"Space_Separator", "Zs"},
    {"Spacing_Mark", "Mc"},
    {"Surrogate", "Cs"},
    {"Symbol", "S"},
    {"Titlecase_Letter", "Lt"},
    {"Unassigned", "Cn"},
    {"Uppercase_Letter", "Lu"},
    {"digit", "Nd"},
    {"punct", "P"},
};

/* White space and line terminators, and all but them, as members of a class. */
#define SPACE                                                               \
	"\\t-\\r \\u00a0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f" \
	"\\u3000\\ufeff"
#define NOT_SPACE                                                      \
	"\\u0000-\\u0008\\u000e-\\u001f!-\\u009f\\u00a1-\\u167f"       \
	"\\u1681-\\u1fff\\u200b-\\u2027\\u202a-\\u202e\\u2030-\\u205e" \
	"\\u2060-\\u2fff\\u3001-\\ufefe\\uff00-\\u{10ffff}"

/* What a point stands for. */
#define ANY "[^\\n\\r\\u2028\\u2029]"

struct translation {
	const char *at, *end;
	char *out;  /* NULL: it is only measured */
	size_t len; /* of what is written so far */
	bool in_class;
	bool after_set; /* the last item is one, in a class */
	bool hyphen;	/* read, in a class, but not yet written */
};

static const char *const prefixes[] = {"General_Category=", "gc="};

/* What PCRE2 calls the property of len bytes; NULL: the same. */
static const char *
schema_find_category(const char *name, size_t len)
{
	size_t i;

	for (i = 0; i < sizeof(categories) / sizeof(categories[0]); i++)
		if (strlen(categories[i].name) == len &&
		    memcmp(categories[i].name, name, len) == 0)
			return (categories[i].category);
	return (NULL);
}

/* The length of a prefix that PCRE2 does without. */
static size_t
schema_prefix_length(const char *name, size_t len)
{
	size_t i, prefix;

	for (i = 0; i < sizeof(prefixes) / sizeof(prefixes[0]); i++) {
		prefix = strlen(prefixes[i]);
		if (len > prefix && memcmp(prefixes[i], name, prefix) == 0)
			return (prefix);
	}
	return (0);
}

static void
schema_put(struct translation *t, const char *text, size_t len)
{
	if (t->out != NULL)
		memcpy(t->out + t->len, text, len);
	t->len += len;
}

static void
schema_put_text(struct translation *t, const char *text)
{
	schema_put(t, text, strlen(text));
}

/* Before a set a hyphen can begin no range, so that it is one itself. */
static void
schema_put_hyphen(struct translation *t, bool before_set)
{
	if (t->hyphen)
		schema_put_text(t, before_set ? "\\-" : "-");
	t->hyphen = false;
}

static void
schema_copy(struct translation *t, size_t len)
{
	schema_put_hyphen(t, false);
	schema_put(t, t->at, len);
	t->at += len;
	t->after_set = false;
}

/* The length of the name when text begins with \p{NAME}. */
static size_t
schema_property_length(const char *text, const char *end)
{
	const char *close;

	if (end - text < 4 || (text[1] != 'p' && text[1] != 'P') ||
	    text[2] != '{')
		return (0);
	close = memchr(text, '}', (size_t)(end - text));
	return (close != NULL ? (size_t)(close - text) - 3 : 0);
}

/* Copies what stands for a set of characters, which is no end of a range. */
static void
schema_copy_set(struct translation *t, size_t len)
{
	schema_put_hyphen(t, true);
	schema_copy(t, len);
	t->after_set = t->in_class;
}

/* At \p{NAME} with a name of len bytes. */
static void
schema_take_property(struct translation *t, size_t len)
{
	const char *name, *category;
	size_t prefix;

	schema_copy_set(t, 3);
	name = t->at;
	prefix = schema_prefix_length(name, len);
	category = schema_find_category(name + prefix, len - prefix);
	if (category != NULL)
		schema_put_text(t, category);
	else
		schema_put(t, name + prefix, len - prefix);
	t->at += len;
	schema_copy_set(t, 1);
}

/* At \s or \S. */
static void
schema_take_set(struct translation *t)
{
	const char *set = t->at[1] == 's' ? SPACE : NOT_SPACE;

	schema_put_hyphen(t, true);
	schema_put_text(t, t->in_class ? "" : "[");
	schema_put_text(t, set);
	schema_put_text(t, t->in_class ? "" : "]");
	t->at += 2;
	t->after_set = t->in_class;
}

/* The code unit that text begins with, \uXXXX; -1: it does not. */
static long
schema_unit_at(const char *text, const char *end)
{
	char digits[5] = "";

	if (end - text < 6 || text[0] != '\\' || text[1] != 'u')
		return (-1);
	memcpy(digits, text + 2, 4);
	if (strspn(digits, "0123456789abcdefABCDEF") != 4)
		return (-1);
	return (strtol(digits, NULL, 16));
}

/* The character of two code units; 0: they are no pair. */
static unsigned long
schema_pair_at(const char *text, const char *end)
{
	long high = schema_unit_at(text, end), low;

	if (high < 0xd800 || high > 0xdbff)
		return (0);
	low = schema_unit_at(text + 6, end);
	if (low < 0xdc00 || low > 0xdfff)
		return (0);
	return (0x10000 + (((unsigned long)high - 0xd800) << 10) +
		((unsigned long)low - 0xdc00));
}

/* At a backslash that something follows. */
static void
schema_take_escape(struct translation *t)
{
	size_t name = schema_property_length(t->at, t->end);
	unsigned long pair = schema_pair_at(t->at, t->end);
	char text[16];

	if (name > 0) {
		schema_take_property(t, name);
	} else if (pair > 0) {
		snprintf(text, sizeof(text), "\\u{%lx}", pair);
		schema_copy(t, 0);
		schema_put_text(t, text);
		t->at += 12;
	} else if (t->at[1] == 's' || t->at[1] == 'S') {
		schema_take_set(t);
	} else if (t->at[1] == 'v') {
		schema_copy(t, 0);
		schema_put_text(t, "\\u000b"); /* for PCRE2, \v is a set */
		t->at += 2;
	} else if (strchr("dDwW", t->at[1]) != NULL) {
		schema_copy_set(t, 2);
	} else {
		schema_copy(t, 2);
	}
}

static void
schema_take_in_class(struct translation *t)
{
	if (*t->at == '-' && !t->hyphen) {
		if (t->after_set)
			schema_put_text(t, "\\");
		t->hyphen = true;
		t->at++;
		return;
	}
	schema_put_hyphen(t, false);
	if (*t->at == '[')
		schema_put_text(t, "\\");
	t->in_class = *t->at != ']';
	schema_copy(t, 1);
}

static void
schema_take_item(struct translation *t)
{
	if (*t->at == '\\' && t->end - t->at >= 2) {
		schema_take_escape(t);
	} else if (t->in_class) {
		schema_take_in_class(t);
	} else if (*t->at == '.') {
		schema_put_text(t, ANY);
		t->at++;
	} else {
		t->in_class = *t->at == '[';
		schema_copy(t, 1);
		if (t->in_class && t->at < t->end && *t->at == '^')
			schema_copy(t, 1);
	}
}

size_t
schema_dialect_translate(char *out, const char *text, size_t len)
{
	struct translation t = {.at = text, .end = text + len, .out = out};

	while (t.at < t.end)
		schema_take_item(&t);
	schema_put_hyphen(&t, false);
	return (t.len);
}

size_t
schema_dialect_offset(const char *text, size_t len, size_t offset)
{
	struct translation t = {.at = text, .end = text + len};

	while (t.at < t.end && t.len < offset)
		schema_take_item(&t);
	return ((size_t)(t.at - text));
}
