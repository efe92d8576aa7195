/*
 * Moves a call to a coprocess and its answer back: one write, then a poll(2)
 * loop over its input, output, words and death, and over what may cancel the
 * call.
 */

#include "agent/kinds/coprocess.h"
#include "agent/live.h"
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
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Between two looks at one that ends. */
#define LOOK_MS 10

/* What a process that closed its output has to end by itself, milliseconds. */
#define CLOSE_MS 100

/* Of an id; the first is always set, so that all have as many digits. */
#define ID_BITS 53
#define ID_FIRST ((int64_t)1 << (ID_BITS - 1))

/* Before the headers that the manifest names. */
#define META ",\"meta\":"

#define GOING_ON (-1)

struct exchange {
	struct coprocess_talk talk;
	struct iovec parts[5], *next; /* of the message, that are to go */
	int left;
	size_t bytes; /* of all of it */
	bool told;    /* to end: cancelled, or the deadline is near */
	bool owed;    /* that it is told, once it has the message */
	int end;      /* enum coprocess_end, or GOING_ON */
};

/* Below PIPE_BUF the pipe takes all of it, or nothing. */
static void
coprocess_exchange_write_cancel(struct exchange *x)
{
	char text[80];
	int len = snprintf(text, sizeof(text),
	    "{\"jsonrpc\":\"2.0\",\"method\":\"cancel\",\"params\":"
	    "{\"id\":%lld}}\n",
	    (long long)x->talk.id);
	ssize_t sent = write(x->talk.coprocess->child.in, text, (size_t)len);

	if (sent > 0)
		x->bytes += (size_t)sent;
	x->owed = sent == -1 && (errno == EAGAIN || errno == EINTR);
}

/* Writes what the pipe takes.  Before all of it is there it is no message. */
static void
coprocess_exchange_write(struct exchange *x)
{
	ssize_t sent = 0;

	if (x->left > 0)
		sent = writev(x->talk.coprocess->child.in, x->next, x->left);
	if (sent >= 0)
		x->left = frame_advance(&x->next, x->left, (size_t)sent);
	else if (errno != EAGAIN && errno != EINTR)
		x->end = TALK_UNDELIVERED;
	if (x->owed && x->left == 0)
		coprocess_exchange_write_cancel(x);
}

/* A message that is on its way must not be torn by another. */
static void
coprocess_exchange_cancel(struct exchange *x)
{
	x->told = x->owed = true;
	if (x->left == 0)
		coprocess_exchange_write_cancel(x);
}

static void
coprocess_exchange_read(struct exchange *x)
{
	static const int ends[] = {
	    [CHILD_READ_SOME] = GOING_ON,
	    [CHILD_READ_LATER] = GOING_ON,
	    [CHILD_READ_END] = TALK_CLOSED,
	    [CHILD_READ_LIMIT] = TALK_TOO_LONG,
	    [CHILD_READ_NO_MEMORY] = TALK_NO_MEMORY,
	};
	enum child_read rc = coprocess_read(&x->talk);

	x->end = x->talk.answered    ? TALK_ANSWERED
		 : x->talk.garbled   ? TALK_GARBLED
		 : x->talk.no_memory ? TALK_NO_MEMORY
				     : ends[rc];
}

/* Whether it cannot have seen the whole message: the pipe still has it. */
static bool
coprocess_exchange_unread(const struct exchange *x)
{
	int unread = 0;

	if (x->left > 0)
		return (true);
	return (ioctl(x->talk.coprocess->child.in, FIONREAD, &unread) == 0 &&
		(size_t)unread >= x->bytes);
}

/* It has ended: what it still said counts. */
static void
coprocess_exchange_rest(struct exchange *x)
{
	struct coprocess *coprocess = x->talk.coprocess;

	for (int i = 0; i < COPROCESS_READS_MAX && x->end == GOING_ON; i++) {
		if (coprocess->child.out == -1)
			break;
		coprocess_exchange_read(x);
	}
	for (int i = 0; i < COPROCESS_READS_MAX && coprocess->child.err != -1;
	     i++)
		if (!child_words_read(
			&coprocess->io.words, &coprocess->child.err))
			break;
	if (x->end != TALK_ANSWERED && x->end != TALK_GARBLED &&
	    x->end != TALK_NO_MEMORY)
		x->end =
		    coprocess_exchange_unread(x) ? TALK_UNDELIVERED : TALK_DEAD;
}

/* Milliseconds until something is due. */
static int
coprocess_exchange_clock(struct exchange *x)
{
	int64_t left = x->talk.call->deadline_ns - clock_now_ns();

	if (left <= CHILD_KILL_MS * NS_PER_MS) {
		x->end = TALK_EXPIRED;
		return (0);
	}
	if (!x->told && tool_cancelled(x->talk.call))
		coprocess_exchange_cancel(x);
	left -= (x->told ? CHILD_KILL_MS : LIVE_SOFT_MS) * NS_PER_MS;
	left = left / NS_PER_MS + 1;
	return (left > 60 * 1000 ? 60 * 1000 : (int)left);
}

static void
coprocess_exchange_once(struct exchange *x)
{
	struct coprocess *coprocess = x->talk.coprocess;
	struct pollfd fds[COPROCESS_FDS];
	int timeout_ms = coprocess_exchange_clock(x);

	if (x->end != GOING_ON ||
	    coprocess_poll(coprocess, fds, x->left > 0 || x->owed,
		x->told ? -1 : live_fd(), timeout_ms) == -1)
		return; /* EINTR */
	if (fds[COPROCESS_LIVE].revents != 0)
		live_seen();
	if (fds[COPROCESS_ERR].revents != 0)
		child_words_read(&coprocess->io.words, &coprocess->child.err);
	if (fds[COPROCESS_OUT].revents != 0)
		coprocess_exchange_read(x);
	if (x->end == GOING_ON && fds[COPROCESS_IN].revents != 0)
		coprocess_exchange_write(x);
	if (x->end == GOING_ON && coprocess_dead(coprocess, fds))
		coprocess_exchange_rest(x);
}

/* Which closes first when it ends is up to it; it is given a moment. */
static void
coprocess_exchange_settle(struct exchange *x)
{
	struct coprocess *coprocess = x->talk.coprocess;
	int64_t give_up = clock_now_ns() + CLOSE_MS * NS_PER_MS;
	struct pollfd fds[COPROCESS_FDS];

	while (clock_now_ns() < give_up) {
		fd_close(&coprocess->child.out);
		coprocess_poll(coprocess, fds, false, -1, LOOK_MS);
		if (fds[COPROCESS_ERR].revents != 0)
			child_words_read(
			    &coprocess->io.words, &coprocess->child.err);
		if (!coprocess_dead(coprocess, fds))
			continue;
		coprocess_exchange_rest(x);
		return;
	}
}

/*
 * What nobody can know before the call is sent: one that is out of step cannot
 * give one caller what is another's.  JavaScript has no larger integers.
 */
static int64_t
coprocess_exchange_id(void)
{
	uint64_t id;

	arc4random_buf(&id, sizeof(id));
	return ((int64_t)(id >> (64 - ID_BITS)) | ID_FIRST);
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
	x.talk.id = coprocess_exchange_id();
	x.parts[0].iov_base = head;
	x.parts[0].iov_len = (size_t)snprintf(head, sizeof(head),
	    "{\"jsonrpc\":\"2.0\",\"id\":%lld,\"method\":\"call\",\"params\":",
	    (long long)x.talk.id);
	x.parts[1] = (struct iovec){(void *)(uintptr_t)text, len};
	x.left = 2;
	if (call->headers != NULL) {
		if ((text = json_text(call->headers, &len)) == NULL)
			return (TALK_NO_MEMORY);
		x.parts[x.left++] =
		    (struct iovec){(void *)(uintptr_t)META, sizeof(META) - 1};
		x.parts[x.left++] =
		    (struct iovec){(void *)(uintptr_t)text, len};
	}
	x.parts[x.left++] = (struct iovec){(void *)(uintptr_t) "}\n", 2};
	x.next = x.parts;
	for (int i = 0; i < x.left; i++)
		x.bytes += x.parts[i].iov_len;
	coprocess_exchange_write(&x);
	while (x.end == GOING_ON)
		coprocess_exchange_once(&x);
	if (x.end == TALK_CLOSED || x.end == TALK_UNDELIVERED)
		coprocess_exchange_settle(&x);
	return ((enum coprocess_end)x.end);
}
