/*
 * Reads the program and its fixed words from a manifest.  Runs nothing.
 */

#include "agent/kinds/program.h"
#include "agent/child/child.h"
#include "agent/kinds/kind.h"
#include "agent/registry_entry.h"
#include "common/json.h"

#include <json-c/json.h>

#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The kernel has a limit of its own; this one is for sanity. */
#define WORDS_MAX 1024

void
program_free(char **argv)
{
	for (size_t i = 0; argv != NULL && argv[i] != NULL; i++)
		free(argv[i]);
	free(argv);
}

static const char *
program_word(struct json_object *list, size_t i)
{
	return (json_string(json_object_array_get_idx(list, i)));
}

char *
program_path(const char *word, const char *base)
{
	char *path;

	if (word[0] == '/' || strchr(word, '/') == NULL)
		return (strdup(word));
	return (asprintf(&path, "%s/%s", base, word) == -1 ? NULL : path);
}

/* What is wrong with the word, or NULL. */
static const char *
program_fault(struct json_object *word)
{
	if (json_string(word) != NULL)
		return (NULL);
	return (json_object_is_type(word, json_type_string) ? "has a NUL in it"
							    : "is no string");
}

/* An array within the array. */
static const char *
program_group_fault(struct json_object *group)
{
	size_t count = json_object_array_length(group);

	if (count == 0)
		return ("is empty");
	if (count > WORDS_MAX)
		return ("has too many elements");
	for (size_t i = 0; i < count; i++)
		if (program_word(group, i) == NULL)
			return ("has an element that is no string without NUL");
	return (NULL);
}

static bool
program_check_words(struct json_object *list, const char *member, bool groups,
    char *why, size_t why_size)
{
	size_t count = json_object_array_length(list);

	for (size_t i = 0; i < count; i++) {
		struct json_object *word = json_object_array_get_idx(list, i);
		const char *fault =
		    groups && i > 0 &&
			    json_object_is_type(word, json_type_array)
			? program_group_fault(word)
			: program_fault(word);

		if (fault == NULL)
			continue;
		snprintf(why, why_size, "%s: element %zu %s", member, i, fault);
		return (false);
	}
	return (true);
}

bool
program_check(struct json_object *list, const char *member, bool groups,
    char *why, size_t why_size)
{
	size_t count;

	if (!json_object_is_type(list, json_type_array) ||
	    (count = json_object_array_length(list)) == 0) {
		snprintf(why, why_size,
		    "%s: must be an array of the program and its arguments",
		    member);
		return (false);
	}
	if (count > WORDS_MAX) {
		snprintf(why, why_size, "%s: more than %d elements", member,
		    WORDS_MAX);
		return (false);
	}
	if (!program_check_words(list, member, groups, why, why_size))
		return (false);
	if (program_word(list, 0)[0] != '\0')
		return (true);
	snprintf(why, why_size, "%s: the program has no name", member);
	return (false);
}

char **
program_parse(struct json_object *manifest, const char *member,
    const char *base, char *why, size_t why_size)
{
	struct json_object *list = json_object_object_get(manifest, member);
	size_t count;
	char **argv;

	if (!program_check(list, member, false, why, why_size))
		return (NULL);
	count = json_object_array_length(list);
	if ((argv = calloc(count + 1, sizeof(*argv))) == NULL)
		goto fail;
	argv[0] = program_path(program_word(list, 0), base);
	for (size_t i = 1; i < count && argv[i - 1] != NULL; i++)
		argv[i] = strdup(program_word(list, i));
	if (argv[count - 1] != NULL)
		return (argv);
fail:
	program_free(argv);
	snprintf(why, why_size, "out of memory");
	return (NULL);
}

void
program_doubt(const struct registry_entry *entry, const char *member,
    const char *program, struct kind_doubts *doubts)
{
	if (!child_can_find(program, &entry->policy))
		program_say_doubt(doubts, "%s: there is no program %s%s",
		    member, program,
		    strchr(program, '/') == NULL ? " in PATH" : "");
}

int
program_choice(struct json_object *manifest, const char *member,
    const char *const *words, char *why, size_t why_size)
{
	struct json_object *value;
	const char *text;
	size_t len;

	if (!json_object_object_get_ex(manifest, member, &value))
		return (0);
	text = json_string(value);
	for (int i = 0; text != NULL && words[i] != NULL; i++)
		if (strcmp(words[i], text) == 0)
			return (i);
	len = (size_t)snprintf(why, why_size, "%s: must be", member);
	for (int i = 0; words[i] != NULL && len < why_size; i++)
		len += (size_t)snprintf(why + len, why_size - len, "%s \"%s\"",
		    i == 0		   ? ""
		    : words[i + 1] == NULL ? " or"
					   : ",",
		    words[i]);
	return (-1);
}

void
program_say_doubt(struct kind_doubts *doubts, const char *fmt, ...)
{
	char what[512];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(what, sizeof(what), fmt, ap);
	va_end(ap);
	doubts->say(doubts->arg, what);
}
