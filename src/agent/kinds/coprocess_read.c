/*
 * What a coprocess writes: waiting for it, cutting it into lines, and catching
 * up with what came between calls.  Called by coprocess.c and its talk.
 */

#include "agent/kinds/coprocess.h"
#include "agent/live.h"

#include <poll.h>
#include <stddef.h>
#include <string.h>

/* Between two looks at a process for which the kernel has no descriptor. */
#define LOOK_MS 10

/* The next whole line of what was read, or NULL. */
static const char *
coprocess_read_line(struct coprocess *coprocess, size_t *len)
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
coprocess_read_lines(struct coprocess_talk *talk)
{
	struct coprocess *coprocess = talk->coprocess;
	struct child_buffer *buffer = &coprocess->io.output;
	const char *line;
	size_t len;

	while ((line = coprocess_read_line(coprocess, &len)) != NULL)
		coprocess_take_line(talk, line, len);
	buffer->len -= coprocess->taken;
	if (buffer->len > 0 && coprocess->taken > 0)
		memmove(
		    buffer->data, buffer->data + coprocess->taken, buffer->len);
	coprocess->scanned = buffer->len;
	coprocess->taken = 0;
}

enum child_read
coprocess_read(struct coprocess_talk *talk)
{
	struct coprocess *coprocess = talk->coprocess;
	struct child_buffer *buffer = &coprocess->io.output;
	enum child_read rc = child_buffer_read(buffer, &coprocess->child.out);

	if (rc == CHILD_READ_SOME || rc == CHILD_READ_LIMIT)
		coprocess_read_lines(talk);
	/* Only one line may be too long, not several together. */
	return (rc == CHILD_READ_LIMIT && buffer->len <= buffer->limit
		    ? CHILD_READ_SOME
		    : rc);
}

int
coprocess_poll(struct coprocess *coprocess, struct pollfd *fds, bool writing,
    int live, int timeout_ms)
{
	const struct child *child = &coprocess->child;

	fds[COPROCESS_IN] =
	    (struct pollfd){writing ? child->in : -1, POLLOUT, 0};
	fds[COPROCESS_OUT] = (struct pollfd){child->out, POLLIN, 0};
	fds[COPROCESS_ERR] = (struct pollfd){child->err, POLLIN, 0};
	fds[COPROCESS_PID] = (struct pollfd){child->pidfd, POLLIN, 0};
	fds[COPROCESS_LIVE] = (struct pollfd){live, POLLIN, 0};
	if (child->pidfd == -1 && timeout_ms > LOOK_MS)
		timeout_ms = LOOK_MS;
	return (live_poll(fds, COPROCESS_FDS, timeout_ms));
}

bool
coprocess_dead(const struct coprocess *coprocess, const struct pollfd *fds)
{
	return (coprocess->child.pidfd == -1 ? child_ended(&coprocess->child)
					     : fds[COPROCESS_PID].revents != 0);
}

bool
coprocess_catch_up(
    struct coprocess *coprocess, const struct registry_entry *entry)
{
	struct coprocess_talk talk = {.coprocess = coprocess, .entry = entry};
	enum child_read rc = CHILD_READ_SOME;
	struct pollfd fds[COPROCESS_FDS];

	if (coprocess->child.pid == -1)
		return (false);
	if (coprocess_poll(coprocess, fds, false, -1, 0) == 0)
		return (true);
	for (int i = 0; i < COPROCESS_READS_MAX && rc == CHILD_READ_SOME; i++)
		rc = coprocess_read(&talk);
	for (int i = 0;
	     i < COPROCESS_READS_MAX && fds[COPROCESS_ERR].revents != 0; i++)
		if (!child_words_read(
			&coprocess->io.words, &coprocess->child.err))
			break;
	/* One that will not stop talking will not listen either. */
	return (rc == CHILD_READ_LATER && !coprocess->stray &&
		!coprocess_dead(coprocess, fds));
}
