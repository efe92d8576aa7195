/*
 * What each tool lets through: its rate limit and its circuit breaker.
 */

#ifndef FRONTEND_ROUTER_GATE_H
#define FRONTEND_ROUTER_GATE_H

#include "frontend/router/breaker.h"
#include "frontend/router/call.h"
#include "frontend/router/router.h"

#include <stdbool.h>

struct tool_info;

/* Its policy is new, or may be another: a breaker that differs begins anew. */
void gate_configure(struct tool_info *);

/*
 * Whether the call may be accepted: ROUTER_ACCEPTED, or why not, and then it
 * says in retry_after_ns when it may be tried again.
 */
enum router_verdict gate_admit(struct call *);

/* Whether it may be tried once more. */
bool gate_permit(struct call *);

/* An attempt came to this end, or the call did before it was tried. */
void gate_leave(struct call *, enum outcome);

/* What kind of failure this end is, POLICY_CRASH ...; 0: it is none. */
int64_t gate_failure(const struct call *, enum outcome);

/* By an administrator, of a tool that has a breaker. */
void gate_reset(struct tool_info *);
void gate_open(struct tool_info *);

#endif
