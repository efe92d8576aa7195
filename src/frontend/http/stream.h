/*
 * An answer that goes out piece by piece while more of it is made.
 */

#ifndef FRONTEND_HTTP_STREAM_H
#define FRONTEND_HTTP_STREAM_H

#include <stdbool.h>
#include <stddef.h>

struct conn;
struct evbuffer;

/*
 * Begins the answer, whose header fields are there.  conn_wait() was
 * called before, and its drained() is called whenever the client has taken all
 * that there was.
 */
void stream_begin(struct conn *, int status, const char *phrase);

/* Sends what is in the buffer, which is empty then. */
void stream_write(struct conn *, struct evbuffer *);

/* How many bytes the client has not taken yet. */
size_t stream_pending(const struct conn *);

/*
 * The time for taking what there is has passed: whether the client took what
 * there was when it began.  Then it begins anew.
 */
bool stream_moves(struct conn *);

/* That was all.  The connection may be gone when this returns. */
void stream_end(struct conn *);

#endif
