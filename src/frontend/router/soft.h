/*
 * Soft cancel: an agent whose call nobody wants any more is told so, and is
 * killed only when it has not answered after cancel_grace.
 */

#ifndef FRONTEND_ROUTER_SOFT_H
#define FRONTEND_ROUTER_SOFT_H

#include "common/wire.h"

#include <stdbool.h>

struct agent;

/*
 * The call that the agent has begun, the only one that it has in hand, has
 * ended for this cause.  True: the agent is told, and is left to finish; until
 * it has, or is dead, it gets no other call.  False: it must be killed.
 */
bool soft_cancel(struct agent *, enum wire_cause);

/*
 * The call that it has begun ended at its deadline, and what that started may
 * live on for so long.  Until it has ended the agent gets no other call; one
 * that takes longer is killed.
 */
void soft_linger(struct agent *, int64_t grace_ms);

/* It has finished, or is gone. */
void soft_end(struct agent *);

#endif
