/*
 * The channels of one agent: its socket, its status pipe, its standard error.
 */

#ifndef MASTER_ENDS_H
#define MASTER_ENDS_H

#include "common/wire.h"

#include <sys/types.h>

#include <stdbool.h>

struct event;
struct output;

/* What an agent's owner hears of; arg is the owner's. */
struct ends_handlers {
	void (*status)(void *arg, const struct wire_status *);
	void (*garbage)(void *arg); /* on the status pipe */
	void (*ended)(void *arg);   /* one of the two pipes */
};

/* The master's ends.  Zeroed, then ends_init(), before their first use. */
struct ends {
	int socket_fd; /* the front end's, until it is passed on */
	int status_fd;
	struct event *status_event;
	struct output *output;
	uint32_t generation;
	const struct ends_handlers *handlers;
	void *arg;
};

void ends_init(struct ends *, const struct ends_handlers *, void *arg);

/*
 * Opens all channels, starts an agent with the other ends of them and listens
 * to it; who is its name in the log, and arg its argument.  Returns NULL; or
 * what failed, with errno, and nothing is open.
 */
const char *ends_spawn(struct ends *, const char *who, uint32_t generation,
    void *arg, pid_t *pid) __attribute__((warn_unused_result));

/* Closes what is open. */
void ends_close(struct ends *);

/* Whether both pipes have ended. */
bool ends_ended(const struct ends *);

enum ends_status {
	STATUS_MESSAGE, /* one was read */
	STATUS_MORE,	/* nothing now */
	STATUS_END,	/* end of file, or an error that is as good */
	STATUS_BAD	/* not a message of ours */
};

/* Reads one message of that generation from a non-blocking status pipe. */
enum ends_status ends_read_status(int fd, uint32_t generation,
    struct wire_status *) __attribute__((warn_unused_result));

#endif
