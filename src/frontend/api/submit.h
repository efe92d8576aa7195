/*
 * From what a client sent to an accepted call, or to why it is none.
 */

#ifndef FRONTEND_API_SUBMIT_H
#define FRONTEND_API_SUBMIT_H

#include "frontend/problem.h"
#include "frontend/router/call.h"

#include <stdbool.h>

struct conn;
struct envelope;

struct submission {
	const uint8_t *id;
	const struct envelope *envelope;
	struct conn *conn; /* with the request that asks */
	int64_t since_ns;  /* when its time began; 0: now */
	int64_t latest_ns; /* its deadline is not after this; 0: any */
	call_done done;	   /* see call.h */
	void *waiter;
};

/*
 * Makes a call and gives it to the router.  Returns it; or NULL when it was
 * refused, and says why.  A refusal is not counted here.
 */
struct call *submit_call(const struct submission *, struct refusal *)
    __attribute__((warn_unused_result));

/*
 * Whether the client may make so many calls now; when it may not, it is told
 * so.
 */
bool submit_admits(struct conn *, size_t calls);

/* Answers with a problem, and counts it among what was refused. */
void submit_refuse(struct conn *, enum problem, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

/* Whether its time, which began at since_ns, is over. */
bool submit_is_late(const struct submission *);

#endif
