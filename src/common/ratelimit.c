/*
 * Keeps warnings that come with every request from filling the log.
 */

#include "common/ratelimit.h"
#include "common/clock.h"

bool
ratelimit_admit(struct ratelimit *limit, int64_t every_ns, unsigned long *held)
{
	int64_t now = clock_now_ns();

	if (limit->last_ns != 0 && now - limit->last_ns < every_ns) {
		limit->held++;
		return (false);
	}
	*held = limit->held;
	limit->last_ns = now;
	limit->held = 0;
	return (true);
}
