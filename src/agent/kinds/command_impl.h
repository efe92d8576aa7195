/*
 * Between the files that read the manifest of a command.
 */

#ifndef AGENT_KINDS_COMMAND_IMPL_H
#define AGENT_KINDS_COMMAND_IMPL_H

#include "agent/kinds/command.h"

#include <stdbool.h>
#include <stddef.h>

struct json_object;

/* A manifest's command while it is read. */
struct command_reading {
	struct command *command;
	/* The manifest's "args", and which parameters there are. */
	struct json_object *args, *properties;
	char *why;
	size_t why_size;
};

/* command_args.c: whether "args" is as it must be; otherwise why says it. */
bool command_args_check(const struct command_reading *);

/* Whether it lists that name, and whether values may begin with "-" then. */
bool command_args_list(const struct command_reading *, const char *name);
bool command_args_dash(const struct command_reading *, const char *name);

/* Whether the command, which is read, has all that it lists. */
bool command_args_used(const struct command_reading *);

/* command_doubt.c: whether no parameter is a part of a script. */
bool command_scripts_check(const struct command_reading *);

#endif
