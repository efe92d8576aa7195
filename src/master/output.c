/*
 * Reads the standard error of every child, so that one process alone owns the
 * log.  A line is logged under its child's name.  A tool that floods is logged
 * at a modest rate, read at a less modest one, and then has to wait for the
 * next second: its flood costs the master nothing.
 */

#include "master/output.h"
#include "common/clock.h"
#include "common/fd.h"
#include "common/log.h"
#include "common/log_form.h"
#include "common/sys.h"
#include "common/utf8.h"
#include "master/globals.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <event2/event.h>

#define LINE_BYTES 2048

/* Room for the name of a tool. */
#define OUTPUT_TOOL_SIZE 128

/* Of a limited child, a second: logged, and read. */
#define LINES_PER_SECOND 100
#define BYTES_PER_SECOND (4 << 20)

/* Read at one wake-up, so that a flood does not keep the master from others. */
#define CHUNK_BYTES 16384

struct output {
	int fd;
	struct event *readable;
	struct event *again; /* when it is read on */
	void (*gone)(void *arg);
	void *arg;
	void (*tap)(int level, const char *line); /* or NULL */
	char who[32];
	char line[LINE_BYTES];
	size_t used;
	char tool[OUTPUT_TOOL_SIZE]; /* says what has no key; "": its child */
	bool limited;
	bool last;	    /* its writer is dead */
	int64_t window_ns;  /* start of the second that is counted */
	unsigned int lines; /* in it */
	size_t bytes;	    /* in it */
	unsigned long dropped;
};

static void output_readable(evutil_socket_t, short, void *);
static void output_again(evutil_socket_t, short, void *);

static void
output_discard(struct output *output)
{
	if (output->readable != NULL)
		event_free(output->readable);
	if (output->again != NULL)
		event_free(output->again);
	free(output);
}

struct output *
output_new(
    int fd, const char *who, bool limited, void (*gone)(void *), void *arg)
{
	struct output *output = sys.malloc(sizeof(*output));

	if (output == NULL)
		return (NULL);
	memset(output, 0, sizeof(*output));
	output->fd = fd;
	output->gone = gone;
	output->arg = arg;
	output->limited = limited;
	strlcpy(output->who, who, sizeof(output->who));
	if (limited)
		strlcpy(output->tool, "stderr", sizeof(output->tool));
	output->readable = event_new(
	    master.base, fd, EV_READ | EV_PERSIST, output_readable, output);
	output->again = evtimer_new(master.base, output_again, output);
	if (output->readable == NULL || output->again == NULL ||
	    event_add(output->readable, NULL) == -1) {
		output_discard(output);
		errno = ENOMEM;
		return (NULL);
	}
	return (output);
}

static void
output_report_dropped(struct output *output)
{
	char note[64];

	if (output->dropped == 0)
		return;
	snprintf(note, sizeof(note), "%lu more line%s not logged",
	    output->dropped, output->dropped == 1 ? " was" : "s were");
	output->dropped = 0;
	log_line(LOG_WARNING, output->who, note);
}

/* Begins another second when one is over. */
static void
output_count_anew(struct output *output)
{
	int64_t now = clock_now_ns();

	if (now - output->window_ns < NS_PER_SEC)
		return;
	output->window_ns = now;
	output->lines = 0;
	output->bytes = 0;
	output_report_dropped(output);
}

/* Whether one more line may be logged in this second. */
static bool
output_admit(struct output *output)
{
	if (!output->limited || output->lines < LINES_PER_SECOND) {
		output->lines++;
		return (true);
	}
	output->dropped++;
	return (false);
}

void
output_say(struct output *output, int level, const char *line)
{
	if (output == NULL || !log_enabled(level))
		return;
	output_count_anew(output);
	if (output_admit(output))
		log_line(level, output->who, line);
}

/* What a tool prints can be told from what its agent says. */
static void
output_say_other(struct output *output, int level, const char *line)
{
	char named[LINE_BYTES + OUTPUT_TOOL_SIZE];

	/* Most lines of a flood end here, and should cost nothing. */
	if (!log_enabled(level) || !output_admit(output))
		return;
	if (output->tool[0] == '\0') {
		log_line(level, output->who, line);
		return;
	}
	snprintf(named, sizeof(named), "%s: %s", output->tool, line);
	log_line(level, output->who, named);
}

static void
output_log(struct output *output)
{
	enum log_pipe_kind kind;
	const char *line;
	int level;

	if (output->used == 0)
		return;
	output->line[output->used] = '\0';
	output->used = 0;
	kind = log_pipe_read(output->line, &level, &line);
	if (kind == LOG_PIPE_TOOL) {
		strlcpy(output->tool, line, sizeof(output->tool));
		return;
	}
	if (output->tap != NULL)
		output->tap(level, line);
	if (kind == LOG_PIPE_OURS)
		output_say(output, level, line);
	else
		output_say_other(output, level, line);
}

/* A line that is too long comes in pieces, each of whole characters. */
static void
output_log_full(struct output *output)
{
	size_t whole = utf8_whole(output->line, output->used);
	size_t rest = output->used - whole;
	char kept[8];

	memcpy(kept, output->line + whole, rest);
	output->used = whole;
	output_log(output);
	memcpy(output->line, kept, rest);
	output->used = rest;
}

void
output_tap(struct output *output, void (*tap)(int level, const char *line))
{
	output->tap = tap;
}

static void
output_take(struct output *output, const char *data, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (data[i] == '\n')
			output_log(output);
		else if (output->used == LINE_BYTES - 1)
			output_log_full(output);
		if (data[i] != '\n')
			output->line[output->used++] =
			    data[i] == '\0' ? '?' : data[i];
	}
}

static void
output_again(evutil_socket_t fd, short what, void *arg)
{
	struct output *output = arg;

	output_count_anew(output);
	(void)!event_add(output->readable, NULL);
}

/* Reads no more of a flood until the next second: its writer waits. */
static void
output_pause(struct output *output, size_t got)
{
	struct timeval tv;
	int64_t left_ns;

	if (!output->limited || output->last)
		return;
	if ((output->bytes += got) < BYTES_PER_SECOND)
		return;
	left_ns = output->window_ns + NS_PER_SEC - clock_now_ns();
	tv = clock_timeval(left_ns / NS_PER_MS + 1);
	if (event_add(output->again, &tv) == 0)
		event_del(output->readable);
}

void
output_hurry(struct output *output)
{
	if (output == NULL)
		return;
	output->last = true;
	event_del(output->again);
	(void)!event_add(output->readable, NULL);
}

static void
output_readable(evutil_socket_t fd, short what, void *arg)
{
	struct output *output = arg;
	static char chunk[CHUNK_BYTES];
	ssize_t got = read(fd, chunk, sizeof(chunk));

	if (got > 0) {
		output_count_anew(output);
		output_take(output, chunk, (size_t)got);
		output_pause(output, (size_t)got);
	} else if (got == 0 || (errno != EAGAIN && errno != EINTR)) {
		event_del(output->readable);
		output->gone(output->arg);
	}
}

/* What a dead child said last is often the reason. */
static void
output_drain(struct output *output)
{
	char chunk[LINE_BYTES];
	ssize_t got;

	for (int i = 0; i < CHUNK_BYTES / LINE_BYTES; i++) {
		if ((got = read(output->fd, chunk, sizeof(chunk))) <= 0)
			break;
		output_take(output, chunk, (size_t)got);
	}
}

void
output_free(struct output *output)
{
	if (output == NULL)
		return;
	output_drain(output);
	output_log(output);
	output_report_dropped(output);
	fd_close(&output->fd);
	output_discard(output);
}
