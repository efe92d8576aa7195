/*
 * Help for the tests of a slot: one slot, and what stands in for everything
 * around it.  No process is forked, no signal is sent and no time passes, but
 * all of it is noted.
 */

#ifndef UNIT_SLOT_HELP_H
#define UNIT_SLOT_HELP_H

#include <sys/types.h>

#include <stdbool.h>
#include <stdint.h>

#include "master/slot.h"

#define HELP_PID 0x7ffffff0
#define HELP_CONFIG 42
#define HELP_STOP_MS 5000

extern struct slot help_slot;

/* What happens around it; set by the tests. */
extern bool help_frontend; /* there is one */
extern bool help_refuses;  /* and it cannot be told anything */
extern bool help_no_fork;
extern unsigned int help_no_pipe_at; /* which pipe2() fails; 0 = none */
extern int64_t help_now_ns;

/* What came of it. */
extern char help_trace[512];   /* "state", "KILL": in order, with blanks */
extern int64_t help_armed_ms;  /* of its timer; -1 = not armed */
extern unsigned int help_gone; /* how often the front end heard of a death */

int help_set_up(void **state);

/* Ends the agent, if there is one, and checks that nothing is left open. */
int help_tear_down(void **state);

/* What happened since the last time must be this. */
void help_expect(const char *trace);

/* The agent writes to its status pipe. */
void help_say(enum status_kind, uint32_t generation);

/* The three parts of a death. */
void help_reap(int wait_status);
void help_end_status(void);
void help_end_output(void);
void help_die(int wait_status); /* all three */

/* The timer runs out. */
void help_fire(void);

/* An agent that is ready and known to the front end. */
void help_make_ready(void);

#endif
