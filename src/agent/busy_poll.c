/*
 * Waiting for the next call: with polling while calls follow each other
 * closely, else asleep.  The front end says with each call for how long.
 */

#include "agent/busy_poll.h"
#include "common/clock.h"

#include <poll.h>

static int64_t limit_ns;

/* The last wait was shorter than the limit. */
static bool close_together;

void
busy_poll_limit(uint32_t us)
{
	limit_ns = us * NS_PER_US;
}

static bool
busy_poll_until(struct pollfd *p, int64_t end_ns)
{
	while (clock_now_ns() < end_ns)
		if (poll(p, 1, 0) == 1)
			return (true);
	return (false);
}

bool
busy_poll_wait(int fd)
{
	struct pollfd p = {.fd = fd, .events = POLLIN};
	int64_t begun_ns = clock_now_ns();
	bool awake = close_together && busy_poll_until(&p, begun_ns + limit_ns);

	/*
	 * Who sleeps in read(2) on a Unix socket is also woken, for nothing,
	 * when the other end takes what was written.
	 */
	if (!awake)
		(void)!poll(&p, 1, -1); /* read(2) says better what there is */
	close_together = clock_now_ns() - begun_ns < limit_ns;
	return (awake);
}
