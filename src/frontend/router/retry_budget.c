/*
 * Counts calls and retries second by second.  Called by retry.c.
 */

#include "frontend/router/retry_budget.h"

#include "common/clock.h"

/* The index of the second that now is, whose old counts are forgotten. */
static int64_t
retry_budget_now(struct retry_budget *budget, int64_t now_ns)
{
	int64_t second = now_ns / NS_PER_SEC;
	int64_t i = second % RETRY_BUDGET_SECONDS;

	if (budget->parts[i].second != second) {
		budget->parts[i].second = second;
		budget->parts[i].calls = budget->parts[i].retries = 0;
	}
	return (i);
}

void
retry_budget_call(struct retry_budget *budget, int64_t now_ns)
{
	budget->parts[retry_budget_now(budget, now_ns)].calls++;
}

void
retry_budget_retry(struct retry_budget *budget, int64_t now_ns)
{
	budget->parts[retry_budget_now(budget, now_ns)].retries++;
}

bool
retry_budget_allows(
    const struct retry_budget *budget, int64_t percent, int64_t now_ns)
{
	int64_t oldest = now_ns / NS_PER_SEC - RETRY_BUDGET_SECONDS + 1;
	int64_t calls = 0, retries = 0;

	if (percent == 0)
		return (false);
	for (int i = 0; i < RETRY_BUDGET_SECONDS; i++) {
		if (budget->parts[i].second < oldest)
			continue;
		calls += budget->parts[i].calls;
		retries += budget->parts[i].retries;
	}
	return (retries < RETRY_BUDGET_LEAST ||
		(retries + 1) * 100 <= calls * percent);
}
