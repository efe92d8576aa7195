/*
 * Buffers around a child process: its output within a limit, and its standard
 * error, of which every line goes to the log and the tail is kept.  Called by
 * the pump and by coprocesses.  Never waits, never grows without bound.
 */

#include "agent/child/child_io.h"
#include "common/fd.h"
#include "common/log.h"
#include "common/utf8.h"

#include <errno.h>
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

/* Drops the line that was cut, unless there is no other. */
static const char *
child_tail_first_line(const char *text, bool cut)
{
	const char *line = cut ? strchr(text, '\n') : NULL;

	return (line == NULL || line[1] == '\0' ? text : line + 1);
}

/* len bytes as text that can be shown; cut: more was before them. */
static void
child_tail_clean(char *text, size_t len, bool cut)
{
	const char *first;

	for (size_t i = 0; i < len; i++)
		if (text[i] == '\0' || text[i] == 127)
			text[i] = '?';
	text[len] = '\0';
	utf8_clean(text);
	while (len > 0 && strchr(" \t\r\n", text[len - 1]) != NULL)
		text[--len] = '\0';
	first = child_tail_first_line(text, cut);
	memmove(text, first, strlen(first) + 1);
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
