/*
 * Reads the words of a command: which of them hold a place for a parameter,
 * "{name}", and which go together.  Called when a manifest is read, so that a
 * mistake in it shows before the first call.
 */

#include "agent/kinds/command_impl.h"
#include "agent/kinds/program.h"
#include "common/json.h"

#include <json-c/json.h>

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool
command_reading_no_memory(const struct command_reading *r)
{
	snprintf(r->why, r->why_size, "out of memory");
	return (false);
}

/* words */

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

/* groups */

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
