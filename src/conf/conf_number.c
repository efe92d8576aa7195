/*
 * The types of settings that are kept as a number: whole numbers, durations,
 * sizes, modes, rates and windows, words, sets of words, and booleans.  Keeps
 * no state.
 */

#include "conf/conf_value.h"

#include <stdio.h>
#include <string.h>

#include "conf/conf_units.h"

/* How a number with a range is written. */
struct number_form {
	int (*parse)(const char *text, int64_t *value);
	void (*format)(int64_t value, char buf[static CONF_UNITS_SIZE]);
	const char *what;
	const char *such_as;
};

static const struct number_form number_forms[] = {
    [CONF_INTEGER] = {conf_units_parse_integer, conf_units_format_integer,
	"a whole number", ""},
    [CONF_DURATION] = {conf_units_parse_duration, conf_units_format_duration,
	"a duration", ", such as 500ms, 30s, 2m or 1h"},
    [CONF_SIZE] = {conf_units_parse_size, conf_units_format_size, "a size",
	", such as 512, 64k, 1m or 2g"},
    [CONF_MODE] = {conf_units_parse_mode, conf_units_format_mode,
	"an octal mode", ""},
    [CONF_RATE] = {conf_units_parse_rate, conf_units_format_rate, "a rate",
	", such as 10/s, 30/m or 5/h"},
    [CONF_WINDOW] = {conf_units_parse_window, conf_units_format_window,
	"a number of calls or a duration", ", such as 100 or 60s"},
};

static const struct conf_word boolean_words[] = {
    {"no", false},
    {"yes", true},
    {"off", false},
    {"on", true},
    {"false", false},
    {"true", true},
    {NULL, 0},
};

/* Finds text among words, or says which there are: "expected a, b or c". */
static int
conf_word_find(const struct conf_word *words, const char *text, int64_t *value,
    char why[static CONF_WHY_SIZE])
{
	const struct conf_word *w;
	size_t len;

	for (w = words; w->name != NULL; w++) {
		if (strcmp(w->name, text) == 0) {
			*value = w->value;
			return (0);
		}
	}
	len = snprintf(why, CONF_WHY_SIZE, "expected %s", words->name);
	for (w = words + 1; w->name != NULL && len < CONF_WHY_SIZE; w++)
		len += snprintf(why + len, CONF_WHY_SIZE - len, "%s%s",
		    w[1].name == NULL ? " or " : ", ", w->name);
	return (-1);
}

const char *
conf_word_name(const struct conf_word *words, int64_t value)
{
	for (; words->name != NULL; words++)
		if (words->value == value)
			return (words->name);
	return ("");
}

int
conf_number_set(void *at, const struct conf_setting *s, const char *text,
    char why[static CONF_WHY_SIZE])
{
	const struct number_form *form = &number_forms[s->type];
	char min[CONF_UNITS_SIZE], max[CONF_UNITS_SIZE];
	int64_t value;

	if (s->words != NULL && conf_word_find(s->words, text, at, why) == 0)
		return (0);
	if (form->parse(text, &value) == 0 && value >= s->min &&
	    value <= s->max) {
		*(int64_t *)at = value;
		return (0);
	}
	form->format(s->min, min);
	form->format(s->max, max);
	snprintf(why, CONF_WHY_SIZE, "expected %s%s%s from %s to %s%s",
	    s->words == NULL ? "" : s->words->name,
	    s->words == NULL ? "" : ", or ", form->what, min, max,
	    form->such_as);
	return (-1);
}

void
conf_number_print(const void *at, const struct conf_setting *s, FILE *fp)
{
	int64_t value = *(const int64_t *)at;
	char buf[CONF_UNITS_SIZE];

	if (value < 0) { /* only a word is */
		fputs(conf_word_name(s->words, value), fp);
		return;
	}
	number_forms[s->type].format(value, buf);
	fputs(buf, fp);
}

int
conf_word_set(void *at, const struct conf_setting *s, const char *text,
    char why[static CONF_WHY_SIZE])
{
	return (conf_word_find(s->words, text, at, why));
}

void
conf_word_print(const void *at, const struct conf_setting *s, FILE *fp)
{
	fputs(conf_word_name(s->words, *(const int64_t *)at), fp);
}

int
conf_boolean_set(void *at, const struct conf_setting *s, const char *text,
    char why[static CONF_WHY_SIZE])
{
	int64_t value;

	if (conf_word_find(boolean_words, text, &value, why) == -1)
		return (-1);
	*(bool *)at = value;
	return (0);
}

void
conf_boolean_print(const void *at, const struct conf_setting *s, FILE *fp)
{
	fputs(conf_word_name(boolean_words, *(const bool *)at), fp);
}

/* The word at text, of so many bytes, or NULL. */
static const struct conf_word *
conf_words_find(const struct conf_setting *s, const char *text, size_t len)
{
	const struct conf_word *w;

	for (w = s->words; w->name != NULL; w++)
		if (strlen(w->name) == len && memcmp(w->name, text, len) == 0)
			return (w);
	return (NULL);
}

static int
conf_words_wrong(const struct conf_setting *s, char why[static CONF_WHY_SIZE])
{
	size_t len = (size_t)snprintf(why, CONF_WHY_SIZE, "expected");

	for (const struct conf_word *w = s->words;
	     w->name != NULL && len < CONF_WHY_SIZE; w++)
		len += (size_t)snprintf(why + len, CONF_WHY_SIZE - len, "%s %s",
		    w == s->words	? ""
		    : w[1].name == NULL ? " or"
					: ",",
		    w->name);
	return (-1);
}

/* One word more, as the entry of a list; or all of them: "{a, b}". */
int
conf_words_set(void *at, const struct conf_setting *s, const char *text,
    char why[static CONF_WHY_SIZE])
{
	const struct conf_word *word;
	size_t len;

	if (*text == '{')
		text++;
	for (; *text != '\0' && *text != '}'; text += strspn(text, ", ")) {
		len = strcspn(text, ", }");
		if ((word = conf_words_find(s, text, len)) == NULL)
			return (conf_words_wrong(s, why));
		*(int64_t *)at |= word->value;
		text += len;
	}
	return (0);
}

void
conf_words_print(const void *at, const struct conf_setting *s, FILE *fp)
{
	const char *before = "";

	fputc('{', fp);
	for (const struct conf_word *w = s->words; w->name != NULL; w++) {
		if ((*(const int64_t *)at & w->value) == 0)
			continue;
		fprintf(fp, "%s%s", before, w->name);
		before = ", ";
	}
	fputc('}', fp);
}
