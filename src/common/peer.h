/*
 * A peer: the non-blocking end of a socketpair to another of agentd's
 * processes.  It reads frames and hands each to the handler of its type, and
 * writes frames, queueing what the socket does not take at once.  Never
 * blocks.
 */

#ifndef COMMON_PEER_H
#define COMMON_PEER_H

#include "common/frame.h"

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

struct event_base;
struct peer;

#define PEER_PARTS_MAX 4
#define PEER_MESSAGES_MAX 8

/* Handles one frame; it may call peer_fail() or peer_free(). */
typedef void (*peer_handler)(void *arg, const struct frame *);

/*
 * The other end is gone or broke the contract: reason in words.  error is an
 * errno, or 0 at end of file.  Called once at most, from the event loop; no
 * frame follows.  The owner then frees the peer.
 */
typedef void (*peer_gone)(void *arg, const char *reason, int error);

struct peer_config {
	enum wire_role self, other;
	const peer_handler *handlers; /* WIRE_TYPES of them; NULL: refused */
	peer_gone gone;
	void *arg;
	size_t max_body; /* bytes that the other end may send */
	/*
	 * What it sends, and what it has not taken yet, needs so much more
	 * memory; or NULL.
	 */
	void (*held)(ssize_t change);
};

/*
 * Takes over fd, which must be non-blocking, on success.  config is copied.
 * Returns NULL with errno.
 */
struct peer *peer_new(struct event_base *, int fd, const struct peer_config *);

/* Closes the socket and forgets what was not yet written; NULL is nothing. */
void peer_free(struct peer *);

/* A frame to send: its body is the count parts one after another. */
struct peer_message {
	struct frame_header header;
	struct iovec body[PEER_PARTS_MAX];
	int count;
};

/*
 * Sends frames, at most PEER_MESSAGES_MAX, in one write.  Returns 0, or -1 with
 * errno: nothing of them was or will be sent.
 */
int peer_send_all(struct peer *, const struct peer_message *, size_t n)
    __attribute__((warn_unused_result));

/*
 * Sends a frame whose body is the count parts one after another; passes along
 * fd unless it is -1 (the caller keeps and closes its copy).  Returns 0, or
 * -1 with errno: nothing was or will be sent.
 */
int peer_send(struct peer *, const struct frame_header *,
    const struct iovec *body, int count, int fd)
    __attribute__((warn_unused_result));

/* From a handler: the frame breaks the contract; gone is called with this. */
void peer_fail(struct peer *, const char *reason);

/*
 * Hands over all that the other process has sent by now, as before it is
 * judged, or when it is dead.  As in the event loop this may call the handlers,
 * and gone; from within one of its own handlers it does nothing.
 */
void peer_finish(struct peer *);

/* Whether the other end is closed, though perhaps not everything is read. */
bool peer_hung_up(const struct peer *);

/* Whether the other end has not yet read all that was sent. */
bool peer_has_unread(const struct peer *);

/* Bytes that wait for the other end to read. */
size_t peer_queued(const struct peer *);

#endif
