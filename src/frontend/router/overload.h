/*
 * Overload: which calls are not worth their place in the queue, and when those
 * that are refused should come again.
 */

#ifndef FRONTEND_ROUTER_OVERLOAD_H
#define FRONTEND_ROUTER_OVERLOAD_H

#include <stdbool.h>

struct call;
struct tool_info;

/* Whether its deadline will have passed before it is its turn. */
bool overload_is_hopeless(const struct call *);

/*
 * Whether a call that is about to leave the queue for an agent is to be
 * refused instead, because calls have been waiting for too long (codel.h).
 */
bool overload_sheds(const struct call *);

/* Whether calls wait that could run if there were more agents. */
void overload_set_busy(bool);

/* How many calls of a tool with a limit run, or wait, has changed. */
void overload_check(struct tool_info *);

/* A call of such a tool is done with. */
void overload_tool_ended(struct tool_info *);

/* A call has ended; it may have been at no agent. */
void overload_ended(const struct call *);

/* In how many seconds the queue will be done with: 1 to 60. */
int overload_retry_after(void);

#endif
