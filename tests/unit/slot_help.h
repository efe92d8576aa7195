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

extern const struct slot *slot_help_slot;

/* What happens around it; set by the tests. */
extern bool slot_help_frontend; /* there is one */
extern bool slot_help_refuses;	/* and it cannot be told anything */
extern bool slot_help_no_fork;
extern unsigned int slot_help_no_pipe_at; /* which pipe2() fails; 0 = none */
extern int64_t slot_help_now_ns;

/* What came of it. */
extern char slot_help_trace[512];  /* "state", "KILL": in order, with blanks */
extern int64_t slot_help_armed_ms; /* of its timer; -1 = not armed */
extern unsigned int
    slot_help_gone; /* how often the front end heard of a death */

int slot_help_set_up(void **state);

/* Ends the agent, if there is one, and checks that nothing is left open. */
int slot_help_tear_down(void **state);

/* What happened since the last time must be this. */
void slot_help_expect(const char *trace);

/* The agent writes to its status pipe. */
void slot_help_say(enum status_kind, uint32_t generation);

/* The three parts of a death. */
void slot_help_reap(int wait_status);
void slot_help_end_status(void);
void slot_help_end_output(void);
void slot_help_die(int wait_status); /* all three */

/* The timer runs out. */
void slot_help_fire(void);

/* An agent that is ready and known to the front end. */
void slot_help_make_ready(void);

#endif
