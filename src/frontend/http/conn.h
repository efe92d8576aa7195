/*
 * A client's connection, and the exchange that is under way on it.
 */

#ifndef FRONTEND_HTTP_CONN_H
#define FRONTEND_HTTP_CONN_H

#include "common/uuid.h"
#include "frontend/http/early.h"
#include "frontend/http/framing.h"
#include "frontend/http/send.h"

#include <sys/queue.h>

#include <stdbool.h>
#include <stddef.h>

#include <event2/event_struct.h>

struct bufferevent;
struct client_share;
struct caller;
struct evhttp_connection;
struct evhttp_request;

enum conn_state {
	CONN_IDLE,	/* between requests */
	CONN_RECEIVING, /* part of a request has come */
	CONN_HANDLING,	/* a request is ours to answer */
	CONN_REPLYING,	/* its answer is on the way */
	CONN_STATES
};

/* What is told to those who make an answer; all but left may be NULL. */
struct waiter {
	void (*left)(void *); /* the client did: no answer is wanted */
	/* Bytes that it holds, but for what is on the way to the client. */
	size_t (*size)(const void *);
	/* Somebody wants it to end; false: nothing was left to be ended. */
	bool (*cancel)(void *);
	void (*drained)(void *); /* all so far was taken */
};

struct conn {
	struct bufferevent *bev;
	struct evhttp_connection *evcon;
	int fd;
	enum conn_state state;
	struct framing framing;	    /* of all that has come */
	uint64_t requests;	    /* that have come in whole */
	struct event limit;	    /* how long the state may last */
	struct event keep;	    /* see conn_keep() */
	struct early early;	    /* see there */
	struct half_close half;	    /* see send.h */
	struct evhttp_request *req; /* while handling or replying */
	uint8_t id[UUID_SIZE];	    /* of the request */
	char id_text[UUID_TEXT_SIZE];
	struct caller *caller;	     /* of it; NULL: there was no memory */
	const char *origin;	     /* allowed, of this request; or NULL */
	bool local;		     /* through a Unix socket */
	bool control;		     /* through the control socket */
	const struct waiter *waiter; /* for the answer to req; or NULL */
	void *waiter_arg;
	bool lost;		    /* for want of memory; see send.h */
	bool streaming;		    /* the answer comes in pieces; see send.h */
	uint64_t streamed;	    /* bytes of it, so far */
	uint64_t stream_target;	    /* of those, to be taken within the limit */
	struct client_share *share; /* with others of its client; or NULL */
	size_t size;		    /* for evict.c */
	TAILQ_ENTRY(conn) newborn_entry;
	TAILQ_ENTRY(conn) idle_entry; /* while idle, and adopted */
};

/* The function is called whenever there are more connections, or fewer. */
void conn_init(void (*count_changed)(void));

/*
 * One that is about to be accepted, whose conn->bev is for evhttp; NULL when
 * there is no memory.
 */
struct conn *conn_new(bool control) __attribute__((warn_unused_result));

/* evhttp has made it one of its connections by now, or has given it up. */
void conn_adopt(struct conn *);

/* That with this descriptor, or NULL; no descriptor is as high as the end. */
struct conn *conn_at(int fd);
int conn_end(void);

/*
 * A request has come in whole.  Returns its connection, or NULL when that
 * could not be tracked for want of memory.
 */
struct conn *conn_begin(struct evhttp_request *);

/*
 * Sets id and caller for the request at hand, whose X-Request-Id is name, or
 * NULL.  A UUID becomes the id; anything else is the client's name beside an id
 * of ours.
 */
void conn_identify(struct conn *, const char *name);

/*
 * The answer will come later: from now on notice when the client leaves.  The
 * waiter, whose functions are called with arg, is told so until the answer is
 * there as a whole.
 */
void conn_wait(struct conn *, const struct waiter *, void *arg);

/*
 * Cancels what the request with that id waits for; false: there is none, or
 * nothing was left to be ended.
 */
bool conn_cancel(const uint8_t id[static UUID_SIZE]);

/* Starts, or stops, the time that a client may take to take what is there. */
void conn_limit_taking(struct conn *, bool on);
bool conn_is_limited(const struct conn *);

/* It is in another state from now on, whose limit begins; or that anew. */
void conn_set_state(struct conn *, enum conn_state);
void conn_limit_again(struct conn *);

/* The answer is there as a whole, and on the way. */
void conn_replying_now(struct conn *);

/* Whether its request is of a version before HTTP/1.1. */
bool conn_is_old(const struct conn *);

/* Ends all that its request waits for. */
void conn_leave(struct conn *);

/* Those that are idle, the longest first; NULL after the last. */
struct conn *conn_idle_first(void);
struct conn *conn_idle_next(const struct conn *);

/* How many there are; to how many an answer is due or on the way. */
size_t conn_count(void);
size_t conn_replying(void);

/*
 * Calls that function, from now on, whenever a client has taken its answer in
 * whole or waits for none any more.
 */
void conn_on_replied(void (*)(void));

#endif
