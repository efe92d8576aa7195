/*
 * The queue: calls that wait for an agent, in the order in which they are to
 * go.
 *
 * That order is one of priority and age: a call gains a level of priority for
 * every priority_ageing that it has waited.  With levels as whole numbers all
 * calls would have to be looked at again as time passes.  Here a level is
 * gained little by little, so that of two calls the one that is ahead stays
 * ahead: the place of a call is
 *
 *	when it was accepted + (priority - 1) * priority_ageing
 *
 * and never changes while it waits, nor when it comes back, nor when the
 * setting does.  It differs from whole levels in this: they would end at 1,
 * where a call of priority 3 would be after two steps, and then go before all
 * that came after it.  Here it goes, from the beginning, before those of
 * priority 1 that are accepted more than two steps after it, and behind those
 * that are accepted earlier, whatever the time.  In either way none waits for
 * calls that are accepted more than four steps after it.
 *
 * Each tool has a lane for each priority.  A tool that runs as many calls as
 * it may has its lanes held: whoever looks for the next call does not see
 * them, whatever waits there.  All this costs O(log n) for n calls, and what
 * is last of its lane, as new calls are, is added without a search.
 */

#ifndef FRONTEND_ROUTER_QUEUE_H
#define FRONTEND_ROUTER_QUEUE_H

#include "frontend/router/tool.h"

#include <stddef.h>

struct call;

/* Whoever looks at one lane's head after the other. */
struct queue_cursor {
	struct queue_lane *urgent, *other;
};

/* Puts a call in its place; it keeps that until it ends. */
void queue_add(struct call *);

void queue_remove(struct call *);

/* Calls that wait: all; of a tool; of a priority, without those held. */
size_t queue_count(void);
size_t queue_count_tool(const struct tool_info *);
size_t queue_count_priority(int priority);

/*
 * The first call that its tool allows to run, or NULL; then those at the
 * heads of the other lanes, in their order.  Nothing is added or removed
 * meanwhile.
 */
struct call *queue_first(struct queue_cursor *);
struct call *queue_next(struct queue_cursor *);

/* The next of priority 1; no other comes after that. */
struct call *queue_next_urgent(struct queue_cursor *);

/* A tool may have reached its limit, or be below it again. */
void queue_check(struct tool_info *);

/* A call whose tool was removed, or NULL. */
struct call *queue_orphan(void);

#endif
