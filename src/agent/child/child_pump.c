/*
 * Moves bytes between a child process and its buffers until it ends.  One
 * poll(2) loop over its input, its output, its words and its death, and over
 * what may cancel it; called for a call, and over when the call is.  What the
 * process started is never waited for.
 */

#include "agent/child/child.h"
#include "agent/live.h"
#include "agent/tool.h"
#include "common/clock.h"
#include "common/fd.h"

#include <sys/wait.h>

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <unistd.h>

/* Between two looks at a process for which the kernel has no descriptor. */
#define LOOK_MS 10

/* Read after the end from pipes that somebody may still be filling, times. */
#define REST_READS 64

struct pump {
	struct child *child;
	struct child_io *io;
	size_t sent; /* of the input */
	int64_t soft_ns, hard_ns;
	bool told; /* to end: cancelled, or the deadline is near */
	bool dead;
	enum child_end trouble; /* CHILD_EXITED: none */
};

/* Nobody has to read what it is given. */
static void
child_pump_send(struct pump *pump)
{
	struct child_io *io = pump->io;
	ssize_t sent = 0;

	if (pump->sent < io->input_len)
		sent = write(pump->child->in, io->input + pump->sent,
		    io->input_len - pump->sent);
	if (sent > 0)
		pump->sent += (size_t)sent;
	if (pump->sent == io->input_len ||
	    (sent == -1 && errno != EAGAIN && errno != EINTR))
		fd_close(&pump->child->in);
}

/* True when there may be more. */
static bool
child_pump_output(struct pump *pump)
{
	switch (child_buffer_read(&pump->io->output, &pump->child->out)) {
	case CHILD_READ_SOME:
		return (true);
	case CHILD_READ_LIMIT:
		pump->trouble = CHILD_FLOODED;
		return (false);
	case CHILD_READ_NO_MEMORY:
		pump->trouble = CHILD_NO_MEMORY;
		return (false);
	default:
		return (false);
	}
}

static int64_t
child_earlier(int64_t a, int64_t b)
{
	return (a < b ? a : b);
}

/* Milliseconds until something is due. */
static int
child_pump_timeout(const struct pump *pump)
{
	int64_t due = pump->told ? pump->hard_ns : pump->soft_ns;
	int64_t left = due - clock_now_ns();
	int64_t ms = left <= 0 ? 0 : left / NS_PER_MS + 1;

	if (pump->child->pidfd == -1)
		ms = child_earlier(ms, LOOK_MS);
	return ((int)child_earlier(ms, 60 * 1000));
}

/*
 * Shortly before the deadline it is told, a little later it is killed.  When
 * it is cancelled it is told as well: whoever did that has us killed if it is
 * of no use.
 */
static void
child_pump_clock(struct pump *pump)
{
	int64_t now = clock_now_ns();

	if (now >= pump->hard_ns)
		pump->trouble = CHILD_EXPIRED;
	else if (!pump->told && (now >= pump->soft_ns || live_cancelled())) {
		pump->told = true;
		child_signal(pump->child, pump->child->stop_signal);
	}
}

static void
child_pump_once(struct pump *pump)
{
	struct child *child = pump->child;
	struct pollfd fds[] = {
	    {.fd = child->in, .events = POLLOUT},
	    {.fd = child->out, .events = POLLIN},
	    {.fd = child->err, .events = POLLIN},
	    {.fd = child->pidfd, .events = POLLIN},
	    {.fd = pump->told ? -1 : live_fd(), .events = POLLIN},
	};
	int rc =
	    poll(fds, sizeof(fds) / sizeof(fds[0]), child_pump_timeout(pump));

	if (rc > 0 && fds[0].revents != 0)
		child_pump_send(pump);
	if (rc > 0 && fds[1].revents != 0)
		child_pump_output(pump);
	if (rc > 0 && fds[2].revents != 0)
		child_words_read(&pump->io->words, &child->err);
	if (child->pidfd == -1)
		pump->dead = child_ended(child);
	else
		pump->dead = rc > 0 && fds[3].revents != 0;
	if (rc > 0 && fds[4].revents != 0)
		live_seen();
	child_pump_clock(pump);
}

/* What it left in its pipes; a process that it left there fills them on. */
static void
child_pump_rest(struct pump *pump)
{
	struct child *child = pump->child;

	while (child->out != -1 && pump->trouble == CHILD_EXITED &&
	       child_pump_output(pump))
		;
	for (int i = 0; i < REST_READS && child->err != -1; i++)
		if (!child_words_read(&pump->io->words, &child->err))
			break;
}

static enum child_end
child_pump_end(const struct pump *pump)
{
	int status = pump->child->status;
	int signo = pump->child->stop_signal;

	if (pump->trouble != CHILD_EXITED)
		return (pump->trouble);
	if (status == 0)
		return (CHILD_EXITED);
	/* It was our signal that ended it. */
	if (pump->told &&
	    ((WIFSIGNALED(status) && WTERMSIG(status) == signo) ||
		(WIFEXITED(status) && WEXITSTATUS(status) == 128 + signo)))
		return (CHILD_EXPIRED);
	return (CHILD_FAILED);
}

enum child_end
child_run(struct child *child, struct child_io *io, int64_t deadline_ns)
{
	struct pump pump = {.child = child,
	    .io = io,
	    .soft_ns = deadline_ns - TOOL_SOFT_MS * NS_PER_MS,
	    .hard_ns = deadline_ns - CHILD_KILL_MS * NS_PER_MS,
	    .trouble = CHILD_EXITED};

	while (!pump.dead && pump.trouble == CHILD_EXITED)
		child_pump_once(&pump);
	if (pump.dead && pump.trouble == CHILD_EXPIRED)
		pump.trouble = CHILD_EXITED; /* just made it */
	if (pump.dead) {
		child_signal(child, SIGKILL); /* what is left of its group */
		child_pump_rest(&pump);
	}
	if (pump.trouble == CHILD_EXPIRED && child_lingers(child)) {
		if (!pump.told) /* there was no time for that */
			child_signal(child, child->stop_signal);
		child_linger(child, io->words.who, NULL, NULL);
	} else
		child_kill(child);
	child_words_end(&io->words);
	return (child_pump_end(&pump));
}
