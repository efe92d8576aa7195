/*
 * Reads the words of a command when its manifest is read, so that a mistake in
 * it shows before the first call: which of them hold a place for a parameter,
 * "{name}", which go together, whether "args" lists what has places, and what
 * is wrong or odd although each word is right.
 */

#include "agent/child/child.h"
#include "agent/kinds/command.h"
#include "agent/kinds/kind.h"
#include "agent/kinds/program.h"
#include "agent/registry_entry.h"
#include "common/json.h"

#include <json-c/json.h>

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A manifest's command while it is read. */
struct command_reading {
	struct command *command;
	/* The manifest's "args", and which parameters there are. */
	struct json_object *args, *properties;
	char *why;
	size_t why_size;
};

/* Programs that run the text after such an option. */
static const struct {
	const char *name;
	char option;
} interpreters[] = {{"sh", 'c'}, {"ash", 'c'}, {"bash", 'c'}, {"dash", 'c'},
    {"fish", 'c'}, {"ksh", 'c'}, {"zsh", 'c'}, {"python", 'c'}, {"perl", 'e'},
    {"ruby", 'e'}, {"node", 'e'}, {"lua", 'e'}, {"php", 'r'}};

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

static bool
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

static bool
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

static bool
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
command_args_use(const struct command_reading *r, const char *name)
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

static bool
command_args_used(const struct command_reading *r)
{
	size_t n = 0;

	if (json_object_is_type(r->args, json_type_array))
		n = json_object_array_length(r->args);
	for (size_t i = 0; i < n; i++)
		if (!command_args_use(
			r, json_object_get_string(
			       json_object_array_get_idx(r->args, i))))
			return (false);
	if (!json_object_is_type(r->args, json_type_object))
		return (true);
	json_object_object_foreach (r->args, name, options) {
		(void)options;
		if (!command_args_use(r, name))
			return (false);
	}
	return (true);
}

/* The option of the interpreter that a word names, python3.11 too; or NUL. */
static char
command_script_option(const char *word)
{
	const char *slash = strrchr(word, '/');
	const char *base = slash == NULL ? word : slash + 1;

	for (size_t i = 0; i < sizeof(interpreters) / sizeof(*interpreters);
	     i++) {
		size_t len = strlen(interpreters[i].name);

		if (strncmp(base, interpreters[i].name, len) == 0 &&
		    base[len + strspn(base + len, "0123456789.")] == '\0')
			return (interpreters[i].option);
	}
	return ('\0');
}

/*
 * A value that becomes a part of a script becomes a part of what it does: no
 * quoting within can be trusted with that.
 */
static bool
command_scripts_check(const struct command_reading *r)
{
	const struct command *command = r->command;
	char option = '\0';
	bool script = false;

	for (size_t i = 0; i < command->group_count; i++) {
		for (size_t j = 0; j < command->groups[i].count; j++) {
			const struct command_word *word =
			    &command->groups[i].words[j];
			const char *text = word->pieces[0].text;

			if (script && word->params > 0 && word->count > 1) {
				snprintf(r->why, r->why_size,
				    "command: a parameter must not be a part "
				    "of a script: give it as an argument of "
				    "its own");
				return (false);
			}
			script = option != '\0' && word->params == 0 &&
				 text[0] == '-' && strchr(text, option) != NULL;
			if (word->params == 0 &&
			    command_script_option(text) != '\0')
				option = command_script_option(text);
		}
	}
	return (true);
}

void
command_doubt(const struct registry_entry *entry, struct kind_doubts *doubts)
{
	const struct command *command = entry->spec;

	if (command->stray != NULL)
		program_say_doubt(doubts,
		    "command: {%s} is no parameter, and stands for itself",
		    command->stray);
	program_doubt(entry, "command", command->program, doubts);
}

static bool
command_reading_no_memory(const struct command_reading *r)
{
	snprintf(r->why, r->why_size, "out of memory");
	return (false);
}

/*
 * The length of the name in the "{name}" at text, or 0.  "{{name}}" and
 * "${name}" are the templates of others.
 */
static size_t
command_place_length(const char *word, const char *text)
{
	size_t len = 1;

	if (*text != '{' || (text > word && strchr("${", text[-1]) != NULL))
		return (0);
	while (isalnum((unsigned char)text[len]) ||
	       (text[len] != '\0' && strchr("_-.", text[len]) != NULL))
		len++;
	return (text[len] == '}' && text[len + 1] != '}' ? len - 1 : 0);
}

/* Takes over text; NULL is want of memory. */
static bool
command_word_add(const struct command_reading *r, struct command_word *word,
    char *text, bool param)
{
	struct command_piece *pieces = NULL;

	if (text != NULL)
		pieces = reallocarray(
		    word->pieces, word->count + 1, sizeof(*pieces));
	if (pieces == NULL) {
		free(text);
		return (command_reading_no_memory(r));
	}
	word->pieces = pieces;
	pieces[word->count++] = (struct command_piece){
	    .text = text, .param = param, .dash = command_args_dash(r, text)};
	return (true);
}

/*
 * Whether "{name}" is a place for a parameter: 1 or 0; -1: it is a mistake.
 * Where "args" lists them, others stand for themselves; where it does not,
 * they may be but a slip.
 */
static int
command_place_judge(
    const struct command_reading *r, const char *name, bool whole)
{
	struct command *command = r->command;
	bool known = json_object_object_get_ex(r->properties, name, NULL);

	if (r->args != NULL && !command_args_list(r, name))
		return (0);
	if (known)
		return (1);
	if (r->args == NULL && !whole) {
		if (command->stray == NULL && !isdigit((unsigned char)*name))
			command->stray = strdup(name);
		return (0);
	}
	snprintf(r->why, r->why_size,
	    "command: \"{%s}\": the parameters have no property of that name",
	    name);
	return (-1);
}

/* The text before a place, and the place, of which the name is so long. */
static bool
command_word_take_place(const struct command_reading *r,
    struct command_word *word, const char *from, const char *place, size_t len)
{
	if (place > from && !command_word_add(r, word,
				strndup(from, (size_t)(place - from)), false))
		return (false);
	word->params++;
	return (command_word_add(r, word, strndup(place + 1, len), true));
}

static bool
command_word_read(const struct command_reading *r, struct command_word *word,
    const char *text)
{
	const char *from = text, *at = text;
	size_t len;

	while (*at != '\0') {
		char *name;
		int is_place;

		if ((len = command_place_length(text, at)) == 0) {
			at++;
			continue;
		}
		if ((name = strndup(at + 1, len)) == NULL)
			return (command_reading_no_memory(r));
		is_place = command_place_judge(
		    r, name, at == text && at[len + 2] == '\0');
		free(name);
		if (is_place == -1 ||
		    (is_place == 1 &&
			!command_word_take_place(r, word, from, at, len)))
			return (false);
		at += len + 2;
		if (is_place == 1)
			from = at;
	}
	return ((*from == '\0' && word->count > 0) ||
		command_word_add(r, word, strdup(from), false));
}

static bool
command_group_read(const struct command_reading *r, struct command_group *group,
    struct json_object *element)
{
	bool several = json_object_is_type(element, json_type_array);
	size_t count = several ? json_object_array_length(element) : 1;

	if ((group->words = calloc(count, sizeof(*group->words))) == NULL)
		return (command_reading_no_memory(r));
	for (size_t i = 0; i < count; i++) {
		struct json_object *word =
		    several ? json_object_array_get_idx(element, i) : element;

		group->count++;
		if (!command_word_read(r, &group->words[i], json_string(word)))
			return (false);
		group->params += group->words[i].params;
	}
	if (!several || group->params > 0)
		return (true);
	snprintf(r->why, r->why_size,
	    "command: an array in it has no \"{name}\", so it cannot be left "
	    "out");
	return (false);
}

static bool
command_groups_read(const struct command_reading *r, struct json_object *list)
{
	struct command *command = r->command;
	size_t count = json_object_array_length(list);

	command->groups = calloc(count, sizeof(*command->groups));
	if (command->groups == NULL)
		return (command_reading_no_memory(r));
	for (size_t i = 0; i < count; i++) {
		command->group_count++;
		if (!command_group_read(r, &command->groups[i],
			json_object_array_get_idx(list, i)))
			return (false);
	}
	if (command->groups[0].params == 0)
		return (true);
	snprintf(r->why, r->why_size,
	    "command: the program cannot be a placeholder");
	return (false);
}

void
command_words_free(struct command *command)
{
	for (size_t i = 0; i < command->group_count; i++) {
		struct command_group *group = &command->groups[i];

		for (size_t j = 0; j < group->count; j++) {
			struct command_word *word = &group->words[j];

			for (size_t k = 0; k < word->count; k++)
				free(word->pieces[k].text);
			free(word->pieces);
		}
		free(group->words);
	}
	free(command->groups);
	free(command->program);
	free(command->stray);
}

int
command_words_read(struct command *command, struct json_object *manifest,
    const char *base, char *why, size_t why_size)
{
	struct command_reading r = {
	    .command = command, .why = why, .why_size = why_size};
	struct json_object *parameters =
	    json_object_object_get(manifest, "parameters");
	struct json_object *list = json_object_object_get(manifest, "command");

	if (json_object_is_type(parameters, json_type_object))
		r.properties = json_object_object_get(parameters, "properties");
	r.args = json_object_object_get(manifest, "args");
	if (!program_check(list, "command", true, why, why_size) ||
	    !command_args_check(&r) || !command_groups_read(&r, list) ||
	    !command_args_used(&r) || !command_scripts_check(&r))
		return (-1);
	command->program =
	    program_path(json_string(json_object_array_get_idx(list, 0)), base);
	if (command->program != NULL)
		return (0);
	command_reading_no_memory(&r);
	return (-1);
}
