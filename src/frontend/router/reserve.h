/*
 * The reserve: agents that are kept free for calls of priority 1.
 *
 * What counts is the priority that a call was given, not what it has gained
 * by waiting: otherwise a flood of others would take the reserve after some
 * seconds.  Where there are no more agents than the reserve, one takes all
 * calls nevertheless.
 */

#ifndef FRONTEND_ROUTER_RESERVE_H
#define FRONTEND_ROUTER_RESERVE_H

#include <stdbool.h>
#include <stddef.h>

struct agent;
struct call;

/* Whether the reserve is still there when that agent is given that call. */
bool reserve_allows(const struct call *, const struct agent *);

/* Of the agents that are idle, how many such a call may have. */
size_t reserve_idle(const struct call *);

#endif
