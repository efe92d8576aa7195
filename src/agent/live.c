/*
 * How a plain, blocking agent notices that the call it runs is cancelled, and
 * how it waits for the next one: with polling while calls follow each other
 * closely, else asleep.  The front end says with each call for how long.
 *
 * To cancel a call, the front end sets a word in the page that it shares with
 * the agent (claim.h), which a tool reads for the cost of a load, and then
 * sends the frame CANCEL, which wakes whoever sleeps in poll(2).
 *
 * That frame may lie behind others, of calls that were taken back and may be
 * large, so it is not read here but by the loop, later, and ignored.  To sleep
 * until something new has come, no matter what lies there unread, the socket
 * is watched edge-triggered by an epoll descriptor, and that is what is polled:
 * no signal, no buffer, nothing to get wrong about half a frame.  Whatever else
 * arrives costs one round of the loop.  The descriptor is made at the first
 * need, since many agents never have it.
 */

#include "agent/live.h"
#include "common/claim.h"
#include "common/clock.h"
#include "common/frame.h"
#include "common/uuid.h"
#include "common/wire.h"

#include <sys/epoll.h>
#include <sys/uio.h>

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <string.h>
#include <unistd.h>

/* Between two reports of one call. */
#define PROGRESS_NS (100 * NS_PER_MS)

static struct {
	const struct claim *claim; /* NULL: this is no agent */
	int socket_fd, epoll_fd;
	pid_t pid; /* of the agent, lest a fork of it speak for it */
	uint32_t slot, generation;
	/* of the call */
	bool runs;
	uint32_t number;
	uint8_t id[UUID_SIZE];
	int64_t told_ns; /* the last progress; 0: none yet */
} live = {.socket_fd = -1, .epoll_fd = -1};

/* The longest that a wait may poll. */
static int64_t limit_ns;

/* What else it is woken by. */
static int side_fd = -1;
static void (*side_ready)(void);

/* The last wait was shorter than the limit. */
static bool close_together;

/* In a fork that anybody made: the page of the claim is not mapped there. */
static void
live_forked(void)
{
	live_mute();
	live.claim = NULL;
}

void
live_open(const struct claim *claim, int socket_fd, uint32_t slot,
    uint32_t generation)
{
	static bool forks_mute;

	if (!forks_mute)
		forks_mute = pthread_atfork(NULL, NULL, live_forked) == 0;
	if (live.epoll_fd != -1)
		close(live.epoll_fd);
	memset(&live, 0, sizeof(live));
	live.claim = claim;
	live.socket_fd = socket_fd;
	live.epoll_fd = -1;
	live.slot = slot;
	live.pid = getpid();
	live.generation = generation;
}

void
live_begin(const uint8_t id[static UUID_SIZE], uint32_t number)
{
	memcpy(live.id, id, sizeof(live.id));
	live.number = number;
	live.told_ns = 0;
	live.runs = true;
}

void
live_end(void)
{
	live.runs = false;
}

void
live_mute(void)
{
	live.socket_fd = live.epoll_fd = -1; /* closed, or another's by now */
}

bool
live_cancelled(void)
{
	return (live.runs && live.claim != NULL &&
		claim_cancelled(live.claim, live.number));
}

/* Failing that the agent is deaf, and killed where it could have stopped. */
static void
live_watch(void)
{
	struct epoll_event event = {.events = EPOLLIN | EPOLLET};

	if ((live.epoll_fd = epoll_create1(EPOLL_CLOEXEC)) == -1)
		return;
	if (epoll_ctl(live.epoll_fd, EPOLL_CTL_ADD, live.socket_fd, &event) ==
	    0)
		return;
	close(live.epoll_fd);
	live.epoll_fd = -1;
}

int
live_fd(void)
{
	if (!live.runs || live.socket_fd == -1)
		return (-1);
	if (live.epoll_fd == -1)
		live_watch();
	return (live.epoll_fd);
}

/* It is readable again when something further comes. */
void
live_seen(void)
{
	struct epoll_event event;

	(void)!epoll_wait(live.epoll_fd, &event, 1, 0);
}

bool
live_wants_progress(void)
{
	return (live.runs && live.socket_fd != -1 && getpid() == live.pid &&
		(live.told_ns == 0 ||
		    clock_now_ns() - live.told_ns >= PROGRESS_NS));
}

/* Should that fail, the loop finds out why. */
void
live_progress(double value, double total, const char *words)
{
	struct wire_progress progress = {.value = value, .total = total};
	struct frame_header header;
	size_t len = strlen(words);
	struct iovec parts[] = {
	    {&header, sizeof(header)},
	    {&progress, sizeof(progress)},
	    {(void *)(uintptr_t)words, len},
	};

	live.told_ns = clock_now_ns();
	frame_header_init(&header, WIRE_PROGRESS, live.slot, live.generation,
	    live.id, sizeof(progress) + len);
	(void)!frame_write(live.socket_fd, parts, 3);
}

void
live_poll_limit(uint32_t us)
{
	limit_ns = us * NS_PER_US;
}

/* What poll(2) says last: 0 when the time is up. */
static int
live_poll_until(struct pollfd *fds, nfds_t n, int64_t end_ns)
{
	int rc = 0;

	while (rc == 0 && clock_now_ns() < end_ns)
		rc = poll(fds, n, 0);
	return (rc);
}

int
live_poll(struct pollfd *fds, nfds_t n, int timeout_ms)
{
	int64_t most_ns = limit_ns;
	int rc;

	/* What is over so soon is over in time. */
	if (timeout_ms >= 0 && most_ns > timeout_ms * NS_PER_MS)
		most_ns = 0;
	rc = live_poll_until(fds, n, clock_now_ns() + most_ns);
	return (rc != 0 ? rc : poll(fds, n, timeout_ms));
}

/* What there is to read, read(2) says better. */
static void
live_sleep(int fd)
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
live_also(int fd, void (*ready)(void))
{
	side_fd = fd;
	side_ready = ready;
}

bool
live_wait(int fd)
{
	struct pollfd p = {.fd = fd, .events = POLLIN};
	int64_t begun_ns = clock_now_ns();
	bool awake =
	    close_together && live_poll_until(&p, 1, begun_ns + limit_ns) == 1;

	/*
	 * Who sleeps in read(2) on a Unix socket is also woken, for nothing,
	 * when the other end takes what was written.
	 */
	if (!awake)
		live_sleep(fd);
	close_together = clock_now_ns() - begun_ns < limit_ns;
	return (awake);
}
