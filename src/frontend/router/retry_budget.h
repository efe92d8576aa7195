/*
 * How many retries there may be: at most so many in a hundred calls of the
 * last ten seconds, over all tools.  When everything fails, retries are more
 * load for what cannot bear the load that it has.  Time comes from the caller.
 */

#ifndef FRONTEND_ROUTER_RETRY_BUDGET_H
#define FRONTEND_ROUTER_RETRY_BUDGET_H

#include <stdbool.h>
#include <stdint.h>

#define RETRY_BUDGET_SECONDS 10

/* So many in ten seconds are always allowed, or quiet daemons had none. */
#define RETRY_BUDGET_LEAST 10

/* Zeroed before its first use. */
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
