/*
 * What the front end counts.
 */

#ifndef FRONTEND_ROUTER_STATS_H
#define FRONTEND_ROUTER_STATS_H

#include "frontend/router/call.h"

struct json_object;

/* An accepted call has ended. */
void stats_call(const struct call *, enum outcome);

/* A call was refused: not accepted, so not in the totals. */
void stats_rejected(void);

/* A call is tried again. */
void stats_retry(void);

/* An agent answered a call that is over, or never was its own. */
void stats_late(void);

/* What GET /api/v1/stats shows; NULL when there is no memory. */
struct json_object *stats_to_json(void);

#endif
