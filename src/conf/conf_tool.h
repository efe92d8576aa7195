/*
 * The sections "tool NAME { ... }" of a configuration.
 */

#ifndef CONF_CONF_TOOL_H
#define CONF_CONF_TOOL_H

#include "conf/policy.h"

#include <stdio.h>

/* The name of the section with the defaults of all tools. */
#define CONF_TOOL_ALL "*"

/*
 * The section of a tool, with what several files say; owned by its
 * configuration.
 */
struct conf_tool {
	char *name;
	char *file; /* that it is in, and the line where it begins */
	int line;
	uint64_t here; /* choices made there, not in a file before */
	struct policy_choice choice;
};

/* NULL when there is none of that name. */
struct conf_tool *conf_tool_find(const struct conf *, const char *name);

/* Adds an empty one; NULL when there is no memory. */
struct conf_tool *conf_tool_add(
    struct conf *, const char *name, const char *file, int line);

/*
 * Notes that the section goes on in another file: 0, or -1 without memory.
 */
int conf_tool_move(struct conf_tool *, const char *file, int line)
    __attribute__((warn_unused_result));

void conf_tools_free(struct conf *);

/* Prints them as they would stand in the file. */
void conf_tools_print(const struct conf *, FILE *);

/* Overwrites secrets. */
void conf_tools_wipe(struct conf *);

#endif
