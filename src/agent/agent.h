/*
 * An agent: a process that runs one tool call at a time.
 */

#ifndef AGENT_AGENT_H
#define AGENT_AGENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct conf;

/*
 * Runs as agent number slot on WIRE_SOCKET_FD and WIRE_STATUS_FD until its
 * socket reports end of file.  conf and tools, which is of registry_pack(),
 * are borrowed for ever.
 */
void agent_main(uint32_t slot, uint32_t generation, const struct conf *,
    const void *tools, size_t tools_len) __attribute__((noreturn));

#define AGENT_REASON_SIZE 100

/*
 * When an agent has served long enough: by calls, or by the memory that tools
 * have left it with.  (Age is the master's to watch: an agent that waits for a
 * call does not look at the clock.)
 */
struct agent_wear {
	int64_t calls;	   /* run so far */
	int64_t max_calls; /* of this agent; 0 = no limit */
	int64_t max_bytes; /* resident; 0 = no limit */
	bool told;
};

/*
 * At the start of an agent.  Its own limit of calls is drawn here, up to a
 * tenth below max_calls, so that agents which start together do not end so.
 */
void agent_wear_init(struct agent_wear *, const struct conf *);

/*
 * A call is over.  Returns true once, with the reason, when the agent should
 * be replaced.
 */
bool agent_wear_call(
    struct agent_wear *, char reason[static AGENT_REASON_SIZE]);

/* The same of a call that there was no memory for. */
bool agent_wear_starved(
    struct agent_wear *, char reason[static AGENT_REASON_SIZE]);

#endif
