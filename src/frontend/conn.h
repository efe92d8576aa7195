/*
 * A client's connection, and the exchange that is under way on it.
 */

#ifndef FRONTEND_CONN_H
#define FRONTEND_CONN_H

#include "common/uuid.h"

#include <sys/queue.h>

#include <stdbool.h>
#include <stddef.h>

#include <event2/event_struct.h>

struct admin;
struct bufferevent;
struct call;
struct evhttp_connection;
struct evhttp_request;

enum conn_state {
	CONN_IDLE,	/* between requests */
	CONN_RECEIVING, /* part of a request has come */
	CONN_HANDLING,	/* a request is ours to answer */
	CONN_REPLYING,	/* its answer is on the way */
	CONN_STATES
};

struct conn {
	struct bufferevent *bev;
	struct evhttp_connection *evcon;
	int fd;
	enum conn_state state;
	struct event limit;	    /* how long the state may last */
	struct evhttp_request *req; /* while handling or replying */
	struct call *call;	    /* that req waits for, or NULL */
	uint8_t id[UUID_SIZE];	    /* of the request */
	char id_text[UUID_TEXT_SIZE];
	const char *members; /* further ones of the next problem, or NULL */
	const char *origin;  /* allowed, of this request; or NULL */
	bool local;	     /* through a Unix socket */
	bool control;	     /* through the control socket */
	struct admin *admin; /* that req waits for, or NULL */
	TAILQ_ENTRY(conn) newborn_entry;
	TAILQ_ENTRY(conn) idle_entry; /* while idle, and adopted */
};

void conn_init(void);

/* For evhttp_set_bevcb(): accepted; the argument is not NULL on control. */
struct bufferevent *conn_accept(struct event_base *, void *);

/*
 * A request has come in whole.  Returns its connection, or NULL when that
 * could not be tracked for want of memory.
 */
struct conn *conn_begin(struct evhttp_request *);

/*
 * The answer will come later, from this call unless it is NULL: from now on
 * notice when the client leaves.
 */
void conn_wait(struct conn *, struct call *);

/* Sends the answer, which is in the request's output buffer and headers. */
void conn_reply(struct conn *, int status, const char *phrase);

/* Closes the connection that has been idle for the longest time, if any. */
void conn_close_idle(void);

/* How many connections there are, and how many whose answer is on the way. */
size_t conn_count(void);
size_t conn_replying(void);

#endif
