/*
 * When an agent has served long enough: by calls, or by the memory that tools
 * have left it with.  (Age is the master's to watch: an agent that waits for a
 * call does not look at the clock.)
 */

#ifndef AGENT_WEAR_H
#define AGENT_WEAR_H

#include <stdbool.h>
#include <stdint.h>

struct conf;

#define WEAR_REASON_SIZE 100

struct wear {
	int64_t calls;	   /* run so far */
	int64_t max_calls; /* of this agent; 0 = no limit */
	int64_t max_bytes; /* resident; 0 = no limit */
	bool told;
};

/*
 * At the start of an agent.  Its own limit of calls is drawn here, up to a
 * tenth below max_calls, so that agents which start together do not end so.
 */
void wear_init(struct wear *, const struct conf *);

/* Resident memory of this process, or -1 when that cannot be known. */
int64_t wear_resident_bytes(void);

/*
 * A call is over.  Returns true once, with the reason, when the agent should
 * be replaced.
 */
bool wear_call(struct wear *, char reason[static WEAR_REASON_SIZE]);

/* The same of a call that there was no memory for. */
bool wear_starved(struct wear *, char reason[static WEAR_REASON_SIZE]);

#endif
