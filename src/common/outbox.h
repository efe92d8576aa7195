/*
 * What waits to be written to a socket that does not take it all at once.
 * For peer.c only.
 */

#ifndef COMMON_OUTBOX_H
#define COMMON_OUTBOX_H

#include <sys/queue.h>
#include <sys/types.h>
#include <sys/uio.h>

#include <stddef.h>

struct event;
struct event_base;
struct outbox_message;

/* The most parts of a message. */
#define OUTBOX_PARTS_MAX 40

struct outbox {
	int fd; /* of the socket; borrowed */
	struct event *writable;
	TAILQ_HEAD(, outbox_message) queue;
	size_t queued;		      /* bytes */
	void (*held)(ssize_t change); /* memory that this takes; or NULL */
};

/* fd is non-blocking and stays the caller's.  0, or -1: no memory. */
int outbox_init(struct outbox *, struct event_base *, int fd)
    __attribute__((warn_unused_result));

/* Forgets what was not yet written. */
void outbox_fini(struct outbox *);

/*
 * Writes a message of length bytes in count parts, or queues what the socket
 * does not take; passes along fd unless it is -1.  Returns 0, or -1 with
 * errno.  When an error comes later the socket is shut down, so that who reads
 * from it notices.
 */
int outbox_send(struct outbox *, const struct iovec *parts, int count,
    size_t length, int fd) __attribute__((warn_unused_result));

#endif
