/*
 * What goes into a process and comes out of it: its input, what it printed
 * within a limit, and the tail of its standard error.
 */

#ifndef AGENT_CHILD_CHILD_PUMP_H
#define AGENT_CHILD_CHILD_PUMP_H

#include <stdbool.h>
#include <stddef.h>

/* Longest line of standard error that is logged whole, bytes. */
#define CHILD_LINE_SIZE 1024

/* Bytes that were printed; malloc'd. */
struct child_buffer {
	char *data;
	size_t len, size;
	size_t limit; /* most that it may hold */
};

/* Standard error: every line to the log, the last bytes kept. */
struct child_words {
	const char *who; /* in the log; borrowed */
	char line[CHILD_LINE_SIZE];
	size_t used;	     /* of line */
	unsigned int lines;  /* logged in this call */
	unsigned long quiet; /* not logged since */
	bool starved;	     /* a line spoke of a lack of memory */
	char *tail;	     /* malloc'd ring of tail_size bytes */
	size_t tail_size;
	size_t total; /* bytes that ever went through it */
};

struct child_io {
	const char *input; /* borrowed */
	size_t input_len;
	struct child_buffer output;
	struct child_words words;
};

/* limit in bytes.  0, or -1 when there is no memory. */
int child_io_init(struct child_io *, const char *who, size_t limit,
    size_t tail_size) __attribute__((warn_unused_result));
void child_io_fini(struct child_io *);

enum child_read {
	CHILD_READ_SOME,  /* there may be more */
	CHILD_READ_LATER, /* nothing now */
	CHILD_READ_END,	  /* end of file; *fd is closed */
	CHILD_READ_LIMIT, /* more than the limit */
	CHILD_READ_NO_MEMORY
};

/* One read of *fd into the buffer. */
enum child_read child_buffer_read(struct child_buffer *, int *fd)
    __attribute__((warn_unused_result));

/* One read of *fd; false: there is nothing now, or never (*fd is closed). */
bool child_words_read(struct child_words *, int *fd);

/* Logs the last line although it has no end, and what was not logged. */
void child_words_end(struct child_words *);

/* Copies the tail as valid UTF-8 without control characters; may be "". */
void child_words_tail(const struct child_words *, char *text, size_t size);

/* Whether the process said that it was refused memory. */
bool child_io_starved(const struct child_io *);

/* Copies the last bytes, at most so many, of a buffer in the same way. */
void child_buffer_tail(
    const struct child_buffer *, size_t most, char *text, size_t size);

#endif
