/*
 * Holds the queue and matches calls with agents, first come first served, the
 * agent that was idle last first.  Every path that ends a call early goes
 * through here, because here it is known where the call is.
 */

#include "frontend/router.h"
#include "common/clock.h"
#include "common/conf.h"
#include "common/log.h"
#include "common/ratelimit.h"
#include "frontend/agents.h"
#include "frontend/call.h"
#include "frontend/drain.h"
#include "frontend/frontend.h"
#include "frontend/link.h"

#include <sys/queue.h>

#include <errno.h>

#include <event2/event.h>

/* Warnings that all agents are busy come at most so often. */
#define WARN_EVERY_NS (10 * NS_PER_SEC)

static TAILQ_HEAD(, call) queue = TAILQ_HEAD_INITIALIZER(queue);
static size_t queued;
static struct event *pump_event;

static void
router_enqueue(struct call *call)
{
	call->state = CALL_QUEUED;
	TAILQ_INSERT_TAIL(&queue, call, queue_entry);
	queued++;
}

static void
router_dequeue(struct call *call)
{
	TAILQ_REMOVE(&queue, call, queue_entry);
	queued--;
}

size_t
router_queued(void)
{
	return (queued);
}

static void
router_warn_busy(void)
{
	static struct ratelimit limit;
	unsigned long held;

	if (ratelimit_admit(&limit, WARN_EVERY_NS, &held))
		log_warn("all agents are busy: %zu calls wait; %lu more had "
			 "to since the last such warning",
		    queued, held);
}

/*
 * Gives waiting calls to idle agents.  This runs after all else that the event
 * loop has at hand: an agent that is woken may take the processor from us at
 * once, and then nothing else should be waiting for it.
 */
static void
router_pump(evutil_socket_t fd, short what, void *arg)
{
	struct agent *agent;
	struct call *call;

	while ((call = TAILQ_FIRST(&queue)) != NULL &&
	       (agent = agents_idle()) != NULL) {
		if (link_dispatch(agent, call) == 0) {
			router_dequeue(call);
		} else if (errno == ENOMEM) {
			router_dequeue(call);
			call_end(call, END_NO_MEMORY, NULL, 0);
		}
		/* Otherwise that agent is gone; the call stays first in line.
		 */
	}
	if (queued > 0)
		router_warn_busy();
}

enum router_verdict
router_submit(struct call *call)
{
	if (frontend.draining)
		return (ROUTER_DRAINING);
	if (agents_hopeless())
		return (ROUTER_NO_AGENT);
	/* As many as there are idle agents are as good as gone. */
	if (queued >= (size_t)frontend.conf->queue_max + agents_idle_count())
		return (ROUTER_QUEUE_FULL);
	call_accept(call);
	router_enqueue(call);
	event_active(pump_event, 0, 0);
	return (ROUTER_ACCEPTED);
}

void
router_idle(void)
{
	if (queued > 0)
		event_active(pump_event, 0, 0);
}

void
router_init(void)
{
	pump_event = event_new(frontend.base, -1, 0, router_pump, NULL);
	if (pump_event == NULL)
		fatal("out of memory");
}

/*
 * Takes a call from where it is and ends it in one of two ways; the agent
 * that runs it is stopped after the answer has gone.
 */
static void
router_end(struct call *call, enum call_end when_queued,
    enum call_end when_running, enum wire_cause cause)
{
	struct agent *agent = call->agent;

	if (call->state == CALL_QUEUED) {
		router_dequeue(call);
		call_end(call, when_queued, NULL, 0);
		return;
	}
	agent->call = NULL;
	call_end(call, when_running, NULL, 0);
	link_take_back(agent, cause);
}

void
router_expire(struct call *call)
{
	router_end(call, END_EXPIRED, END_TIMEOUT, CAUSE_TIMEOUT);
}

void
router_cancel(struct call *call)
{
	router_end(call, END_CANCELLED_QUEUED, END_CANCELLED, CAUSE_CANCELLED);
}

void
router_abandon(struct call *call)
{
	router_end(call, END_ABANDONED, END_ABANDONED, CAUSE_ABANDONED);
}

static void
router_drain_limit(evutil_socket_t fd, short what, void *arg)
{
	struct call *call;

	while ((call = call_first()) != NULL) {
		log_warn("shutdown: request %s did not finish in time",
		    call->id_text);
		router_end(call, END_DRAINED_QUEUED, END_DRAINED_RUNNING,
		    CAUSE_SHUTDOWN);
	}
}

void
router_drain(int64_t timeout_ms)
{
	struct timeval tv = clock_timeval(timeout_ms);

	frontend.draining = true;
	if (event_base_once(frontend.base, -1, EV_TIMEOUT, router_drain_limit,
		NULL, &tv) == -1)
		router_drain_limit(-1, 0, NULL);
	router_ended();
}

void
router_ended(void)
{
	if (frontend.draining && call_count() == 0)
		drain_calls_done();
}
