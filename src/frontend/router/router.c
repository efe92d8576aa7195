/*
 * Matches calls with agents: the calls in the order of the queue, the agent
 * that was idle last first.  Every path that ends a call early goes
 * through here, because here it is known where the call is.
 */

#include "frontend/router/router.h"
#include "common/clock.h"
#include "common/log.h"
#include "conf/conf.h"
#include "frontend/agents/agents.h"
#include "frontend/agents/inbox.h"
#include "frontend/agents/link.h"
#include "frontend/globals.h"
#include "frontend/router/admit.h"
#include "frontend/router/autoscale.h"
#include "frontend/router/call.h"
#include "frontend/router/call_index.h"
#include "frontend/router/catalogue.h"
#include "frontend/router/overload.h"
#include "frontend/router/queue.h"
#include "frontend/router/soft.h"

#include <errno.h>
#include <string.h>

#include <event2/event.h>

/* Warnings that all agents are busy come at most so often. */
#define WARN_EVERY_NS (10 * NS_PER_SEC)

static struct event *pump_event;

static void
router_warn_busy(void)
{
	static struct log_limit limit;
	unsigned long held;

	if (log_limit_admit(&limit, WARN_EVERY_NS, &held))
		log_warn("all agents are busy: %zu call%s; %lu more had "
			 "to since the last such warning",
		    queue_count(), queue_count() == 1 ? " waits" : "s wait",
		    held);
}

void
router_put_back(struct call *call)
{
	call->state = CALL_QUEUED;
	call->agent = NULL;
	call->started_ns = 0;
	queue_add(call);
	router_idle();
}

/*
 * The first call that can go, and the agent for it.  Those are passed over
 * whose tool is known to none of the idle agents; for anything else all calls
 * wait, but for those that the reserve is for.
 */
static struct call *
router_next(struct agent **agent)
{
	struct queue_cursor at;
	struct call *call;

	call = queue_first(&at);
	while (call != NULL) {
		*agent = inbox_choose(call);
		if (*agent != NULL && admit_reserve_allows(call, *agent))
			return (call);
		if (*agent != NULL)
			call = queue_next_urgent(&at);
		else if (agents_idle() == NULL ||
			 agents_idle_for(call->tool) != NULL)
			return (NULL);
		else
			call = queue_next(&at);
	}
	return (NULL);
}

/* Refuses, under overload, a call whose turn it is. */
static bool
router_shed(struct call *call)
{
	if (!overload_sheds(call))
		return (false);
	queue_remove(call);
	call_finish(call, OUTCOME_SHED, NULL, 0);
	return (true);
}

/* The next call, if it may go along with others to that agent; or NULL. */
static struct call *
router_along(struct agent *agent)
{
	struct queue_cursor at;
	struct call *call;

	do {
		call = queue_first(&at);
		if (call == NULL || !inbox_goes_along(call) ||
		    !agents_know(agent, call->tool) ||
		    !admit_reserve_allows(call, agent))
			return (NULL);
	} while (router_shed(call));
	return (call);
}

/* Takes that call out of the queue, and those that may go along with it. */
static size_t
router_take(struct agent *agent, struct call *call,
    struct call *calls[static INBOX_BATCH])
{
	size_t share = inbox_share(call, queue_count()), n = 0;

	do {
		queue_remove(call);
		calls[n++] = call;
	} while (n < share && (call = router_along(agent)) != NULL);
	return (n);
}

/* Hands a call, and others with it, to agent. */
static void
router_hand_over(struct agent *agent, struct call *call)
{
	struct call *calls[INBOX_BATCH];
	size_t n = router_take(agent, call, calls), i = 0;

	if (link_send(agent, calls, n) == 0) {
		for (; i < n; i++)
			inbox_add(agent, calls[i]);
		return;
	}
	/* Otherwise that agent is gone; they go to another. */
	if (errno == ENOMEM)
		call_finish(calls[i++], OUTCOME_NO_MEMORY, NULL, 0);
	for (; i < n; i++)
		queue_add(calls[i]);
}

/*
 * Gives waiting calls to agents.  This runs after all else that the event
 * loop has at hand: an agent that is woken may take the processor from us at
 * once, and then nothing else should be waiting for it.
 */
static void
router_pump(evutil_socket_t fd, short what, void *arg)
{
	struct queue_cursor at;
	struct agent *agent;
	struct call *call;

	while ((call = router_next(&agent)) != NULL)
		if (!router_shed(call))
			router_hand_over(agent, call);
	overload_set_busy(queue_first(&at) != NULL);
	if (queue_count() > 0 && agents_idle() == NULL)
		router_warn_busy();
	autoscale_look();
}

enum router_verdict
router_submit(struct call *call)
{
	enum router_verdict verdict = admit_call(call);

	if (verdict != ROUTER_ACCEPTED)
		return (verdict);
	call_accept(call);
	call->state = CALL_QUEUED;
	queue_add(call);
	if (call->tool->policy.max_concurrent != 0)
		overload_check(call->tool);
	event_active(pump_event, 0, 0);
	return (ROUTER_ACCEPTED);
}

void
router_retry(struct call *call)
{
	if (call->tool->removed) {
		call_finish(call, OUTCOME_UNKNOWN_TOOL, NULL, 0);
		return;
	}
	call->state = CALL_QUEUED;
	queue_add(call);
	call_arm(call);
	event_active(pump_event, 0, 0);
}

void
router_idle(void)
{
	if (queue_count() > 0)
		event_active(pump_event, 0, 0);
}

/* Takes a call out of the queue that no agent gets. */
static void
router_unqueue(struct call *call)
{
	queue_remove(call);
	if (queue_count() == 0)
		overload_set_busy(false);
}

void
router_tools_changed(void)
{
	struct tool_info *tool;
	struct call *call;

	for (size_t i = 0; (tool = catalogue_at(i)) != NULL; i++) {
		queue_check(tool);
		overload_check(tool);
	}
	while ((call = queue_orphan()) != NULL) {
		router_unqueue(call);
		call_finish(call, OUTCOME_UNKNOWN_TOOL, NULL, 0);
	}
	router_idle();
}

void
router_init(void)
{
	pump_event = event_new(frontend.base, -1, 0, router_pump, NULL);
	if (pump_event == NULL)
		log_fatal("out of memory");
	inbox_init();
	autoscale_init();
}

/*
 * Takes a call from where it is and ends it in one of two ways; an agent that
 * has begun it is stopped after the answer has gone.  It may be answered in the
 * very moment that this is wanted: then it has ended already, and false is
 * returned.
 */
static bool
router_end(struct call *call, enum outcome when_queued,
    enum outcome when_running, enum wire_cause cause)
{
	int64_t grace_ms = call->tool->policy.stop_grace_ms;
	struct agent *agent = call->agent;
	uint8_t id[UUID_SIZE];

	if (call->state == CALL_HANDED) {
		memcpy(id, call->id, sizeof(id));
		inbox_recall(agent);
		if (call_index_find(id) != call)
			return (false);
	}
	if (call->state == CALL_QUEUED)
		router_unqueue(call);
	if (call->state != CALL_HANDED) {
		/* One that was tried before may have done something. */
		call_finish(call, call->tries == 0 ? when_queued : when_running,
		    NULL, 0);
		return (true);
	}
	inbox_remove(agent, call);
	memcpy(agent->ended_id, call->id, sizeof(agent->ended_id));
	call_finish(call, when_running, NULL, 0);
	if (cause == CAUSE_TIMEOUT && grace_ms > 0)
		soft_linger(agent, grace_ms);
	else
		link_take_back(agent, cause);
	return (true);
}

void
router_expire(struct call *call)
{
	(void)router_end(call, OUTCOME_EXPIRED, OUTCOME_TIMEOUT, CAUSE_TIMEOUT);
}

bool
router_cancel(struct call *call)
{
	return (router_end(call, OUTCOME_CANCELLED_QUEUED, OUTCOME_CANCELLED,
	    CAUSE_CANCELLED));
}

void
router_leave(struct call *call)
{
	call->waiter = NULL;
	if ((call->state == CALL_QUEUED && call->tries == 0) ||
	    frontend.conf->on_disconnect == ON_DISCONNECT_CANCEL)
		(void)router_end(call, OUTCOME_ABANDONED, OUTCOME_ABANDONED,
		    CAUSE_ABANDONED);
}

static void (*all_ended)(void); /* while draining */

static void
router_drain_limit(evutil_socket_t fd, short what, void *arg)
{
	struct call *call;

	while ((call = call_index_first()) != NULL) {
		log_warn("shutdown: request %s did not finish in time",
		    call->id_text);
		(void)router_end(call, OUTCOME_DRAINED_QUEUED,
		    OUTCOME_DRAINED_RUNNING, CAUSE_SHUTDOWN);
	}
}

void
router_drain(int64_t timeout_ms, void (*ended)(void))
{
	struct timeval tv = clock_timeval(timeout_ms);

	frontend.draining = true;
	all_ended = ended;
	if (event_base_once(frontend.base, -1, EV_TIMEOUT, router_drain_limit,
		NULL, &tv) == -1)
		router_drain_limit(-1, 0, NULL);
	router_ended();
}

void
router_ended(void)
{
	if (frontend.draining && call_index_count() == 0)
		all_ended();
}
