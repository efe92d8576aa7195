/*
 * Waiting for the next call: with polling while calls follow each other
 * closely, else asleep.  The front end says with each call for how long.
 */

#include "agent/busy_poll.h"
#include "common/clock.h"

#include <poll.h>

static int64_t limit_ns;

/* What else it is woken by. */
static int side_fd = -1;
static void (*side_ready)(void);

/* The last wait was shorter than the limit. */
static bool close_together;

void
busy_poll_limit(uint32_t us)
{
	limit_ns = us * NS_PER_US;
}

/* What poll(2) says last: 0 when the time is up. */
static int
busy_poll_until(struct pollfd *fds, nfds_t n, int64_t end_ns)
{
	int rc = 0;

	while (rc == 0 && clock_now_ns() < end_ns)
		rc = poll(fds, n, 0);
	return (rc);
}

int
busy_poll(struct pollfd *fds, nfds_t n, int timeout_ms)
{
	int64_t most_ns = limit_ns;
	int rc;

	/* What is over so soon is over in time. */
	if (timeout_ms >= 0 && most_ns > timeout_ms * NS_PER_MS)
		most_ns = 0;
	rc = busy_poll_until(fds, n, clock_now_ns() + most_ns);
	return (rc != 0 ? rc : poll(fds, n, timeout_ms));
}

/* What there is to read, read(2) says better. */
static void
busy_poll_sleep(int fd)
{
	struct pollfd fds[] = {
	    {.fd = fd, .events = POLLIN},
	    {.fd = side_fd, .events = POLLIN},
	};

	(void)!poll(fds, side_fd == -1 ? 1 : 2, -1);
	while (fds[1].revents != 0 && fds[0].revents == 0) {
		side_ready();
		fds[1] = (struct pollfd){.fd = side_fd, .events = POLLIN};
		(void)!poll(fds, side_fd == -1 ? 1 : 2, -1);
	}
}

void
busy_poll_also(int fd, void (*ready)(void))
{
	side_fd = fd;
	side_ready = ready;
}

bool
busy_poll_wait(int fd)
{
	struct pollfd p = {.fd = fd, .events = POLLIN};
	int64_t begun_ns = clock_now_ns();
	bool awake =
	    close_together && busy_poll_until(&p, 1, begun_ns + limit_ns) == 1;

	/*
	 * Who sleeps in read(2) on a Unix socket is also woken, for nothing,
	 * when the other end takes what was written.
	 */
	if (!awake)
		busy_poll_sleep(fd);
	close_together = clock_now_ns() - begun_ns < limit_ns;
	return (awake);
}
