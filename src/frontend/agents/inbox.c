/*
 * What each agent has in hand, and how much of it.  Called by the router, which
 * decides what goes next, and by link.c as answers come.
 */

#include "frontend/agents/inbox.h"
#include "common/children.h"
#include "common/claim.h"
#include "common/clock.h"
#include "common/log.h"
#include "common/peer.h"
#include "conf/conf.h"
#include "frontend/agents/agents.h"
#include "frontend/agents/link.h"
#include "frontend/caller.h"
#include "frontend/globals.h"
#include "frontend/router/call.h"
#include "frontend/router/call_index.h"
#include "frontend/router/catalogue.h"
#include "frontend/router/overload.h"
#include "frontend/router/queue.h"
#include "frontend/router/router.h"

#include <sched.h>
#include <stdbool.h>

#include <event2/event.h>

/* A tool is fast when its last so many calls took no longer than this. */
#define FAST_CALLS 16
#define FAST_US 200

/* A client is steady after so many calls of its own with no other beside. */
#define STEADY_CALLS 16

/* An agent with so few calls in hand is given more. */
#define LOW_WATER 2

/*
 * An agent that has nothing else to do begins a call before this, or is ill;
 * and how often that is looked after.
 */
#define STUCK_MS 250
#define LOOK_MS 100

/* One that wants to run but does not get to it is not ill until then. */
#define STARVED_MS 5000

/* Calls behind one that has run for so long go elsewhere. */
#define PATIENCE_MS 2

/* Agents that run fast calls; those that are low come first. */
static TAILQ_HEAD(, agent) lanes = TAILQ_HEAD_INITIALIZER(lanes);
static size_t lane_count, processors;
static struct event *watch, *look;

static void inbox_watch(evutil_socket_t, short, void *);
static void inbox_look(evutil_socket_t, short, void *);

void
inbox_init(void)
{
	cpu_set_t set;

	processors = 1;
	if (sched_getaffinity(0, sizeof(set), &set) == 0)
		processors = (size_t)CPU_COUNT(&set);
	watch = evtimer_new(frontend.base, inbox_watch, NULL);
	look = evtimer_new(frontend.base, inbox_look, NULL);
	if (watch == NULL || look == NULL)
		log_fatal("out of memory");
}

void
inbox_open(struct agent *agent)
{
	TAILQ_INIT(&agent->inbox);
	agent->inbox_count = 0;
	agent->numbered = 0;
	agent->deaf_ns = 0;
	agent->claim = claim_of(agent->number, agent->generation);
}

struct call *
inbox_first(const struct agent *agent)
{
	return (TAILQ_FIRST(&agent->inbox));
}

void
inbox_learn(struct tool_info *tool, uint32_t run_us)
{
	tool->last_us = run_us;
	if (run_us > FAST_US)
		tool->fast_calls = 0;
	else if (tool->fast_calls < FAST_CALLS)
		tool->fast_calls++;
}

bool
inbox_goes_along(const struct call *call)
{
	/* What waits behind another would count as running. */
	return (call->tool->fast_calls == FAST_CALLS &&
		call->tool->policy.max_concurrent == 0);
}

struct agent *
inbox_choose(const struct call *call)
{
	struct agent *lane = TAILQ_FIRST(&lanes);

	if (!inbox_goes_along(call) || lane_count < processors ||
	    !agents_know(lane, call->tool))
		return (agents_idle_for(call->tool));
	return (lane->inbox_count <= LOW_WATER ? lane : NULL);
}

size_t
inbox_share(const struct call *call, size_t waiting)
{
	size_t share = (waiting + processors - 1) / processors;

	if (!inbox_goes_along(call))
		return (1);
	return (share < INBOX_BATCH ? share : INBOX_BATCH);
}

/*
 * Many clients, too, have a single call in hand at times.  Whoever makes each
 * call on a connection of its own is one client nevertheless.
 */
static bool
inbox_is_steady(const struct call *call)
{
	static struct caller *last;
	static uint32_t calls;
	bool other = last != NULL && last != call->caller && last->holders > 1;

	if (call_index_count() > 1 || other)
		calls = 0;
	else if (calls < STEADY_CALLS)
		calls++;
	if (last != call->caller) {
		caller_release(last);
		last = caller_hold(call->caller);
	}
	return (calls == STEADY_CALLS);
}

uint32_t
inbox_poll_us(const struct call *call)
{
	uint32_t most_us = (uint32_t)frontend.conf->busy_poll_us;

	if (!inbox_is_steady(call) || call->tool->last_us > most_us ||
	    processors == 1)
		return (0);
	return (most_us);
}

static void
inbox_lane_open(struct agent *agent)
{
	TAILQ_INSERT_HEAD(&lanes, agent, lane_entry);
	agent->lane = true;
	lane_count++;
}

void
inbox_shut(struct agent *agent)
{
	if (!agent->lane)
		return;
	TAILQ_REMOVE(&lanes, agent, lane_entry);
	agent->lane = false;
	lane_count--;
}

static void
inbox_later(struct event *timer, int64_t ms)
{
	struct timeval tv = clock_timeval(ms);

	if (!evtimer_pending(timer, NULL))
		evtimer_add(timer, &tv);
}

/* One more or less of that tool. */
static void
inbox_count(struct tool_info *tool, int change)
{
	tool->running += (uint64_t)change;
	if (tool->policy.max_concurrent == 0)
		return;
	if (change < 0) {
		overload_tool_ended(tool);
		router_idle(); /* for one that was held back */
	}
	queue_check(tool);
	overload_check(tool);
}

void
inbox_add(struct agent *agent, struct call *call)
{
	call->state = CALL_HANDED;
	call->agent = agent;
	call->number = ++agent->numbered;
	call->started_ns = 0;
	if (TAILQ_EMPTY(&agent->inbox)) {
		call->started_ns = clock_now_ns();
		if (inbox_goes_along(call))
			inbox_lane_open(agent);
	} else if (agent->lane && agent->inbox_count == LOW_WATER) {
		TAILQ_REMOVE(&lanes, agent, lane_entry);
		TAILQ_INSERT_TAIL(&lanes, agent, lane_entry);
	}
	TAILQ_INSERT_TAIL(&agent->inbox, call, queue_entry);
	agent->inbox_count++;
	inbox_count(call->tool, 1);
	inbox_later(look, LOOK_MS);
	if (agent->lane)
		inbox_later(watch, PATIENCE_MS);
}

void
inbox_remove(struct agent *agent, struct call *call)
{
	struct call *first;

	TAILQ_REMOVE(&agent->inbox, call, queue_entry);
	agent->inbox_count--;
	inbox_count(call->tool, -1);
	if ((first = TAILQ_FIRST(&agent->inbox)) == NULL) {
		inbox_shut(agent);
		return;
	}
	if (first->started_ns == 0)
		first->started_ns = clock_now_ns();
	if (agent->lane && agent->inbox_count == LOW_WATER) {
		TAILQ_REMOVE(&lanes, agent, lane_entry);
		TAILQ_INSERT_HEAD(&lanes, agent, lane_entry);
	}
}

/*
 * Whether a call that was not begun may go back to the queue: not for ever,
 * when its agents die before they begin it.
 */
static bool
inbox_returns(const struct agent *agent, struct call *call)
{
	return (
	    agent->link != NULL || ++call->deaths < frontend.conf->max_deaths);
}

void
inbox_listens(struct agent *agent)
{
	if (agent->deaf_ns != 0 && !peer_has_unread(agent->link))
		agent->deaf_ns = 0;
}

/* Whether it has not read for so long what it was handed. */
static bool
inbox_is_late(const struct agent *agent, int64_t limit_ms)
{
	return (agent->deaf_ns != 0 &&
		clock_now_ns() - agent->deaf_ns > limit_ms * NS_PER_MS);
}

/*
 * Whether it waits for a processor, or for memory.  Where that cannot be seen
 * it gets the benefit of the doubt: of one that is stopped the master tells us.
 */
static bool
inbox_is_starved(const struct agent *agent)
{
	char state;

	if (agent->pid <= 1)
		return (false);
	state = children_known() ? children_state(agent->pid) : 0;
	return (state == 0 || state == 'R' || state == 'D');
}

/* What becomes of an agent that is late. */
static void
inbox_weigh(struct agent *agent)
{
	if (!inbox_is_late(agent, STARVED_MS) && inbox_is_starved(agent))
		agents_set_idle(agent, false); /* until it reads on */
	else
		link_take_back(agent, CAUSE_DEAF);
}

/*
 * The agent did not begin what it was handed at that time, and perhaps not what
 * it was handed and that was taken back before.
 */
static void
inbox_judge(struct agent *agent, int64_t handed_ns)
{
	if (agent->deaf_ns == 0)
		agent->deaf_ns = handed_ns;
	if (inbox_is_late(agent, STUCK_MS))
		inbox_weigh(agent);
	else
		agents_rest(agent);
}

void
inbox_recall(struct agent *agent)
{
	struct call *call, *before;
	uint32_t begun;
	int64_t first_ns;

	if (TAILQ_EMPTY(&agent->inbox))
		return;
	begun = claim_take_back(agent->claim, agent->numbered);
	if (agent->link != NULL)
		peer_finish(agent->link);
	call = TAILQ_LAST(&agent->inbox, call_list);
	while (call != NULL && claim_after(call->number, begun)) {
		before = TAILQ_PREV(call, call_list, queue_entry);
		first_ns = call->started_ns;
		if (inbox_returns(agent, call)) {
			inbox_remove(agent, call);
			router_put_back(call);
			if (before == NULL)
				inbox_judge(agent, first_ns);
		}
		call = before;
	}
}

/* A fast call that takes long is none. */
static void
inbox_watch(evutil_socket_t fd, short what, void *arg)
{
	int64_t limit = clock_now_ns() - PATIENCE_MS * NS_PER_MS;
	struct agent *agent, *next;

	for (agent = TAILQ_FIRST(&lanes); agent != NULL; agent = next) {
		next = TAILQ_NEXT(agent, lane_entry);
		if (inbox_first(agent)->started_ns > limit)
			continue;
		inbox_shut(agent);
		inbox_recall(agent);
	}
	if (lane_count > 0)
		inbox_later(watch, PATIENCE_MS);
	router_idle();
}

bool
inbox_runs(const struct call *call)
{
	return (call->state == CALL_HANDED &&
		!claim_after(call->number, claim_begun(call->agent->claim)));
}

/* Whether an agent has not begun a call that it was handed long ago. */
static bool
inbox_is_stuck(const struct agent *agent)
{
	const struct call *first = inbox_first(agent);

	return (first != NULL && !inbox_runs(first) &&
		clock_now_ns() - first->started_ns > STUCK_MS * NS_PER_MS);
}

static bool
inbox_is_stopped(const struct agent *agent)
{
	return (agent->stopped_ns != 0 && !agent->finishing &&
		clock_now_ns() - agent->stopped_ns > STUCK_MS * NS_PER_MS);
}

/* It has no calls in hand, but may not have read what was taken back. */
static void
inbox_look_for_life(struct agent *agent)
{
	bool late = inbox_is_late(agent, STUCK_MS);

	inbox_listens(agent);
	if (late && agent->deaf_ns != 0)
		inbox_weigh(agent);
	else if (late && !agent->idle && !agent->finishing)
		agents_free(agent);
}

/* Returns whether to look again. */
static bool
inbox_look_at(struct agent *agent)
{
	if (inbox_is_stuck(agent))
		inbox_recall(agent);
	if (inbox_first(agent) != NULL)
		return (true);
	if (agent->link == NULL || agent->doomed)
		return (false);
	if (inbox_is_stopped(agent))
		link_doom(agent, CAUSE_STOPPED, NULL);
	inbox_look_for_life(agent);
	return (agent->deaf_ns != 0 || agent->stopped_ns != 0);
}

void
inbox_stopped(struct agent *agent)
{
	inbox_shut(agent);
	inbox_recall(agent);
	inbox_later(look, LOOK_MS);
}

/* Calls do not wait for their deadlines because an agent is stopped. */
static void
inbox_look(evutil_socket_t fd, short what, void *arg)
{
	bool more = false;

	for (uint32_t i = 1; i <= agents_last(); i++) {
		struct agent *agent = agents_find(i);

		if (agent != NULL && inbox_look_at(agent))
			more = true;
	}
	if (more)
		inbox_later(look, LOOK_MS);
}
