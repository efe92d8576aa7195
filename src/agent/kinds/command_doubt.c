/*
 * What is wrong or odd about a command although each word is right: a
 * parameter in a script, a place for no parameter, a program that is not
 * there.  Called when a manifest is read.
 */

#include "agent/child/child.h"
#include "agent/kinds/command_impl.h"
#include "agent/kinds/kind.h"
#include "agent/kinds/program.h"
#include "agent/registry_entry.h"

#include <stdio.h>
#include <string.h>

/* Programs that run the text after such an option. */
static const struct {
	const char *name;
	char option;
} interpreters[] = {{"sh", 'c'}, {"ash", 'c'}, {"bash", 'c'}, {"dash", 'c'},
    {"fish", 'c'}, {"ksh", 'c'}, {"zsh", 'c'}, {"python", 'c'}, {"perl", 'e'},
    {"ruby", 'e'}, {"node", 'e'}, {"lua", 'e'}, {"php", 'r'}};

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
bool
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
		kind_doubt(doubts,
		    "command: {%s} is no parameter, and stands for itself",
		    command->stray);
	program_doubt(entry, "command", command->program, doubts);
}
