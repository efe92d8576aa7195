/*
 * A tool as the front end knows it: what to show of it, what to keep to and
 * what to count.  Each part of it is written by the one module that it says;
 * what says how the tool is, by the catalogue.
 */

#ifndef FRONTEND_ROUTER_TOOL_H
#define FRONTEND_ROUTER_TOOL_H

#include "common/bucket.h"
#include "conf/policy.h"
#include "frontend/router/breaker.h"
#include "frontend/router/codel.h"
#include "frontend/router/rate.h"

#include <sys/tree.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct call;
struct json_object;
struct queue_lanes;

#define QUEUE_PRIORITIES 5

/* Calls of one tool and one priority; all zero when there is none. */
struct queue_lane {
	RB_HEAD(queue_calls, call) calls;
	struct call *head, *tail;
	size_t count;
	struct queue_lanes *among; /* where it is; NULL: it is empty */
	bool ready;		   /* its tool allows it to run */
	RB_ENTRY(queue_lane) entry;
};

/*
 * One tool, as long as it is in the catalogue or a call of it is in flight.
 * When a reload changes it, it is the same struct with other contents.
 */
struct tool_info {
	char *name;
	size_t name_len;
	struct json_object *entry;	  /* shown by GET /api/v1/tools */
	struct json_object *pass_headers; /* of entry; NULL: it names none */
	uint64_t digest;		  /* of all that decides how it runs */
	uint32_t since;			  /* older agents have it otherwise */
	bool removed;			  /* no longer in the catalogue */
	bool idempotent;      /* a call may run twice without harm */
	struct policy policy; /* what policy_to_json() tells of it */
	unsigned int refs;
	uint64_t running; /* calls that agents have in hand; router.c's */
	struct {
		unsigned int fast_calls; /* in a row */
		uint32_t last_us;	 /* how long the last call took */
	} pace;
	struct {
		struct bucket bucket;
		struct breaker *breaker; /* NULL: it has none */
		struct breaker_conf conf;
	} admit;
	/* Those that wait; queue.c's. */
	struct queue_lane lanes[QUEUE_PRIORITIES];
	struct { /* of a tool with a limit */
		struct rate rate;
		struct codel codels[QUEUE_PRIORITIES];
	} overload;
	struct { /* of ended calls */
		uint64_t successful, failed, cancelled;
		int64_t run_ns, max_ns;
	} stats;
};

/* A call holds its tool; who made it does, too.  The last one frees it. */
void tool_hold(struct tool_info *);
void tool_release(struct tool_info *);

/* Whether as many calls of it run as may at the same time. */
bool tool_is_full(const struct tool_info *);

/* How many more calls of it may run: SIZE_MAX without a limit. */
size_t tool_room(const struct tool_info *);

/*
 * The time that a call gets which asks for so much (0: it does not say),
 * nanoseconds.
 */
int64_t tool_timeout_ns(const struct tool_info *, int64_t asked_ns);

#endif
