/*
 * From parameters to the words of a command.  A value is in one element of
 * argv, as a whole or as a part, and never seen by a shell; an array makes an
 * element, or a group of them, for each of its items.
 */

#include "agent/kinds/command.h"
#include "agent/tool.h"
#include "common/json.h"

#include <json-c/json.h>

#include <stdlib.h>
#include <string.h>

/* What all words may have together; the kernel has limits of its own. */
#define ARGUMENTS_BYTES (1 << 20)

void
command_arguments_free(struct command_arguments *arguments)
{
	for (size_t i = 0; i < arguments->count; i++)
		free(arguments->argv[i]);
	free(arguments->argv);
	memset(arguments, 0, sizeof(*arguments));
}

/* Makes room for one word more and the NULL after it. */
static bool
command_arguments_grow(struct command_arguments *arguments)
{
	size_t size = arguments->size == 0 ? 16 : 2 * arguments->size;
	char **argv;

	if (arguments->count + 1 < arguments->size)
		return (true);
	argv = reallocarray(arguments->argv, size, sizeof(*argv));
	if (argv == NULL)
		return (false);
	arguments->argv = argv;
	arguments->size = size;
	return (true);
}

/* Takes over word; NULL is want of memory. */
static int
command_arguments_add(
    struct command_arguments *arguments, struct tool_call *call, char *word)
{
	if (word == NULL || !command_arguments_grow(arguments)) {
		free(word);
		tool_no_memory(call);
		return (-1);
	}
	arguments->bytes += strlen(word) + 1 + sizeof(word);
	arguments->argv[arguments->count++] = word;
	arguments->argv[arguments->count] = NULL;
	if (arguments->bytes <= ARGUMENTS_BYTES)
		return (0);
	tool_fail(call, "the arguments are too long for a command");
	return (-1);
}

/* One time that a group is written. */
struct writing {
	struct tool_call *call;
	const struct command_group *group;
	const char *each;	  /* the parameter that is an array; or NULL */
	struct json_object *item; /* of it */
};

/* A value that looks like an option could be taken for one. */
static const char *
command_writing_string(const struct writing *w,
    const struct command_piece *piece, struct json_object *value, bool first)
{
	const char *text = json_string(value);

	if (text == NULL) {
		tool_fail(w->call,
		    "parameter \"%s\": a NUL character cannot be passed on",
		    piece->text);
		return (NULL);
	}
	if (first && text[0] == '-' && !piece->dash) {
		tool_fail(w->call,
		    "parameter \"%s\": must not begin with \"-\"", piece->text);
		return (NULL);
	}
	return (text);
}

/* The text of a piece, borrowed; NULL: the call has failed. */
static const char *
command_writing_piece(
    const struct writing *w, const struct command_piece *piece, bool first)
{
	struct json_object *value;
	const char *text;
	size_t len;

	if (!piece->param)
		return (piece->text);
	value = w->each != NULL && strcmp(w->each, piece->text) == 0
		    ? w->item
		    : tool_param(w->call, piece->text);
	switch (json_object_get_type(value)) {
	case json_type_string:
		return (command_writing_string(w, piece, value, first));
	case json_type_null:
	case json_type_array:
	case json_type_object:
		tool_fail(w->call,
		    "parameter \"%s\": only strings, numbers and booleans, or "
		    "an array of them, can be passed on",
		    piece->text);
		return (NULL);
	default:
		if ((text = json_text(value, &len)) == NULL)
			tool_no_memory(w->call);
		return (text);
	}
}

static int
command_writing_word(const struct writing *w, const struct command_word *word,
    struct command_arguments *arguments)
{
	char *text = NULL;
	size_t len = 0;

	for (size_t i = 0; i < word->count; i++) {
		const char *piece =
		    command_writing_piece(w, &word->pieces[i], len == 0);
		size_t more = piece == NULL ? 0 : strlen(piece);
		char *longer =
		    piece == NULL ? NULL : realloc(text, len + more + 1);

		if (longer == NULL) {
			free(text);
			if (piece != NULL)
				tool_no_memory(w->call);
			return (-1);
		}
		text = longer;
		memcpy(text + len, piece, more + 1);
		len += more;
	}
	return (command_arguments_add(arguments, w->call, text));
}

static int
command_writing_words(
    const struct writing *w, struct command_arguments *arguments)
{
	for (size_t i = 0; i < w->group->count; i++)
		if (command_writing_word(w, &w->group->words[i], arguments) ==
		    -1)
			return (-1);
	return (0);
}

/*
 * Finds the array among the parameters of a group, if there is one.  1; 0 when
 * a parameter is absent; -1: the call has failed.
 */
static int
command_group_look(struct writing *w)
{
	for (size_t i = 0; i < w->group->count; i++) {
		const struct command_word *word = &w->group->words[i];

		for (size_t j = 0; j < word->count; j++) {
			const char *name = word->pieces[j].text;
			struct json_object *value;

			if (!word->pieces[j].param)
				continue;
			if ((value = tool_param(w->call, name)) == NULL)
				return (0);
			if (!json_object_is_type(value, json_type_array) ||
			    (w->each != NULL && strcmp(w->each, name) == 0))
				continue;
			if (w->each != NULL) {
				tool_fail(w->call,
				    "parameters \"%s\" and \"%s\": only one "
				    "in an argument can be an array",
				    w->each, name);
				return (-1);
			}
			w->each = name;
		}
	}
	return (1);
}

static int
command_group_write(const struct command_group *group, struct tool_call *call,
    struct command_arguments *arguments)
{
	struct writing w = {.call = call, .group = group};
	struct json_object *array;
	int rc = command_group_look(&w);

	if (rc != 1)
		return (rc);
	if (w.each == NULL)
		return (command_writing_words(&w, arguments));
	array = tool_param(call, w.each);
	for (size_t i = 0; i < json_object_array_length(array); i++) {
		w.item = json_object_array_get_idx(array, i);
		if (w.item != NULL &&
		    command_writing_words(&w, arguments) == -1)
			return (-1);
	}
	return (0);
}

int
command_arguments_make(struct command_arguments *arguments,
    const struct command *command, struct tool_call *call)
{
	int rc;

	memset(arguments, 0, sizeof(*arguments));
	rc = command_arguments_add(arguments, call, strdup(command->program));
	for (size_t i = 1; rc == 0 && i < command->group_count; i++)
		rc = command_group_write(&command->groups[i], call, arguments);
	if (rc == -1)
		command_arguments_free(arguments);
	return (rc);
}
