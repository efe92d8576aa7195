/*
 * What the files of the kind "command" share: the spec that a manifest makes.
 */

#ifndef AGENT_KINDS_COMMAND_H
#define AGENT_KINDS_COMMAND_H

#include <stdbool.h>
#include <stddef.h>

struct json_object;
struct kind_doubts;
struct registry_entry;
struct tool_call;

enum command_input { INPUT_JSON, INPUT_NONE };
enum command_output { OUTPUT_JSON, OUTPUT_TEXT, OUTPUT_LINES, OUTPUT_BASE64 };

/* Statuses that a program may exit with. */
#define COMMAND_STATUSES 256

/* Text as it stands in a word, or a place for a parameter. */
struct command_piece {
	char *text; /* the text, or the parameter's name */
	bool param;
	bool dash; /* its value may begin with "-" */
};

struct command_word {
	struct command_piece *pieces;
	size_t count;
	size_t params; /* so many of the pieces are */
};

/* Words that are left out together when a parameter of theirs is absent. */
struct command_group {
	struct command_word *words;
	size_t count;
	size_t params; /* in all of them */
};

struct command {
	char *program;		      /* as it is to be found */
	struct command_group *groups; /* the program is the first */
	size_t group_count;
	char *stray; /* a "{name}" that is no parameter; or NULL */
	enum command_input input;
	enum command_output output;
	char *media_type;		/* of OUTPUT_BASE64; NULL: not told */
	bool ok_exit[COMMAND_STATUSES]; /* which of them are success */
};

/* command_words.c: reads the words of a manifest.  0, or -1 with why. */
int command_words_read(struct command *, struct json_object *manifest,
    const char *base, char *why, size_t why_size)
    __attribute__((warn_unused_result));
/* Whatever was read. */
void command_words_free(struct command *);

/* As struct kind has it. */
void command_doubt(const struct registry_entry *, struct kind_doubts *);

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

#endif
