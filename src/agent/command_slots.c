/*
 * Finds the placeholders of a command: elements that are exactly "{name}".
 * Called when a manifest is read, so that a mistake in it shows before the
 * first call.
 */

#include "agent/command.h"
#include "common/json.h"

#include <json-c/json.h>

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The names in the manifest's "args", and which properties there are. */
struct slots {
	struct json_object *args, *properties;
	char *why;
	size_t why_size;
};

/* The length of the name in "{name}", or 0. */
static size_t
slot_name_length(const char *word)
{
	size_t len;

	if (word[0] != '{')
		return (0);
	for (len = 1; word[len] != '\0' && word[len] != '}'; len++)
		if (!isalnum((unsigned char)word[len]) &&
		    strchr("_-.", word[len]) == NULL)
			return (0);
	return (word[len] == '}' && word[len + 1] == '\0' ? len - 1 : 0);
}

static bool
slots_in_array(struct json_object *array, const char *name)
{
	for (size_t i = 0; i < json_object_array_length(array); i++)
		if (strcmp(json_object_get_string(
			       json_object_array_get_idx(array, i)),
			name) == 0)
			return (true);
	return (false);
}

static bool
slots_listed(const struct slots *slots, const char *name)
{
	if (json_object_is_type(slots->args, json_type_array))
		return (slots_in_array(slots->args, name));
	return (json_object_object_get_ex(slots->args, name, NULL));
}

static bool
slots_dash(const struct slots *slots, const char *name)
{
	struct json_object *options;

	if (!json_object_is_type(slots->args, json_type_object))
		return (false);
	options = json_object_object_get(slots->args, name);
	return (
	    json_object_get_boolean(json_object_object_get(options, "dash")));
}

/* Whether a parameter has that name; otherwise why says so. */
static bool
slots_known(const struct slots *slots, const char *name)
{
	if (json_object_object_get_ex(slots->properties, name, NULL))
		return (true);
	snprintf(slots->why, slots->why_size,
	    "command: \"{%s}\": the parameters have no property of that name",
	    name);
	return (false);
}

/* {"city": {"dash": true}}: nothing else may be there. */
static bool
slots_check_options(const struct slots *slots)
{
	json_object_object_foreach (slots->args, name, options) {
		struct json_object *dash = NULL;
		bool has = json_object_is_type(options, json_type_object) &&
			   json_object_object_get_ex(options, "dash", &dash);

		if (json_object_is_type(options, json_type_object) &&
		    json_object_object_length(options) == (has ? 1 : 0) &&
		    (!has || json_object_is_type(dash, json_type_boolean)))
			continue;
		snprintf(slots->why, slots->why_size,
		    "args: %s: must be an object with nothing but a boolean "
		    "\"dash\"",
		    name);
		return (false);
	}
	return (true);
}

static bool
slots_refuse_args(const struct slots *slots)
{
	snprintf(slots->why, slots->why_size,
	    "args: must be an array of names, or an object");
	return (false);
}

static bool
slots_check_names(const struct slots *slots)
{
	for (size_t i = 0; i < json_object_array_length(slots->args); i++) {
		struct json_object *name =
		    json_object_array_get_idx(slots->args, i);

		if (!json_object_is_type(name, json_type_string))
			return (slots_refuse_args(slots));
		if (json_string(name) != NULL)
			continue;
		snprintf(slots->why, slots->why_size,
		    "args: element %zu has a NUL in it", i);
		return (false);
	}
	return (true);
}

static bool
slots_check_args(const struct slots *slots)
{
	if (slots->args == NULL)
		return (true);
	if (json_object_is_type(slots->args, json_type_object))
		return (slots_check_options(slots));
	if (json_object_is_type(slots->args, json_type_array))
		return (slots_check_names(slots));
	return (slots_refuse_args(slots));
}

static bool
slots_used(
    const struct command *command, const struct slots *slots, const char *name)
{
	for (size_t i = 0; command->argv[i] != NULL; i++)
		if (command->slots[i].name != NULL &&
		    strcmp(command->slots[i].name, name) == 0)
			return (true);
	snprintf(slots->why, slots->why_size,
	    "args: %s: no element of the command is \"{%s}\"", name, name);
	return (false);
}

static bool
slots_all_used(const struct command *command, const struct slots *slots)
{
	if (json_object_is_type(slots->args, json_type_array)) {
		for (size_t i = 0; i < json_object_array_length(slots->args);
		     i++)
			if (!slots_used(command, slots,
				json_object_get_string(
				    json_object_array_get_idx(slots->args, i))))
				return (false);
		return (true);
	}
	if (slots->args == NULL)
		return (true);
	json_object_object_foreach (slots->args, name, options) {
		(void)options;
		if (!slots_used(command, slots, name))
			return (false);
	}
	return (true);
}

/*
 * Where "args" lists the placeholders, other elements in braces stand for
 * themselves; where it does not, they may be but a slip.
 */
static bool
slots_take(struct command_slot *slot, const char *word,
    const struct slots *slots, bool first)
{
	size_t len = slot_name_length(word);
	char *name;

	if (len == 0)
		return (true);
	if ((name = strndup(word + 1, len)) == NULL) {
		snprintf(slots->why, slots->why_size, "out of memory");
		return (false);
	}
	slot->name = name;
	if (slots->args != NULL && !slots_listed(slots, name)) {
		free(name);
		slot->name = NULL;
		return (true);
	}
	slot->dash = slots_dash(slots, name);
	if (!first)
		return (slots_known(slots, name));
	snprintf(slots->why, slots->why_size,
	    "command: the program cannot be a placeholder");
	return (false);
}

int
command_find_slots(struct command *command, struct json_object *manifest,
    char *why, size_t why_size)
{
	struct slots slots = {.why = why, .why_size = why_size};
	struct json_object *parameters =
	    json_object_object_get(manifest, "parameters");
	size_t count = 0;

	if (json_object_is_type(parameters, json_type_object))
		slots.properties =
		    json_object_object_get(parameters, "properties");
	slots.args = json_object_object_get(manifest, "args");
	if (!slots_check_args(&slots))
		return (-1);
	while (command->argv[count] != NULL)
		count++;
	command->slots = calloc(count, sizeof(*command->slots));
	if (command->slots == NULL) {
		snprintf(why, why_size, "out of memory");
		return (-1);
	}
	for (size_t i = 0; i < count; i++)
		if (!slots_take(
			&command->slots[i], command->argv[i], &slots, i == 0))
			return (-1);
	return (slots_all_used(command, &slots) ? 0 : -1);
}
