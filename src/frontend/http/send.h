/*
 * Hands answers to evhttp, whole or not at all.
 */

#ifndef FRONTEND_HTTP_SEND_H
#define FRONTEND_HTTP_SEND_H

struct conn;
struct evbuffer;
struct evhttp_connection;

/* With the event base; fatal when it cannot. */
void send_init(void);

/* Sends an answer: its body and header fields are those of the request. */
void send_answer(struct conn *, int status, const char *phrase);

/*
 * Begins one that comes in pieces; sends one of them, which is empty then, and
 * tells drained() with conn when the client has taken all that there was; ends
 * it: the connection may be gone when that returns.
 */
void send_begin(struct conn *, int status, const char *phrase);
void send_piece(struct conn *, struct evbuffer *,
    void (*drained)(struct evhttp_connection *, void *conn));
void send_end(struct conn *);

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
