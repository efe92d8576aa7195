/*
 * How long the calls of a tool take, and what that lets us do: hand them over
 * several at a time, and have an agent poll.
 */

#ifndef FRONTEND_ROUTER_PACE_H
#define FRONTEND_ROUTER_PACE_H

#include <stdbool.h>
#include <stdint.h>

struct call;
struct tool_info;

/* An agent took so long for a call of that tool. */
void pace_learn(struct tool_info *, uint32_t run_us);

/* Whether a call may be handed over behind another, or another behind it. */
bool pace_is_fast(const struct call *);

/*
 * How long the agent may poll, for the next call and for what this one waits
 * for, microseconds: 0 but for a call that is alone, as those before it were,
 * of the only client that calls, of a tool whose last call took no longer than
 * that, and where there is a second processor.  To be asked once a call.
 */
uint32_t pace_poll_us(const struct call *);

#endif
