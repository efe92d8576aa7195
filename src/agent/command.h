/*
 * What the files of the kind "command" share: the spec that a manifest makes.
 */

#ifndef AGENT_COMMAND_H
#define AGENT_COMMAND_H

#include <stdbool.h>
#include <stddef.h>

struct json_object;
struct tool_call;

enum command_input { INPUT_JSON, INPUT_NONE };
enum command_output { OUTPUT_JSON, OUTPUT_TEXT, OUTPUT_LINES, OUTPUT_BASE64 };

/* Statuses that a program may exit with. */
#define COMMAND_STATUSES 256

/* What an element of argv stands for, when not for itself. */
struct command_slot {
	char *name; /* the parameter; NULL: it is no placeholder */
	bool dash;  /* its value may begin with "-" */
};

struct command {
	char **argv;		    /* as in the manifest; NULL at the end */
	struct command_slot *slots; /* one an element */
	enum command_input input;
	enum command_output output;
	char *media_type;		/* of OUTPUT_BASE64; NULL: not told */
	bool ok_exit[COMMAND_STATUSES]; /* which of them are success */
};

/* command_slots.c: finds the placeholders.  0, or -1 with why. */
int command_find_slots(struct command *, struct json_object *manifest,
    char *why, size_t why_size) __attribute__((warn_unused_result));

/* command_arguments.c: argv of one call, malloc'd with all that is in it. */
struct command_arguments {
	char **argv;
	size_t count, size;
	size_t bytes;
};

/* 0, or -1 after tool_fail(). */
int command_arguments_make(struct command_arguments *, const struct command *,
    struct tool_call *) __attribute__((warn_unused_result));
void command_arguments_free(struct command_arguments *);

/*
 * command_output.c: makes the result of what the program printed, or fails
 * the call; text has room for one byte more than len and is changed.
 */
void command_result(
    struct tool_call *, const struct command *, char *text, size_t len);

#endif
