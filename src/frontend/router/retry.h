/*
 * Trying a call again that failed, where that is safe and may help.
 */

#ifndef FRONTEND_ROUTER_RETRY_H
#define FRONTEND_ROUTER_RETRY_H

#include "frontend/router/call.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Room for what retry_members() writes. */
#define RETRY_TEXT_SIZE 192

/*
 * An attempt of an accepted call came to this end: it is at no agent and in no
 * queue.  True: it rests, and is tried again later.  False: this is its end.
 */
bool retry_again(struct call *, enum outcome)
    __attribute__((warn_unused_result));

/* A call was accepted. */
void retry_accepted(const struct call *);

/* How often it was tried, an attempt that runs included. */
unsigned int retry_attempts(const struct call *);

/*
 * Writes the members of an answer that tell of it: "attempts", and "causes"
 * when there were several.  Returns the length.
 */
size_t retry_members(const struct call *, char text[static RETRY_TEXT_SIZE]);

/*
 * How long to wait after so many attempts, nanoseconds: anything from 0 to
 * backoff_ms doubled with each attempt but the first, and no more than max_ms.
 */
int64_t retry_delay_ns(
    unsigned int attempts, int64_t backoff_ms, int64_t max_ms);

/* A number below its argument; for tests to replace. */
extern uint32_t (*retry_random)(uint32_t below);

#define RETRY_BUDGET_SECONDS 10

/* So many in ten seconds are always allowed, or quiet daemons had none. */
#define RETRY_BUDGET_LEAST 10

/*
 * How many retries there may be: at most so many in a hundred calls of the
 * last ten seconds, over all tools.  When everything fails, retries are more
 * load for what cannot bear the load that it has.  Zeroed before its first use.
 */
struct retry_budget {
	struct {
		int64_t second;
		uint32_t calls, retries;
	} parts[RETRY_BUDGET_SECONDS];
};

/* A call was accepted. */
void retry_budget_call(struct retry_budget *, int64_t now_ns);

/* Whether there may be one more; and then there is. */
bool retry_budget_allows(
    const struct retry_budget *, int64_t percent, int64_t now_ns);
void retry_budget_retry(struct retry_budget *, int64_t now_ns);

#endif
