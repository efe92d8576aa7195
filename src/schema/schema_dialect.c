/*
 * Where a regular expression of ECMA-262 is written otherwise than PCRE2
 * takes it: the long names of general categories of characters, as in
 * \p{Letter}.  Called when a pattern is compiled; keeps no state.
 */

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

static const char *const prefixes[] = {"General_Category=", "gc="};

/* What PCRE2 calls the property of len bytes; NULL: the same. */
static const char *
find_category(const char *name, size_t len)
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
prefix_length(const char *name, size_t len)
{
	size_t i, prefix;

	for (i = 0; i < sizeof(prefixes) / sizeof(prefixes[0]); i++) {
		prefix = strlen(prefixes[i]);
		if (len > prefix && memcmp(prefixes[i], name, prefix) == 0)
			return (prefix);
	}
	return (0);
}

/* Copies the name of a property; gives where the copy ends. */
static char *
copy_property(char *out, const char *name, size_t len)
{
	size_t prefix = prefix_length(name, len);
	const char *category = find_category(name + prefix, len - prefix);

	if (category != NULL)
		return (stpcpy(out, category));
	memcpy(out, name + prefix, len - prefix);
	return (out + len - prefix);
}

/* The length of the name when text begins with \p{NAME}. */
static size_t
property_length(const char *text, const char *end)
{
	const char *close;

	if (end - text < 4 || (text[1] != 'p' && text[1] != 'P') ||
	    text[2] != '{')
		return (0);
	close = memchr(text, '}', (size_t)(end - text));
	return (close != NULL ? (size_t)(close - text) - 3 : 0);
}

size_t
schema_dialect_translate(char *out, const char *text, size_t len)
{
	const char *end = text + len;
	char *start = out;
	size_t name;

	while (text < end) {
		if (*text != '\\' || end - text < 2) {
			*out++ = *text++;
			continue;
		}
		name = property_length(text, end);
		*out++ = *text++;
		*out++ = *text++;
		if (name == 0)
			continue;
		*out++ = *text++;
		out = copy_property(out, text, name);
		text += name;
	}
	return ((size_t)(out - start));
}
