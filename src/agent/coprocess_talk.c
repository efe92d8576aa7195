/*
 * Moves a call to a coprocess and its answer back: one write, then a poll(2)
 * loop over its input, output, words and death, and over what may cancel the
 * call.  Called by coprocess.c.
 */

#include "agent/coprocess.h"
#include "agent/live.h"
#include "agent/registry.h"
#include "agent/tool.h"
#include "common/clock.h"
#include "common/fd.h"
#include "common/frame.h"
#include "common/json.h"

#include <sys/ioctl.h>
#include <sys/uio.h>

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* Between two looks at a process for which the kernel has no descriptor. */
#define LOOK_MS 10

/* What a process that closed its output has to end by itself, milliseconds. */
#define CLOSE_MS 100

/* Reads at once that bring no answer; afterwards it is time for the clock. */
#define READS_MAX 64

enum { IN, OUT, ERR, PID, LIVE, FDS };

#define GOING_ON (-1)

struct exchange {
	struct coprocess_talk talk;
	struct iovec parts[3], *next; /* of the message, that are to go */
	int left;
	size_t bytes; /* of all of it */
	bool told;    /* to end: cancelled, or the deadline is near */
	bool owed;    /* that it is told, once it has the message */
	int end;      /* enum coprocess_end, or GOING_ON */
};

/* The next whole line of what was read, or NULL. */
static const char *
talk_line(struct coprocess *coprocess, size_t *len)
{
	struct child_buffer *buffer = &coprocess->io.output;
	char *line = buffer->data + coprocess->taken, *end;

	end = buffer->len == coprocess->scanned
		  ? NULL
		  : memchr(buffer->data + coprocess->scanned, '\n',
			buffer->len - coprocess->scanned);
	if (end == NULL) {
		coprocess->scanned = buffer->len;
		return (NULL);
	}
	*len = (size_t)(end - line);
	coprocess->taken = coprocess->scanned = *len + 1 + coprocess->taken;
	return (line);
}

static void
talk_lines(struct coprocess_talk *talk)
{
	struct coprocess *coprocess = talk->coprocess;
	struct child_buffer *buffer = &coprocess->io.output;
	const char *line;
	size_t len;

	while ((line = talk_line(coprocess, &len)) != NULL)
		coprocess_take_line(talk, line, len);
	buffer->len -= coprocess->taken;
	if (buffer->len > 0 && coprocess->taken > 0)
		memmove(
		    buffer->data, buffer->data + coprocess->taken, buffer->len);
	coprocess->scanned = buffer->len;
	coprocess->taken = 0;
}

/* One read; how it went, and the lines that it brought are handled. */
static enum child_read
talk_read(struct coprocess_talk *talk)
{
	struct coprocess *coprocess = talk->coprocess;
	struct child_buffer *buffer = &coprocess->io.output;
	enum child_read rc = child_buffer_read(buffer, &coprocess->child.out);

	if (rc == CHILD_READ_SOME || rc == CHILD_READ_LIMIT)
		talk_lines(talk);
	/* Only one line may be too long, not several together. */
	return (rc == CHILD_READ_LIMIT && buffer->len <= buffer->limit
		    ? CHILD_READ_SOME
		    : rc);
}

static int
talk_poll(struct coprocess *coprocess, struct pollfd fds[static FDS],
    bool writing, int live, int timeout_ms)
{
	const struct child *child = &coprocess->child;

	fds[IN] = (struct pollfd){writing ? child->in : -1, POLLOUT, 0};
	fds[OUT] = (struct pollfd){child->out, POLLIN, 0};
	fds[ERR] = (struct pollfd){child->err, POLLIN, 0};
	fds[PID] = (struct pollfd){child->pidfd, POLLIN, 0};
	fds[LIVE] = (struct pollfd){live, POLLIN, 0};
	if (child->pidfd == -1 && timeout_ms > LOOK_MS)
		timeout_ms = LOOK_MS;
	return (poll(fds, FDS, timeout_ms));
}

static bool
talk_dead(const struct coprocess *coprocess, const struct pollfd *fds)
{
	return (coprocess->child.pidfd == -1 ? child_ended(&coprocess->child)
					     : fds[PID].revents != 0);
}

bool
coprocess_catch_up(
    struct coprocess *coprocess, const struct registry_entry *entry)
{
	struct coprocess_talk talk = {.coprocess = coprocess, .entry = entry};
	enum child_read rc = CHILD_READ_SOME;
	struct pollfd fds[FDS];

	if (coprocess->child.pid == -1)
		return (false);
	if (talk_poll(coprocess, fds, false, -1, 0) == 0)
		return (true);
	for (int i = 0; i < READS_MAX && rc == CHILD_READ_SOME; i++)
		rc = talk_read(&talk);
	for (int i = 0; i < READS_MAX && fds[ERR].revents != 0; i++)
		if (!child_words_read(
			&coprocess->io.words, &coprocess->child.err))
			break;
	/* One that will not stop talking will not listen either. */
	return (rc == CHILD_READ_LATER && !talk_dead(coprocess, fds));
}

/* Below PIPE_BUF the pipe takes all of it, or nothing. */
static void
exchange_write_cancel(struct exchange *x)
{
	char text[80];
	int len = snprintf(text, sizeof(text),
	    "{\"jsonrpc\":\"2.0\",\"method\":\"cancel\",\"params\":"
	    "{\"id\":%lld}}\n",
	    (long long)x->talk.coprocess->id);
	ssize_t sent = write(x->talk.coprocess->child.in, text, (size_t)len);

	if (sent > 0)
		x->bytes += (size_t)sent;
	x->owed = sent == -1 && (errno == EAGAIN || errno == EINTR);
}

/* Writes what the pipe takes.  Before all of it is there it is no message. */
static void
exchange_write(struct exchange *x)
{
	ssize_t sent = 0;

	if (x->left > 0)
		sent = writev(x->talk.coprocess->child.in, x->next, x->left);
	if (sent >= 0)
		x->left = frame_advance(&x->next, x->left, (size_t)sent);
	else if (errno != EAGAIN && errno != EINTR)
		x->end = TALK_UNDELIVERED;
	if (x->owed && x->left == 0)
		exchange_write_cancel(x);
}

/* A message that is on its way must not be torn by another. */
static void
exchange_cancel(struct exchange *x)
{
	x->told = x->owed = true;
	if (x->left == 0)
		exchange_write_cancel(x);
}

static void
exchange_read(struct exchange *x)
{
	static const int ends[] = {
	    [CHILD_READ_SOME] = GOING_ON,
	    [CHILD_READ_LATER] = GOING_ON,
	    [CHILD_READ_END] = TALK_CLOSED,
	    [CHILD_READ_LIMIT] = TALK_TOO_LONG,
	    [CHILD_READ_NO_MEMORY] = TALK_NO_MEMORY,
	};
	enum child_read rc = talk_read(&x->talk);

	x->end = x->talk.answered ? TALK_ANSWERED : ends[rc];
}

/* Whether it cannot have seen the whole message: the pipe still has it. */
static bool
exchange_unread(const struct exchange *x)
{
	int unread = 0;

	if (x->left > 0)
		return (true);
	return (ioctl(x->talk.coprocess->child.in, FIONREAD, &unread) == 0 &&
		(size_t)unread >= x->bytes);
}

/* It has ended: what it still said counts. */
static void
exchange_rest(struct exchange *x)
{
	struct coprocess *coprocess = x->talk.coprocess;

	for (int i = 0; i < READS_MAX && x->end == GOING_ON; i++) {
		if (coprocess->child.out == -1)
			break;
		exchange_read(x);
	}
	for (int i = 0; i < READS_MAX && coprocess->child.err != -1; i++)
		if (!child_words_read(
			&coprocess->io.words, &coprocess->child.err))
			break;
	if (x->end != TALK_ANSWERED)
		x->end = exchange_unread(x) ? TALK_UNDELIVERED : TALK_DEAD;
}

/* Milliseconds until something is due. */
static int
exchange_clock(struct exchange *x)
{
	int64_t left = x->talk.call->deadline_ns - clock_now_ns();

	if (left <= CHILD_KILL_MS * NS_PER_MS) {
		x->end = TALK_EXPIRED;
		return (0);
	}
	if (!x->told && tool_cancelled(x->talk.call))
		exchange_cancel(x);
	left -= (x->told ? CHILD_KILL_MS : TOOL_SOFT_MS) * NS_PER_MS;
	left = left / NS_PER_MS + 1;
	return (left > 60 * 1000 ? 60 * 1000 : (int)left);
}

static void
exchange_once(struct exchange *x)
{
	struct coprocess *coprocess = x->talk.coprocess;
	struct pollfd fds[FDS];
	int timeout_ms = exchange_clock(x);

	if (x->end != GOING_ON ||
	    talk_poll(coprocess, fds, x->left > 0 || x->owed,
		x->told ? -1 : live_fd(), timeout_ms) == -1)
		return; /* EINTR */
	if (fds[LIVE].revents != 0)
		live_seen();
	if (fds[ERR].revents != 0)
		child_words_read(&coprocess->io.words, &coprocess->child.err);
	if (fds[OUT].revents != 0)
		exchange_read(x);
	if (x->end == GOING_ON && fds[IN].revents != 0)
		exchange_write(x);
	if (x->end == GOING_ON && talk_dead(coprocess, fds))
		exchange_rest(x);
}

/* Which closes first when it ends is up to it; it is given a moment. */
static void
exchange_settle(struct exchange *x)
{
	struct coprocess *coprocess = x->talk.coprocess;
	int64_t give_up = clock_now_ns() + CLOSE_MS * NS_PER_MS;
	struct pollfd fds[FDS];

	while (clock_now_ns() < give_up) {
		fd_close(&coprocess->child.out);
		talk_poll(coprocess, fds, false, -1, LOOK_MS);
		if (fds[ERR].revents != 0)
			child_words_read(
			    &coprocess->io.words, &coprocess->child.err);
		if (!talk_dead(coprocess, fds))
			continue;
		exchange_rest(x);
		return;
	}
}

enum coprocess_end
coprocess_talk(struct coprocess *coprocess, struct tool_call *call)
{
	struct exchange x = {.end = GOING_ON};
	char head[80];
	size_t len;
	const char *text = json_text(call->params, &len);

	if (text == NULL)
		return (TALK_NO_MEMORY);
	x.talk.coprocess = coprocess;
	x.talk.entry = call->entry;
	x.talk.call = call;
	x.parts[0].iov_base = head;
	x.parts[0].iov_len = (size_t)snprintf(head, sizeof(head),
	    "{\"jsonrpc\":\"2.0\",\"id\":%lld,\"method\":\"call\",\"params\":",
	    (long long)++coprocess->id);
	x.parts[1] = (struct iovec){(void *)(uintptr_t)text, len};
	x.parts[2] = (struct iovec){(void *)(uintptr_t) "}\n", 2};
	x.next = x.parts;
	x.left = 3;
	for (int i = 0; i < x.left; i++)
		x.bytes += x.parts[i].iov_len;
	exchange_write(&x);
	while (x.end == GOING_ON)
		exchange_once(&x);
	if (x.end == TALK_CLOSED || x.end == TALK_UNDELIVERED)
		exchange_settle(&x);
	return ((enum coprocess_end)x.end);
}
