/*
 * One call as its agent and this layer know it.  The router's struct call
 * begins with it.
 */

#ifndef FRONTEND_AGENTS_WORK_H
#define FRONTEND_AGENTS_WORK_H

#include "common/uuid.h"

#include <sys/queue.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct agent;

struct work {
	/* Set by the router before it is handed over. */
	uint8_t id[UUID_SIZE];
	int64_t deadline_ns;
	const char *tool; /* its name */
	size_t tool_len;
	char *params; /* JSON text */
	size_t params_len;
	size_t headers_len; /* of what stands behind them */
	bool fast;	    /* others may be handed over behind it */
	uint32_t poll_us;   /* how long its agent may poll */
	/* Set by this layer. */
	struct agent *agent; /* that has or had it in hand; or NULL */
	int64_t started_ns;  /* 0: does not run */
	uint32_t number;     /* of all that this agent was handed */
	unsigned int deaths; /* of agents that had it in hand */
	TAILQ_ENTRY(work) entry;
};

TAILQ_HEAD(work_list, work);

/* It is at no agent, as before it was ever handed over. */
static inline void
work_reset(struct work *work)
{
	work->agent = NULL;
	work->started_ns = 0;
}

#endif
