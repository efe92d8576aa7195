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
#include "frontend/globals.h"
#include "frontend/memory.h"
#include "frontend/router/admit.h"
#include "frontend/router/autoscale.h"
#include "frontend/router/call.h"
#include "frontend/router/call_index.h"
#include "frontend/router/catalogue.h"
#include "frontend/router/overload.h"
#include "frontend/router/pace.h"
#include "frontend/router/progress.h"
#include "frontend/router/queue.h"
#include "frontend/router/retry.h"
#include "frontend/router/stats.h"

#include <errno.h>
#include <string.h>

#include <event2/event.h>

/* Warnings that all agents are busy come at most so often. */
#define WARN_EVERY_NS (10 * NS_PER_SEC)

static struct event *pump_event;
static void (*all_ended)(void); /* while draining */

static void
router_ended(void)
{
	if (frontend.draining && call_index_count() == 0)
		all_ended();
}

/*
 * Ends an accepted call in this way: the one place that counts it, logs it,
 * tells its waiter and frees it.  It is in no queue and at no agent.
 */
static void
router_finish(struct call *call, enum outcome end, const char *text, size_t len)
{
	if (call->turn != 0)
		admit_leave(call, end);
	call_set_state(call, CALL_ENDED);
	evtimer_del(&call->deadline);
	call_index_remove(call);
	call->ended_ns = clock_now_ns();
	overload_ended(call);
	stats_call(call, end);
	call_log(call, end);
	if (call->waiter != NULL)
		call->done(call, end, text, len);
	call_free(call);
	router_ended();
}

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
		*agent = inbox_choose(call->tool->since, pace_is_fast(call));
		if (*agent != NULL && admit_reserve_allows(call, *agent))
			return (call);
		if (*agent != NULL)
			call = queue_next_urgent(&at);
		else if (agents_idle() == NULL ||
			 agents_idle_for(call->tool->since) != NULL)
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
	router_finish(call, OUTCOME_SHED, NULL, 0);
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
		if (call == NULL || !pace_is_fast(call) ||
		    !agents_know(agent, call->tool->since) ||
		    !admit_reserve_allows(call, agent))
			return (NULL);
	} while (router_shed(call));
	return (call);
}

/* Takes that call out of the queue, and those that may go along with it. */
static size_t
router_take(struct agent *agent, struct call *call,
    struct work *works[static INBOX_BATCH])
{
	bool fast = pace_is_fast(call);
	size_t share = fast ? inbox_share(queue_count()) : 1, n = 0;

	do {
		queue_remove(call);
		call->work.fast = fast;
		call->work.poll_us = pace_poll_us(call);
		works[n++] = &call->work;
	} while (n < share && (call = router_along(agent)) != NULL);
	return (n);
}

void
router_idle(void)
{
	if (queue_count() > 0)
		event_active(pump_event, 0, 0);
}

/* One more or less of that tool is in the hands of agents. */
static void
router_count(struct tool_info *tool, int change)
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

/* Hands a call, and others with it, to agent. */
static void
router_hand_over(struct agent *agent, struct call *call)
{
	struct work *works[INBOX_BATCH];
	size_t n = router_take(agent, call, works), i = 0;

	if (inbox_hand_over(agent, works, n) == 0) {
		for (; i < n; i++) {
			call = call_of(works[i]);
			call_set_state(call, CALL_HANDED);
			router_count(call->tool, 1);
		}
		return;
	}
	/* Otherwise that agent is gone; they go to another. */
	if (errno == ENOMEM)
		router_finish(call_of(works[i++]), OUTCOME_NO_MEMORY, NULL, 0);
	for (; i < n; i++)
		queue_add(call_of(works[i]));
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
	call_set_state(call, CALL_QUEUED);
	call_arm(call);
	retry_accepted(call);
	call_index_add(call);
	queue_add(call);
	if (call->tool->policy.max_concurrent != 0)
		overload_check(call->tool);
	event_active(pump_event, 0, 0);
	return (ROUTER_ACCEPTED);
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
		router_finish(call, OUTCOME_UNKNOWN_TOOL, NULL, 0);
	}
	router_idle();
}

/* A call that an agent did not begin after all: it has its place again. */
static void
router_on_requeue(struct work *work)
{
	struct call *call = call_of(work);

	router_count(call->tool, -1);
	call_set_state(call, CALL_QUEUED);
	queue_add(call);
	router_idle();
}

/* An attempt came to this end: the call is tried again, or ends so. */
static void
router_end_attempt(
    struct call *call, enum outcome end, const char *text, size_t len)
{
	if (call->tool->policy.retries == 0 || !retry_again(call, end))
		router_finish(call, end, text, len);
}

static void
router_on_answer(struct work *work, const struct wire_result *result,
    const char *text, size_t len)
{
	static const enum outcome ends[WIRE_OUTCOME_COUNT] = {
	    [WIRE_OUTCOME_SUCCESS] = OUTCOME_SUCCESS,
	    [WIRE_OUTCOME_FAILURE] = OUTCOME_FAILURE,
	    [WIRE_OUTCOME_MALFORMED] = OUTCOME_MALFORMED,
	    [WIRE_OUTCOME_INVALID] = OUTCOME_INVALID,
	    [WIRE_OUTCOME_UNKNOWN_TOOL] = OUTCOME_UNKNOWN_TOOL,
	    [WIRE_OUTCOME_TIMEOUT] = OUTCOME_TIMEOUT,
	    [WIRE_OUTCOME_NO_MEMORY] = OUTCOME_NO_MEMORY,
	    [WIRE_OUTCOME_UNABLE] = OUTCOME_UNABLE,
	};
	struct call *call = call_of(work);
	enum outcome end = ends[result->outcome];

	router_count(call->tool, -1);
	pace_learn(call->tool, result->run_us);
	memory_look();
	/* One that was tried before may have done something. */
	if (end == OUTCOME_UNABLE && call->tries > 0)
		end = OUTCOME_FAILURE;
	call->http_5xx = result->failure == FAILURE_HTTP_5XX;
	router_end_attempt(call, end, text, len);
}

static void
router_on_death(struct work *work, const char *how)
{
	struct call *call = call_of(work);

	router_count(call->tool, -1);
	router_end_attempt(call, OUTCOME_CRASHED, how, strlen(how));
}

static bool
router_on_progress(struct work *work, const uint8_t *body, size_t len)
{
	return (progress_take(call_of(work), body, len));
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
	struct agent *agent;
	uint8_t id[UUID_SIZE];

	if (call->state == CALL_HANDED) {
		memcpy(id, call->work.id, sizeof(id));
		inbox_recall(call->work.agent);
		if (call_index_find(id) != call)
			return (false);
	}
	if (call->state == CALL_QUEUED)
		router_unqueue(call);
	if (call->state != CALL_HANDED) {
		/* One that was tried before may have done something. */
		router_finish(call,
		    call->tries == 0 ? when_queued : when_running, NULL, 0);
		return (true);
	}
	agent = inbox_withdraw(&call->work);
	router_count(call->tool, -1);
	router_finish(call, when_running, NULL, 0);
	agent_stop(agent, cause, grace_ms);
	return (true);
}

/* Its rest after a failed attempt is over. */
static void
router_retry(struct call *call)
{
	if (call->tool->removed) {
		router_finish(call, OUTCOME_UNKNOWN_TOOL, NULL, 0);
		return;
	}
	call_set_state(call, CALL_QUEUED);
	queue_add(call);
	call_arm(call);
	event_active(pump_event, 0, 0);
}

static void
router_on_due(struct call *call)
{
	if (call->state == CALL_RETRYING)
		router_retry(call);
	else
		(void)router_end(
		    call, OUTCOME_EXPIRED, OUTCOME_TIMEOUT, CAUSE_TIMEOUT);
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
router_init(void)
{
	static const struct agents_ops ops = {
	    .idle = router_idle,
	    .changed = autoscale_look,
	    .requeue = router_on_requeue,
	    .answered = router_on_answer,
	    .died = router_on_death,
	    .progress = router_on_progress,
	    .late = stats_late,
	};

	pump_event = event_new(frontend.base, -1, 0, router_pump, NULL);
	if (pump_event == NULL)
		log_fatal("out of memory");
	call_init(router_on_due);
	agents_init(&ops);
	autoscale_init();
}
