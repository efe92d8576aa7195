/*
 * A batch of calls.  Shared by the files batch*.c only.
 */

#ifndef FRONTEND_API_BATCH_H
#define FRONTEND_API_BATCH_H

#include "frontend/api/envelope.h"
#include "frontend/http/body.h"
#include "frontend/router/call.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <event2/event_struct.h>

struct batch;
struct conn;
struct evbuffer;
struct report;

enum entry_state {
	ENTRY_WAITING, /* not begun */
	ENTRY_RUNNING, /* call is in flight */
	ENTRY_HELD,    /* done; its answer waits for those before it */
	ENTRY_LOST,    /* done, but there was no memory for its answer */
	ENTRY_DONE     /* its answer is on the way */
};

struct entry {
	struct batch *batch;
	enum entry_state state;
	struct slice request;
	struct call *call; /* while running */
	char *held;	   /* while held */
	size_t held_len;
};

struct batch {
	struct conn *conn;
	struct entry *entries;
	size_t count;
	size_t next;  /* the first that was not begun */
	bool is_read; /* that one, which may have to wait, is: */
	struct envelope envelope;
	size_t written; /* in order, all before it are on the way */
	size_t running;
	size_t succeeded, unsuccessful;
	size_t held_bytes;
	bool lines;	/* an answer goes out the moment it is there */
	bool cancelled; /* no more are begun */
	bool left;	/* nobody wants to know any more */
	bool failed;	/* a piece of what is around the answers is lost */
	int64_t accepted_ns;
	struct evbuffer *out;	  /* to be sent */
	struct evbuffer *scratch; /* an answer that is to be held */
	struct event pump;
};

/* The answer to an entry that ended as its call did, or was none. */
void batch_put_end(struct entry *, const struct call *, enum outcome,
    const char *text, size_t len);
void batch_put_report(
    struct entry *, const char *id_text, const struct report *);

/* What stands around the answers. */
void batch_put_head(struct batch *);
void batch_put_tail(struct batch *);

#endif
