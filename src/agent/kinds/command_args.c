/*
 * The member "args" of a command: which parameters have places in it.  Called
 * as its words are read.
 */

#include "agent/kinds/command_impl.h"
#include "common/json.h"

#include <json-c/json.h>

#include <stdio.h>
#include <string.h>

static bool
command_args_refuse(const struct command_reading *r)
{
	snprintf(r->why, r->why_size,
	    "args: must be an array of names, or an object");
	return (false);
}

/* {"city": {"dash": true}}: nothing else may be there. */
static bool
command_args_check_options(const struct command_reading *r)
{
	json_object_object_foreach (r->args, name, options) {
		struct json_object *dash = NULL;
		bool has = json_object_is_type(options, json_type_object) &&
			   json_object_object_get_ex(options, "dash", &dash);

		if (json_object_is_type(options, json_type_object) &&
		    json_object_object_length(options) == (has ? 1 : 0) &&
		    (!has || json_object_is_type(dash, json_type_boolean)))
			continue;
		snprintf(r->why, r->why_size,
		    "args: %s: must be an object with nothing but a boolean "
		    "\"dash\"",
		    name);
		return (false);
	}
	return (true);
}

static bool
command_args_check_names(const struct command_reading *r)
{
	for (size_t i = 0; i < json_object_array_length(r->args); i++) {
		struct json_object *name =
		    json_object_array_get_idx(r->args, i);

		if (!json_object_is_type(name, json_type_string))
			return (command_args_refuse(r));
		if (json_string(name) != NULL)
			continue;
		snprintf(r->why, r->why_size,
		    "args: element %zu has a NUL in it", i);
		return (false);
	}
	return (true);
}

bool
command_args_check(const struct command_reading *r)
{
	if (r->args == NULL)
		return (true);
	if (json_object_is_type(r->args, json_type_object))
		return (command_args_check_options(r));
	if (json_object_is_type(r->args, json_type_array))
		return (command_args_check_names(r));
	return (command_args_refuse(r));
}

bool
command_args_list(const struct command_reading *r, const char *name)
{
	if (!json_object_is_type(r->args, json_type_array))
		return (json_object_object_get_ex(r->args, name, NULL));
	for (size_t i = 0; i < json_object_array_length(r->args); i++)
		if (strcmp(json_object_get_string(
			       json_object_array_get_idx(r->args, i)),
			name) == 0)
			return (true);
	return (false);
}

bool
command_args_dash(const struct command_reading *r, const char *name)
{
	struct json_object *options;

	if (!json_object_is_type(r->args, json_type_object))
		return (false);
	options = json_object_object_get(r->args, name);
	return (
	    json_object_get_boolean(json_object_object_get(options, "dash")));
}

static bool
args_used(const struct command_reading *r, const char *name)
{
	const struct command *command = r->command;

	for (size_t i = 0; i < command->group_count; i++) {
		const struct command_group *group = &command->groups[i];

		for (size_t j = 0; j < group->count; j++)
			for (size_t k = 0; k < group->words[j].count; k++)
				if (group->words[j].pieces[k].param &&
				    strcmp(group->words[j].pieces[k].text,
					name) == 0)
					return (true);
	}
	snprintf(r->why, r->why_size,
	    "args: %s: no element of the command has \"{%s}\"", name, name);
	return (false);
}

bool
command_args_used(const struct command_reading *r)
{
	size_t n = 0;

	if (json_object_is_type(r->args, json_type_array))
		n = json_object_array_length(r->args);
	for (size_t i = 0; i < n; i++)
		if (!args_used(r, json_object_get_string(
				      json_object_array_get_idx(r->args, i))))
			return (false);
	if (!json_object_is_type(r->args, json_type_object))
		return (true);
	json_object_object_foreach (r->args, name, options) {
		(void)options;
		if (!args_used(r, name))
			return (false);
	}
	return (true);
}
