/*
 * The state of one agent.
 *
 * An agent whose call nobody wants any more is told so, and killed only when it
 * has not answered after cancel_grace.  The word in shared memory is what
 * counts, and the frame behind it what wakes (claim.h, and live.c in the
 * agent).  A deadline that passed needs no word: the tool has known it from
 * the start.
 */

#include "frontend/agents/agent.h"
#include "common/claim.h"
#include "common/clock.h"
#include "common/frame.h"
#include "common/peer.h"
#include "common/sys.h"
#include "conf/conf.h"
#include "frontend/globals.h"
#include "frontend/master_link.h"

#include <assert.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>

#include <event2/event.h>

/* For an agent to kill what has lingered for too long, and to say so. */
#define LINGER_MARGIN_MS 1500

/* A call waits for agents that fail to start, but not for longer than this. */
#define HOPE_NS NS_PER_SEC

/*
 * Causes that leave the caller no better off for a process that dies.  Were a
 * caller who leaves to cost an agent, anybody could have them replaced by
 * hanging up.
 */
static const bool softly[CAUSE_COUNT] = {
    [CAUSE_CANCELLED] = true,
    [CAUSE_ABANDONED] = true,
};

#define TO(phase) (1U << PHASE_##phase)

static const unsigned int transitions[AGENT_PHASES] = {
    [PHASE_UNLINKED] = TO(BUSY) | TO(UNRESPONSIVE),
    [PHASE_IDLE] = TO(BUSY) | TO(UNRESPONSIVE),
    [PHASE_BUSY] = TO(IDLE) | TO(FAST) | TO(FINISHING) | TO(LINGERING) |
		   TO(UNRESPONSIVE) | TO(UNLINKED),
    [PHASE_FAST] = TO(BUSY) | TO(UNRESPONSIVE),
    [PHASE_FINISHING] = TO(BUSY) | TO(LINGERING) | TO(UNRESPONSIVE),
    [PHASE_LINGERING] = TO(BUSY) | TO(UNRESPONSIVE),
    [PHASE_UNRESPONSIVE] = TO(UNLINKED),
};

static struct agent_list idle = TAILQ_HEAD_INITIALIZER(idle);
static size_t idle_count;
struct agent_list agent_all = TAILQ_HEAD_INITIALIZER(agent_all);
struct agent_list agent_fast = TAILQ_HEAD_INITIALIZER(agent_fast);
size_t agent_fast_count;
struct agents_ops agent_ops;

static unsigned int reported[AGENT_STATES]; /* agents, by what is said */
static int64_t failing_since_ns; /* none is ready, some back off; or 0 */

/* It has taken too long. */
static void
agent_grace_over(evutil_socket_t fd, short what, void *arg)
{
	struct agent *agent = arg;

	agent_kill(agent, agent->cause, NULL);
}

struct agent *
agent_new(uint32_t number)
{
	struct agent *agent = sys.malloc(sizeof(*agent));

	if (agent == NULL)
		return (NULL);
	memset(agent, 0, sizeof(*agent));
	agent->number = number;
	agent->pid = -1;
	TAILQ_INIT(&agent->inbox);
	snprintf(agent->name, sizeof(agent->name), "agent-%u", number);
	evtimer_assign(&agent->grace, frontend.base, agent_grace_over, agent);
	reported[agent->reported]++;
	TAILQ_INSERT_TAIL(&agent_all, agent, all_entry);
	return (agent);
}

void
agent_set_phase(struct agent *agent, enum agent_phase phase)
{
	bool finishing = agent_is_finishing(agent);

	if (agent->phase == phase)
		return;
	assert((transitions[agent->phase] & (1U << phase)) != 0);
	if (agent->phase == PHASE_IDLE) {
		TAILQ_REMOVE(&idle, agent, entry);
		idle_count--;
	} else if (agent->phase == PHASE_FAST) {
		TAILQ_REMOVE(&agent_fast, agent, entry);
		agent_fast_count--;
	}
	agent->phase = phase;
	if (phase == PHASE_IDLE) {
		agent->idle_since_ns = clock_now_ns();
		TAILQ_INSERT_HEAD(&idle, agent, entry);
		idle_count++;
	} else if (phase == PHASE_FAST) {
		TAILQ_INSERT_HEAD(&agent_fast, agent, entry);
		agent_fast_count++;
	}
	if (finishing && !agent_is_finishing(agent))
		evtimer_del(&agent->grace);
}

void
agent_report(
    struct agent *agent, uint32_t generation, const struct wire_agent *body)
{
	if (agent->generation != generation) {
		if (agent->phase == PHASE_UNRESPONSIVE)
			agent_set_phase(agent, PHASE_UNLINKED);
		agent->draining = false;
		agent->stopped_ns = 0;
		agent->reason = NULL;
	}
	reported[agent->reported]--;
	reported[body->state]++;
	agent->generation = generation;
	agent->reported = body->state;
	agent->pid = body->pid;
	agent->restarts = body->restarts;
	agent->recycled = body->recycled;
	agent->epoch = body->epoch;
	if (reported[AGENT_READY] > 0)
		failing_since_ns = 0;
	else if (reported[AGENT_BACKOFF] > 0 && failing_since_ns == 0)
		failing_since_ns = clock_now_ns();
}

bool
agent_is_finishing(const struct agent *agent)
{
	return (
	    agent->phase == PHASE_FINISHING || agent->phase == PHASE_LINGERING);
}

bool
agent_is_idle(const struct agent *agent)
{
	return (agent->phase == PHASE_IDLE);
}

void
agent_withhold(struct agent *agent)
{
	if (agent->phase == PHASE_IDLE || agent->phase == PHASE_FAST)
		agent_set_phase(agent, PHASE_BUSY);
}

void
agent_offer(struct agent *agent)
{
	if (agent->draining) {
		master_link_free(agent->number, agent->generation);
		return;
	}
	if (agent->stopped_ns != 0)
		return; /* until it runs on */
	agent_set_phase(agent, PHASE_IDLE);
	agent_ops.idle();
}

void
agent_offer_last(struct agent *agent)
{
	if (agent->link == NULL || agent->phase != PHASE_BUSY)
		return;
	agent_offer(agent);
	if (agent->phase != PHASE_IDLE)
		return;
	TAILQ_REMOVE(&idle, agent, entry);
	TAILQ_INSERT_TAIL(&idle, agent, entry);
}

/* Whether it may be left to finish: it has nothing else in hand. */
static bool
agent_can_finish(const struct agent *agent)
{
	return (agent->phase == PHASE_BUSY && TAILQ_EMPTY(&agent->inbox));
}

static void
agent_finish(struct agent *agent, enum agent_phase phase, enum wire_cause cause,
    int64_t grace_ms)
{
	struct timeval tv = clock_timeval(grace_ms);

	agent_set_phase(agent, phase);
	agent->cause = cause;
	agent->unread_ns = 0; /* it reads no call before the end of this */
	evtimer_add(&agent->grace, &tv);
}

/* Tells it that its call is cancelled; false: it must be killed. */
static bool
agent_cancel(struct agent *agent, enum wire_cause cause)
{
	int64_t grace_ms = frontend.conf->cancel_grace_ms;
	struct frame_header header;

	if (!softly[cause] || grace_ms == 0 || !agent_can_finish(agent))
		return (false);
	claim_cancel(agent->claim);
	frame_header_init(&header, WIRE_CANCEL, agent->number,
	    agent->generation, agent->ended_id, 0);
	/* Sending may find that it has gone. */
	if (peer_send(agent->link, &header, NULL, 0, -1) != 0 ||
	    !agent_can_finish(agent))
		return (false);
	agent_finish(agent, PHASE_FINISHING, cause, grace_ms);
	return (true);
}

void
agent_stop(struct agent *agent, enum wire_cause cause, int64_t grace_ms)
{
	if (cause == CAUSE_TIMEOUT && grace_ms > 0 && agent_can_finish(agent)) {
		agent_finish(
		    agent, PHASE_FINISHING, cause, grace_ms + LINGER_MARGIN_MS);
		return;
	}
	if (agent_cancel(agent, cause))
		return;
	/* Even once more: for closing its socket it may live on. */
	if (agent->phase == PHASE_UNRESPONSIVE)
		master_link_kill(agent->number, agent->generation, cause);
	else
		agent_kill(agent, cause, NULL);
}

void
agent_linger(
    struct agent *agent, const uint8_t id[static UUID_SIZE], int64_t grace_ms)
{
	memcpy(agent->ended_id, id, sizeof(agent->ended_id));
	if (agent_can_finish(agent))
		agent_finish(agent, PHASE_LINGERING, CAUSE_TIMEOUT,
		    grace_ms + LINGER_MARGIN_MS);
}

void
agent_finished(struct agent *agent)
{
	if (agent_is_finishing(agent))
		agent_set_phase(agent, PHASE_BUSY);
}

void
agent_kill(struct agent *agent, enum wire_cause cause, const char *reason)
{
	if (agent->phase == PHASE_UNRESPONSIVE)
		return;
	agent_set_phase(agent, PHASE_UNRESPONSIVE);
	agent->reason = reason;
	master_link_kill(agent->number, agent->generation, cause);
}

struct agent *
agents_idle(void)
{
	return (TAILQ_FIRST(&idle));
}

struct agent *
agents_idle_longest(void)
{
	return (TAILQ_LAST(&idle, agent_list));
}

bool
agents_know(const struct agent *agent, uint32_t epoch)
{
	return ((int32_t)(agent->epoch - epoch) >= 0);
}

struct agent *
agents_idle_for(uint32_t epoch)
{
	struct agent *agent;

	TAILQ_FOREACH (agent, &idle, entry)
		if (agents_know(agent, epoch))
			return (agent);
	return (NULL);
}

size_t
agents_idle_count(void)
{
	return (idle_count);
}

bool
agents_hopeless(void)
{
	return (failing_since_ns != 0 &&
		clock_now_ns() - failing_since_ns > HOPE_NS);
}

static const char *const shown_names[SHOWN_STATES] = {
    [SHOWN_IDLE] = "idle",
    [SHOWN_BUSY] = "busy",
    [SHOWN_STARTING] = "starting",
    [SHOWN_DRAINING] = "draining",
    [SHOWN_ERROR] = "error",
};

/* Of an agent without a link, by what the master does with it. */
static const enum agents_shown unlinked[AGENT_STATES] = {
    [AGENT_EMPTY] = SHOWN_STARTING,
    [AGENT_STARTING] = SHOWN_STARTING,
    [AGENT_READY] = SHOWN_STARTING,
    [AGENT_DRAINING] = SHOWN_DRAINING,
    [AGENT_STOPPING] = SHOWN_DRAINING,
    [AGENT_KILLED] = SHOWN_ERROR,
    [AGENT_BACKOFF] = SHOWN_ERROR,
};

enum agents_shown
agent_shown(const struct agent *agent)
{
	if (agent->phase == PHASE_UNRESPONSIVE)
		return (SHOWN_ERROR);
	if (agent->stopped_ns != 0 && TAILQ_EMPTY(&agent->inbox) &&
	    !agent_is_finishing(agent))
		return (SHOWN_ERROR);
	if (agent->phase == PHASE_UNLINKED)
		return (unlinked[agent->reported]);
	if (agent->draining)
		return (SHOWN_DRAINING);
	return (agent->phase == PHASE_IDLE ? SHOWN_IDLE : SHOWN_BUSY);
}

const char *
agent_name(const struct agent *agent)
{
	return (agent->name);
}

struct agent_view
agent_view(const struct agent *agent)
{
	return ((struct agent_view){
	    .number = agent->number,
	    .generation = agent->generation,
	    .state = shown_names[agent_shown(agent)],
	    .pid = agent->pid,
	    .restarts = agent->restarts,
	    .handled = agent->handled,
	    .last_active_ns = agent->last_active_ns,
	    .idle_since_ns = agent->idle_since_ns,
	    .resident =
		agent->claim == NULL ? 0 : atomic_load(&agent->claim->resident),
	    .current = TAILQ_FIRST(&agent->inbox),
	});
}
