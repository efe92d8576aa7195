/*
 * Two levels of trees: the calls of each lane, and the lanes that have any,
 * by their heads.  Called by the router and by what tells it about limits; it
 * knows nothing of agents.
 */

#include "frontend/router/queue.h"
#include "common/clock.h"
#include "conf/conf.h"
#include "frontend/globals.h"
#include "frontend/router/call.h"
#include "frontend/router/tool.h"

#include <assert.h>
#include <stdint.h>

/* A level is worth this when waiting gains none: more than any uptime. */
#define NO_AGEING_NS (INT64_MAX / 8)

RB_HEAD(queue_lanes, queue_lane);

/* Lanes of priority 1, the others, and those of tools at their limit. */
static struct queue_lanes urgent, other, held;
static size_t total, by_priority[QUEUE_PRIORITIES];
static uint64_t sequence;

static int
queue_compare(const struct call *a, const struct call *b)
{
	if (a->place_ns != b->place_ns)
		return (a->place_ns < b->place_ns ? -1 : 1);
	return (a->sequence < b->sequence ? -1 : a->sequence > b->sequence);
}

static int
queue_compare_lanes(const struct queue_lane *a, const struct queue_lane *b)
{
	return (queue_compare(a->head, b->head));
}

RB_PROTOTYPE(queue_calls, call, place_entry, queue_compare)
RB_GENERATE(queue_calls, call, place_entry, queue_compare)
RB_PROTOTYPE(queue_lanes, queue_lane, entry, queue_compare_lanes)
RB_GENERATE(queue_lanes, queue_lane, entry, queue_compare_lanes)

size_t
queue_count(void)
{
	return (total);
}

size_t
queue_count_tool(const struct tool_info *tool)
{
	size_t n = 0;

	for (int i = 0; i < QUEUE_PRIORITIES; i++)
		n += tool->lanes[i].count;
	return (n);
}

size_t
queue_count_priority(int priority)
{
	return (by_priority[priority - 1]);
}

static struct queue_lane *
queue_lane_of(const struct call *call)
{
	assert(call->priority >= 1 && call->priority <= QUEUE_PRIORITIES);
	return (&call->tool->lanes[call->priority - 1]);
}

/* Where the lane of that call belongs. */
static struct queue_lanes *
queue_among(const struct call *call)
{
	if (tool_is_full(call->tool))
		return (&held);
	return (call->priority == 1 ? &urgent : &other);
}

static void
queue_set_ready(struct queue_lane *lane, const struct call *head)
{
	bool ready = head != NULL && lane->among != &held;

	if (ready == lane->ready)
		return;
	lane->ready = ready;
	if (ready)
		by_priority[head->priority - 1] += lane->count;
	else
		by_priority[lane->head->priority - 1] -= lane->count;
}

/* Files a lane by its head as it is now, if it has one. */
static void
queue_file(struct queue_lane *lane, struct call *head)
{
	if (lane->among != NULL)
		RB_REMOVE(queue_lanes, lane->among, lane);
	lane->among = head == NULL ? NULL : queue_among(head);
	queue_set_ready(lane, head);
	lane->head = head;
	if (head != NULL)
		RB_INSERT(queue_lanes, lane->among, lane);
}

/* Makes a call the last of its lane, which is not empty. */
static void
queue_append(struct queue_lane *lane, struct call *call)
{
	RB_SET(call, lane->tail, place_entry);
	RB_RIGHT(lane->tail, place_entry) = call;
	queue_calls_RB_INSERT_COLOR(&lane->calls, call);
}

static void
queue_insert(struct queue_lane *lane, struct call *call)
{
	bool last = lane->tail == NULL || queue_compare(call, lane->tail) > 0;

	if (last && lane->tail != NULL)
		queue_append(lane, call);
	else
		RB_INSERT(queue_calls, &lane->calls, call);
	if (last)
		lane->tail = call;
}

static void
queue_place(struct call *call)
{
	int64_t level_ns = frontend.conf->priority_ageing_ms * NS_PER_MS;

	if (level_ns == 0)
		level_ns = NO_AGEING_NS;
	call->place_ns = call->accepted_ns + (call->priority - 1) * level_ns;
	call->sequence = ++sequence;
}

void
queue_add(struct call *call)
{
	struct queue_lane *lane = queue_lane_of(call);

	if (call->sequence == 0)
		queue_place(call);
	queue_insert(lane, call);
	lane->count++;
	total++;
	if (lane->ready)
		by_priority[call->priority - 1]++;
	if (lane->head == NULL || queue_compare(call, lane->head) < 0)
		queue_file(lane, call);
}

void
queue_remove(struct call *call)
{
	struct queue_lane *lane = queue_lane_of(call);
	struct call *next = RB_NEXT(queue_calls, &lane->calls, call);

	if (call == lane->tail)
		lane->tail = RB_PREV(queue_calls, &lane->calls, call);
	RB_REMOVE(queue_calls, &lane->calls, call);
	lane->count--;
	total--;
	if (lane->ready)
		by_priority[call->priority - 1]--;
	if (call == lane->head)
		queue_file(lane, next);
}

/* The head of the lane that is ahead. */
static struct call *
queue_at(const struct queue_cursor *at)
{
	if (at->urgent == NULL)
		return (at->other == NULL ? NULL : at->other->head);
	if (at->other == NULL || queue_compare_lanes(at->urgent, at->other) < 0)
		return (at->urgent->head);
	return (at->other->head);
}

struct call *
queue_first(struct queue_cursor *at)
{
	at->urgent = RB_MIN(queue_lanes, &urgent);
	at->other = RB_MIN(queue_lanes, &other);
	return (queue_at(at));
}

struct call *
queue_next(struct queue_cursor *at)
{
	struct call *call = queue_at(at);

	if (call == NULL)
		return (NULL);
	if (at->urgent != NULL && call == at->urgent->head)
		at->urgent = RB_NEXT(queue_lanes, &urgent, at->urgent);
	else
		at->other = RB_NEXT(queue_lanes, &other, at->other);
	return (queue_at(at));
}

struct call *
queue_next_urgent(struct queue_cursor *at)
{
	struct call *call = queue_at(at);

	at->other = NULL;
	if (call == NULL || call->priority != 1)
		return (queue_at(at));
	return (queue_next(at));
}

void
queue_check(struct tool_info *tool)
{
	struct queue_lane *lane;

	for (int i = 0; i < QUEUE_PRIORITIES; i++) {
		lane = &tool->lanes[i];
		if (lane->head != NULL &&
		    lane->among != queue_among(lane->head))
			queue_file(lane, lane->head);
	}
}

struct call *
queue_orphan(void)
{
	struct queue_lanes *const all[] = {&urgent, &other, &held};
	struct queue_lane *lane;

	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
		lane = RB_MIN(queue_lanes, all[i]);
		while (lane != NULL && !lane->head->tool->removed)
			lane = RB_NEXT(queue_lanes, all[i], lane);
		if (lane != NULL)
			return (lane->head);
	}
	return (NULL);
}
