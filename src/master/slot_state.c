/*
 * The states of a slot, and how long each may last:
 *
 *   EMPTY -> STARTING -> READY -> DRAINING -> STOPPING -> KILLED
 *     ^                                                     |
 *     '---- BACKOFF <---------------------------------------'
 *
 * slot_set_state() alone writes the state.  Called by slot.c and slot_start.c.
 */

#include "master/slot_state.h"
#include "common/clock.h"
#include "common/log.h"
#include "conf/conf.h"
#include "master/channel.h"
#include "master/globals.h"
#include "master/pool.h"
#include "master/slot.h"

#include <assert.h>

#include <event2/event.h>

/* The pause after a start that failed. */
#define BACKOFF_FIRST_MS 100
#define BACKOFF_LAST_MS 30000

/* How long an agent may take from fork to READY. */
#define START_LIMIT_MS 10000

static const char *const state_names[AGENT_STATES] = {
    [AGENT_EMPTY] = "empty",
    [AGENT_STARTING] = "starting",
    [AGENT_READY] = "ready",
    [AGENT_DRAINING] = "draining",
    [AGENT_STOPPING] = "stopping",
    [AGENT_KILLED] = "killed",
    [AGENT_BACKOFF] = "backing off",
};

#define TO(state) (1u << AGENT_##state)

/* Which state may follow which. */
static const unsigned int followers[AGENT_STATES] = {
    [AGENT_EMPTY] = TO(STARTING) | TO(BACKOFF),
    [AGENT_STARTING] = TO(READY) | TO(STOPPING) | TO(KILLED),
    [AGENT_READY] = TO(DRAINING) | TO(STOPPING) | TO(KILLED),
    [AGENT_DRAINING] = TO(STOPPING) | TO(KILLED),
    [AGENT_STOPPING] = TO(KILLED),
    [AGENT_KILLED] = TO(EMPTY) | TO(BACKOFF),
    [AGENT_BACKOFF] = TO(EMPTY),
};

void
slot_arm(struct slot *slot, int64_t ms)
{
	struct timeval tv = clock_timeval(ms);

	evtimer_add(slot->timer, &tv);
}

int64_t
slot_backoff_ms(const struct slot *slot)
{
	int64_t ms = BACKOFF_FIRST_MS;

	for (unsigned int i = 1; i < slot->failures; i++)
		if ((ms *= 2) >= BACKOFF_LAST_MS)
			return (BACKOFF_LAST_MS);
	return (ms);
}

/* What the timer means in a state: after how long, or -1. */
static int64_t
slot_patience_ms(const struct slot *slot)
{
	switch (slot->state) {
	case AGENT_STARTING:
		return (START_LIMIT_MS);
	case AGENT_STOPPING:
		return (master.conf->stop_timeout_ms);
	case AGENT_KILLED:
		return (KILL_AGAIN_MS);
	case AGENT_BACKOFF:
		return (slot_backoff_ms(slot));
	default:
		return (-1);
	}
}

void
slot_set_state(struct slot *slot, enum agent_state state)
{
	int64_t patience_ms;

	if (state == slot->state)
		return;
	assert(followers[slot->state] & 1u << state);
	log_debug("agent-%u: %s -> %s", slot->number, state_names[slot->state],
	    state_names[state]);
	slot->state = state;
	evtimer_del(slot->timer);
	if ((patience_ms = slot_patience_ms(slot)) != -1)
		slot_arm(slot, patience_ms);
	channel_agent_state(slot);
	pool_changed();
}
