/*
 * Answers on their way to the client: whole or not at all, or in pieces; and
 * whether the client, which may have closed its sending side, is still there.
 */

#ifndef FRONTEND_HTTP_SEND_H
#define FRONTEND_HTTP_SEND_H

#include <stdbool.h>
#include <stddef.h>

#include <event2/event_struct.h>

struct conn;
struct evbuffer;

/* Of a client that has closed its sending side. */
struct half_close {
	struct event check; /* pending while a client that says no more waits */
	int interval_ms;    /* until the next look */
	unsigned int looks; /* so far */
	size_t sent;	    /* bytes, to find out about it */
	size_t ahead;	    /* of those, the first of the answer */
};

/* With the event base; fatal when it cannot. */
void send_init(void);

/* There is a new connection; it ends; a request of it has come in whole. */
void send_prepare(struct conn *);
void send_forget(struct conn *);
void send_await(struct conn *);

/* Notices when the client leaves: after evhttp has begun to wait. */
void send_watch(struct conn *);

/* Sends an answer: its body and header fields are those of the request. */
void send_answer(struct conn *, int status, const char *phrase);

/*
 * Begins an answer that comes in pieces, whose header fields are there.
 * conn_wait() was called before, and its drained() is called whenever the
 * client has taken all that there was.
 */
void send_begin(struct conn *, int status, const char *phrase);

/* Sends what is in the buffer, which is empty then. */
void send_piece(struct conn *, struct evbuffer *);

/* That was all.  The connection may be gone when this returns. */
void send_end(struct conn *);

/* How many bytes the client has not taken yet. */
size_t send_pending(const struct conn *);

/*
 * The time for taking what there is has passed: whether the client took what
 * there was when it began.  Then it begins anew.
 */
bool send_moves(struct conn *);

/*
 * There is no memory for an answer: no more of it is sent, and the connection
 * is reset once the callers have returned.  Everything here is done in vain
 * from then on.
 */
void send_lose(struct conn *);

/*
 * Ends a connection at once, whatever its client has not taken yet; conn is
 * gone.  Not from within anything that evhttp does for it.
 */
void send_reset(struct conn *);

#endif
