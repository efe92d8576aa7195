/*
 * Moves bytes between a child process and its buffers until it ends: its input,
 * its output within a limit, and its standard error, of which every line goes
 * to the log and the tail is kept.  What the process started is never waited
 * for, and nothing grows without bound.
 */

#include "agent/child/child_pump.h"
#include "agent/child/child.h"
#include "agent/live.h"
#include "common/clock.h"
#include "common/fd.h"
#include "common/log.h"
#include "common/utf8.h"

#include <sys/wait.h>

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* First size of the output's buffer. */
#define BUFFER_BYTES 4096

/* Lines of one call in the log; the master bounds how many a second. */
#define LINES_MAX 1000

/* Of the end of what a process said, looked through for why it ended. */
#define SAID_BYTES 4096

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

int
child_io_init(
    struct child_io *io, const char *who, size_t limit, size_t tail_size)
{
	memset(io, 0, sizeof(*io));
	io->words.who = who;
	io->output.limit = limit;
	if (tail_size == 0)
		return (0);
	if ((io->words.tail = malloc(tail_size)) == NULL)
		return (-1);
	io->words.tail_size = tail_size;
	return (0);
}

void
child_io_fini(struct child_io *io)
{
	free(io->output.data);
	free(io->words.tail);
	memset(io, 0, sizeof(*io));
}

/* One byte more than the limit shows that it was passed. */
static bool
child_buffer_grow(struct child_buffer *buffer)
{
	size_t size = buffer->size == 0 ? BUFFER_BYTES : 2 * buffer->size;
	char *data;

	if (buffer->len < buffer->size)
		return (true);
	if (size > buffer->limit + 1)
		size = buffer->limit + 1;
	if ((data = realloc(buffer->data, size)) == NULL)
		return (false);
	buffer->data = data;
	buffer->size = size;
	return (true);
}

enum child_read
child_buffer_read(struct child_buffer *buffer, int *fd)
{
	ssize_t got;

	if (!child_buffer_grow(buffer))
		return (CHILD_READ_NO_MEMORY);
	got = read(*fd, buffer->data + buffer->len, buffer->size - buffer->len);
	if (got == -1 && (errno == EAGAIN || errno == EINTR))
		return (CHILD_READ_LATER);
	if (got <= 0) {
		fd_close(fd);
		return (CHILD_READ_END);
	}
	buffer->len += (size_t)got;
	return (
	    buffer->len > buffer->limit ? CHILD_READ_LIMIT : CHILD_READ_SOME);
}

/*
 * What runtimes say when they are refused memory: Go, Java, Node, Python, Rust,
 * C++, libc, GNU programs.
 */
static const char *const starved_words[] = {
    "out of memory",
    "OutOfMemoryError",
    "MemoryError",
    "cannot allocate",
    "could not allocate",
    "failed to allocate",
    "unable to allocate",
    "Allocation failed",
    "memory allocation of ",
    "memory exhausted",
    "insufficient memory",
    "Not enough space",
    "failed to reserve",
    "Could not reserve",
    "bad_alloc",
};

static bool
child_text_starved(const char *text)
{
	for (size_t i = 0; i < sizeof(starved_words) / sizeof(starved_words[0]);
	     i++)
		if (strcasestr(text, starved_words[i]) != NULL)
			return (true);
	return (false);
}

static void
child_words_log(struct child_words *words)
{
	size_t used = words->used;

	words->used = 0;
	if (used == 0)
		return;
	if (words->lines++ >= LINES_MAX) {
		words->quiet++;
		return;
	}
	words->line[used] = '\0';
	if (!words->starved)
		words->starved = child_text_starved(words->line);
	log_line(LOG_INFO, words->who, words->line);
}

static void
child_words_keep(struct child_words *words, const char *data, size_t n)
{
	size_t at, part;

	if (words->tail_size == 0)
		return;
	if (n > words->tail_size) {
		words->total += n - words->tail_size;
		data += n - words->tail_size;
		n = words->tail_size;
	}
	at = words->total % words->tail_size;
	part = words->tail_size - at;
	if (part > n)
		part = n;
	memcpy(words->tail + at, data, part);
	memcpy(words->tail, data + part, n - part);
	words->total += n;
}

bool
child_words_read(struct child_words *words, int *fd)
{
	char chunk[16384];
	ssize_t got = read(*fd, chunk, sizeof(chunk));

	if (got == -1 && (errno == EAGAIN || errno == EINTR))
		return (false);
	if (got <= 0) {
		fd_close(fd);
		return (false);
	}
	child_words_keep(words, chunk, (size_t)got);
	for (ssize_t i = 0; i < got; i++) {
		if (chunk[i] == '\n' || words->used == CHILD_LINE_SIZE - 1)
			child_words_log(words);
		if (chunk[i] != '\n')
			words->line[words->used++] =
			    chunk[i] == '\0' ? '?' : chunk[i];
	}
	return (true);
}

void
child_words_end(struct child_words *words)
{
	char note[64];

	child_words_log(words);
	words->lines = 0;
	if (words->quiet == 0)
		return;
	snprintf(note, sizeof(note), "%lu more line%s not logged", words->quiet,
	    words->quiet == 1 ? " was" : "s were");
	words->quiet = 0;
	log_line(LOG_WARNING, words->who, note);
}

/* len bytes as text that can be shown; cut: more was before them. */
static void
child_tail_clean(char *text, size_t len, bool cut)
{
	const char *line;

	for (size_t i = 0; i < len; i++)
		if (text[i] == '\0' || text[i] == 127)
			text[i] = '?';
	text[len] = '\0';
	utf8_clean(text);
	while (len > 0 && strchr(" \t\r\n", text[len - 1]) != NULL)
		text[--len] = '\0';
	/* Drop the line that was cut, unless there is no other. */
	line = cut ? strchr(text, '\n') : NULL;
	if (line != NULL && line[1] != '\0')
		memmove(text, line + 1, strlen(line));
	for (; *text != '\0'; text++)
		if (*text > 0 && *text < ' ' && *text != '\n' && *text != '\t')
			*text = '?';
}

void
child_words_tail(const struct child_words *words, char *text, size_t size)
{
	size_t have =
	    words->total < words->tail_size ? words->total : words->tail_size;
	size_t len = 0;

	if (have > size - 1)
		have = size - 1;
	for (size_t i = words->total - have; i < words->total; i++)
		text[len++] = words->tail[i % words->tail_size];
	child_tail_clean(text, len, words->total > have);
}

void
child_buffer_tail(
    const struct child_buffer *buffer, size_t most, char *text, size_t size)
{
	size_t have = buffer->len < most ? buffer->len : most;

	if (have > size - 1)
		have = size - 1;
	if (have > 0)
		memcpy(text, buffer->data + buffer->len - have, have);
	child_tail_clean(text, have, buffer->len > have);
}

/* Most say it at the end, and Go at the beginning of what it says. */
bool
child_io_starved(const struct child_io *io)
{
	char text[SAID_BYTES];

	if (io->words.starved)
		return (true);
	child_words_tail(&io->words, text, sizeof(text));
	if (child_text_starved(text))
		return (true);
	child_buffer_tail(&io->output, sizeof(text), text, sizeof(text));
	return (child_text_starved(text));
}

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
	    .soft_ns = deadline_ns - LIVE_SOFT_MS * NS_PER_MS,
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
