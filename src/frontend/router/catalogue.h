/*
 * The tools as the front end knows them: by name, with what to show of them,
 * what to keep to and what to count.
 */

#ifndef FRONTEND_ROUTER_CATALOGUE_H
#define FRONTEND_ROUTER_CATALOGUE_H

#include "common/bucket.h"
#include "conf/policy.h"
#include "frontend/router/breaker.h"
#include "frontend/router/queue.h"
#include "frontend/router/rate.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct json_object;

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
	bool idempotent;	 /* a call may run twice without harm */
	struct policy policy;	 /* what policy_to_json() tells of it */
	struct bucket bucket;	 /* see gate.h, as the next two */
	struct breaker *breaker; /* NULL: it has none */
	struct breaker_conf breaker_conf;
	unsigned int refs;
	uint64_t running;	 /* calls that agents have in hand */
	unsigned int fast_calls; /* in a row; see pace.c */
	uint32_t last_us;	 /* how long the last call took */
	struct queue_lane lanes[QUEUE_PRIORITIES]; /* those that wait */
	struct rate rate; /* of a tool at its limit; see overload.c */
	/* Of ended calls. */
	uint64_t successful, failed, cancelled;
	int64_t run_ns, max_ns;
};

/*
 * Puts the tools of a catalogue (see registry.h of the agent) in the place of
 * those that there were.  epoch is that of the agents that know them so.
 * Returns 0; or -1 when it is broken or there is no memory: then everything
 * is as before.
 */
int catalogue_load(const char *text, size_t len, uint32_t epoch)
    __attribute__((warn_unused_result));

struct tool_info *catalogue_find(const char *name);

/* By index, in the order of their names; NULL after the last. */
struct tool_info *catalogue_at(size_t);

/* A call holds its tool. */
void catalogue_hold(struct tool_info *);
void catalogue_release(struct tool_info *);

/* Whether as many calls of it run as may at the same time. */
bool catalogue_full(const struct tool_info *);

/* How many more calls of it may run: SIZE_MAX without a limit. */
size_t catalogue_room(const struct tool_info *);

/*
 * The time that a call gets which asks for so much (0: it does not say),
 * nanoseconds.
 */
int64_t catalogue_timeout_ns(const struct tool_info *, int64_t asked_ns);

#endif
