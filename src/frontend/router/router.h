/*
 * The router: which call goes to which agent, and when a call is over.
 */

#ifndef FRONTEND_ROUTER_ROUTER_H
#define FRONTEND_ROUTER_ROUTER_H

#include "frontend/router/admit.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct call;

/* Fatal when it cannot. */
void router_init(void);

/*
 * Accepts a call, which the router then owns and soon runs; or refuses it, and
 * the caller frees it.
 */
enum router_verdict router_submit(struct call *)
    __attribute__((warn_unused_result));

/* Agents may be able to take calls. */
void router_idle(void);

/* There is another catalogue. */
void router_tools_changed(void);

/*
 * Ends an accepted call early by request.  False: it was answered just now,
 * in the way in which it had ended.
 */
bool router_cancel(struct call *);

/*
 * Nobody waits for this accepted call any more; it may end in here, and others
 * too.
 */
void router_leave(struct call *);

/*
 * Refuses new calls; ends those that are left after timeout_ms.  Calls ended()
 * when none is left, perhaps more than once.
 */
void router_drain(int64_t timeout_ms, void (*ended)(void));

#endif
