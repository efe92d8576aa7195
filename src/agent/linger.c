/*
 * Waits for a process that has been told to end, after its call was answered.
 * What it still prints is read, so that it is not held up: its standard error
 * goes to the log, its output nowhere.  Called by agent.c between two calls;
 * begun where the call ended.
 */

#include "agent/linger.h"
#include "agent/child/child.h"
#include "common/clock.h"
#include "common/fd.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

/* Between two looks at a process for which the kernel has no descriptor. */
#define LOOK_MS 10

static struct {
	struct child *child; /* NULL: there is none */
	int64_t until_ns;
	struct child_words words;
	void (*end)(void *);
	void *arg;
} linger;

void
linger_begin(
    struct child *child, const char *who, void (*end)(void *), void *arg)
{
	memset(&linger, 0, sizeof(linger));
	linger.child = child;
	linger.until_ns = clock_now_ns() + child->grace_ms * NS_PER_MS;
	linger.words.who = who;
	linger.end = end;
	linger.arg = arg;
	fd_close(&child->in);
}

int64_t
linger_ms(void)
{
	return (linger.child == NULL ? 0 : linger.child->grace_ms);
}

static void
linger_discard(int *fd)
{
	char chunk[16384];
	ssize_t got = read(*fd, chunk, sizeof(chunk));

	if (got == 0 || (got == -1 && errno != EAGAIN && errno != EINTR))
		fd_close(fd);
}

/* Returns whether it has ended. */
static bool
linger_wait(struct child *child, int64_t left_ns)
{
	struct pollfd fds[] = {
	    {.fd = child->out, .events = POLLIN},
	    {.fd = child->err, .events = POLLIN},
	    {.fd = child->pidfd, .events = POLLIN},
	};
	int64_t ms = left_ns / NS_PER_MS + 1;

	if (child->pidfd == -1 && ms > LOOK_MS)
		ms = LOOK_MS;
	if (poll(fds, sizeof(fds) / sizeof(fds[0]), (int)ms) > 0) {
		if (fds[0].revents != 0)
			linger_discard(&child->out);
		if (fds[1].revents != 0)
			child_words_read(&linger.words, &child->err);
	}
	return (child_ended(child));
}

void
linger_finish(void)
{
	struct child *child = linger.child;
	int64_t left_ns;

	if (child == NULL)
		return;
	do
		left_ns = linger.until_ns - clock_now_ns();
	while (left_ns > 0 && !linger_wait(child, left_ns));
	if (linger.end == NULL)
		child_kill(child);
	else
		linger.end(linger.arg);
	child_words_end(&linger.words);
	linger.child = NULL;
}
