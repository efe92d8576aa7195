/*
 * What the files of the kind "coprocess" share: one long-lived process an
 * agent, that speaks JSON-RPC 2.0, a message a line.
 */

#ifndef AGENT_COPROCESS_H
#define AGENT_COPROCESS_H

#include "agent/child.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct registry_entry;
struct tool_call;

/* The spec of a tool, and in an agent the process that serves it. */
struct coprocess {
	char **argv;
	/* In an agent. */
	bool ready; /* io is made */
	struct child child;
	pid_t kept; /* told to sweep_keep(); 0: none */
	struct child_io io;
	size_t taken;	/* of the output: lines that were handled */
	size_t scanned; /* of it: there is no newline before */
	int64_t id;	/* of the last call */
};

/* coprocess_life.c */

/* Starts it without waiting.  0, or -1 with the reason in why. */
int coprocess_start(struct coprocess *, const struct registry_entry *,
    char *why, size_t why_size) __attribute__((warn_unused_result));

/* Kills it; its end stays in child.status. */
void coprocess_stop(struct coprocess *);

/* coprocess_message.c */

/* What the coprocess has said so far about a call; NULL call: none is there. */
struct coprocess_talk {
	struct coprocess *coprocess;
	const struct registry_entry *entry;
	struct tool_call *call;
	bool answered;
};

/* One line that it wrote. */
void coprocess_take_line(struct coprocess_talk *, const char *line, size_t len);

/* coprocess_talk.c */

enum coprocess_end {
	TALK_ANSWERED,
	TALK_DEAD,	  /* it ended during the call */
	TALK_UNDELIVERED, /* it ended before it had the whole call */
	TALK_CLOSED,	  /* it closed its output and lives */
	TALK_TOO_LONG,	  /* a line over the limit */
	TALK_EXPIRED,
	TALK_NO_MEMORY
};

/*
 * Handles what it wrote since the last call; false: it is not fit for
 * another.
 */
bool coprocess_catch_up(struct coprocess *, const struct registry_entry *);

/* Hands it the call and waits for the answer. */
enum coprocess_end coprocess_talk(struct coprocess *, struct tool_call *);

#endif
