/*
 * From parameters to the words of a command.  A value is always one whole
 * element of argv, or one for each item of an array; it is never part of
 * another word, and never seen by a shell.
 */

#include "agent/command.h"
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
arguments_grow(struct command_arguments *arguments)
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

static int
arguments_add(struct command_arguments *arguments, struct tool_call *call,
    const char *word)
{
	arguments->bytes += strlen(word) + 1 + sizeof(word);
	if (arguments->bytes > ARGUMENTS_BYTES) {
		tool_fail(call, "the arguments are too long for a command");
		return (-1);
	}
	if (!arguments_grow(arguments) ||
	    (arguments->argv[arguments->count] = strdup(word)) == NULL) {
		call->out_of_memory = true;
		return (-1);
	}
	arguments->argv[++arguments->count] = NULL;
	return (0);
}

/* A value that looks like an option could be taken for one. */
static int
arguments_add_string(struct command_arguments *arguments,
    const struct command_slot *slot, struct tool_call *call,
    struct json_object *value)
{
	const char *text = json_string(value);

	if (text == NULL) {
		tool_fail(call,
		    "parameter \"%s\": a NUL character cannot be passed on",
		    slot->name);
		return (-1);
	}
	if (text[0] == '-' && !slot->dash) {
		tool_fail(call, "parameter \"%s\": must not begin with \"-\"",
		    slot->name);
		return (-1);
	}
	return (arguments_add(arguments, call, text));
}

static int
arguments_add_value(struct command_arguments *arguments,
    const struct command_slot *slot, struct tool_call *call,
    struct json_object *value)
{
	const char *text;
	size_t len;

	switch (json_object_get_type(value)) {
	case json_type_null:
		return (0);
	case json_type_string:
		return (arguments_add_string(arguments, slot, call, value));
	case json_type_array:
	case json_type_object:
		tool_fail(call,
		    "parameter \"%s\": only strings, numbers and booleans, or "
		    "an array of them, can be passed on",
		    slot->name);
		return (-1);
	default:
		if ((text = json_text(value, &len)) != NULL)
			return (arguments_add(arguments, call, text));
		call->out_of_memory = true;
		return (-1);
	}
}

static int
arguments_add_slot(struct command_arguments *arguments,
    const struct command_slot *slot, struct tool_call *call)
{
	struct json_object *value = tool_param(call, slot->name);

	if (!json_object_is_type(value, json_type_array))
		return (arguments_add_value(arguments, slot, call, value));
	for (size_t i = 0; i < json_object_array_length(value); i++)
		if (arguments_add_value(arguments, slot, call,
			json_object_array_get_idx(value, i)) == -1)
			return (-1);
	return (0);
}

int
command_arguments_make(struct command_arguments *arguments,
    const struct command *command, struct tool_call *call)
{
	int rc = 0;

	memset(arguments, 0, sizeof(*arguments));
	for (size_t i = 0; rc == 0 && command->argv[i] != NULL; i++)
		rc = command->slots[i].name == NULL
			 ? arguments_add(arguments, call, command->argv[i])
			 : arguments_add_slot(
			       arguments, &command->slots[i], call);
	if (rc == -1)
		command_arguments_free(arguments);
	return (rc);
}
