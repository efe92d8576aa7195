/*
 * What the files of the kind "coprocess" share: one long-lived process an
 * agent, that speaks JSON-RPC 2.0, a message a line.
 */

#ifndef AGENT_KINDS_COPROCESS_H
#define AGENT_KINDS_COPROCESS_H

#include "agent/child/child.h"

#include <sys/queue.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct registry_entry;
struct tool_call;

/* The spec of a tool, and in an agent the process that serves it. */
struct coprocess {
	char **argv;
	/* In an agent; coprocess.c */
	bool ready; /* io is made */
	struct child child;
	const struct registry_entry *entry; /* that it serves */
	pid_t kept;			    /* told to sweep_keep(); 0: none */
	TAILQ_ENTRY(coprocess) running;	    /* while it is kept */
	struct child_io io;
	/* What it has written; coprocess_message.c */
	size_t taken;	/* of the output: lines that were handled */
	size_t scanned; /* of it: there is no newline before */
	bool stray;	/* it answered what it was not asked */
};

/* How many may run in an agent that may have so many files open; never 0. */
size_t coprocess_most(int64_t files);

/* What as many need; the other way around. */
int64_t coprocess_files(size_t count);

/* coprocess_message.c */

/* What the coprocess has said so far about a call; NULL call: none is there. */
struct coprocess_talk {
	struct coprocess *coprocess;
	const struct registry_entry *entry;
	struct tool_call *call;
	int64_t id; /* of the call: at random, none of those before */
	bool answered;
	bool garbled;	/* it answered what nobody can read: the call failed */
	bool no_memory; /* its answer could not be read for want of memory */
};

/* One line that it wrote. */
void coprocess_take_line(struct coprocess_talk *, const char *line, size_t len);

/* Reads at once that bring no answer; afterwards it is time for the clock. */
#define COPROCESS_READS_MAX 64

struct pollfd;

enum coprocess_fd {
	COPROCESS_IN,
	COPROCESS_OUT,
	COPROCESS_ERR,
	COPROCESS_PID,
	COPROCESS_LIVE, /* what may cancel the call, or -1 */
	COPROCESS_FDS
};

/*
 * poll(2) on all that may happen to it, by COPROCESS_FDS; writing: also as it
 * takes input.
 */
int coprocess_poll(struct coprocess *, struct pollfd *fds, bool writing,
    int live, int timeout_ms);

/* Whether it has ended, given what the poll said. */
bool coprocess_dead(const struct coprocess *, const struct pollfd *);

/* One read; how it went, and the lines that it brought are handled. */
enum child_read coprocess_read(struct coprocess_talk *)
    __attribute__((warn_unused_result));

/* Nothing that it wrote is left: another process follows. */
void coprocess_forget_output(struct coprocess *);

/*
 * Handles what it wrote since the last call; false: it is not fit for
 * another.
 */
bool coprocess_catch_up(struct coprocess *, const struct registry_entry *);

/* coprocess_talk.c */

enum coprocess_end {
	TALK_ANSWERED,
	TALK_DEAD,	  /* it ended during the call */
	TALK_UNDELIVERED, /* it ended before it had the whole call */
	TALK_GARBLED,	  /* its answer is no JSON; the call has failed */
	TALK_CLOSED,	  /* it closed its output and lives */
	TALK_TOO_LONG,	  /* a line over the limit */
	TALK_EXPIRED,
	TALK_NO_MEMORY
};

/* Hands it the call and waits for the answer. */
enum coprocess_end coprocess_talk(struct coprocess *, struct tool_call *);

#endif
