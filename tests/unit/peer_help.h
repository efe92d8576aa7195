/*
 * Help for the tests of peers: one peer on an event base, which plays the
 * front end, and the bare other end of its socket, which plays the master.
 */

#ifndef UNIT_PEER_HELP_H
#define UNIT_PEER_HELP_H

#include <sys/types.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/frame.h"

struct event_base;
struct peer;

#define HELP_FDS 64

/* What the peer has handed over, and what it said at its end. */
struct peer_help_seen {
	unsigned int frames;
	struct frame_header header; /* of the last */
	uint8_t *body;		    /* a copy of it */
	int fds[HELP_FDS];	    /* all that were passed along */
	unsigned int fd_count;
	unsigned int gone; /* how often it was called */
	char reason[128];
	int error;
};

extern struct event_base *peer_help_base;
extern struct peer *peer_help_peer;
extern int peer_help_other; /* the other end; or -1 */
extern struct peer_help_seen peer_help_seen;
extern void (*peer_help_on_frame)(const struct frame *); /* may be NULL */

/* sys.malloc: how often it was called, for how much the last time, and which
 * call from now on fails (0 = none). */
extern unsigned int peer_help_allocations;
extern size_t peer_help_allocated;
extern unsigned int peer_help_fail_at;

/* Bytes that the peer says it holds; none when it is gone. */
extern ssize_t peer_help_held;

#define HELP_MAX_BODY (2u << 20)

/* Makes a peer; tear_down also checks that no descriptor is left open. */
int peer_help_set_up(void **state);
int peer_help_tear_down(void **state);

/* Handles all that is pending, without waiting. */
void peer_help_turn(void);

/* Writes a frame to bytes; body may be NULL for zeros.  Returns its size. */
size_t peer_help_frame(uint8_t *bytes, enum wire_type, uint32_t slot,
    const void *body, size_t len);

/* The other end writes, with a turn whenever the socket is full. */
void peer_help_put(const void *bytes, size_t len);

/* The other end writes so many frames, eight at most, at once. */
void peer_help_put_pings(unsigned int count);

/* The peer must have said so, once. */
void peer_help_expect_gone(const char *reason, int error);

/* peer_help_peer sends a frame with one part as its body. */
int peer_help_send(enum wire_type, uint32_t slot, const void *body, size_t len);

#endif
