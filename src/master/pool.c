/*
 * Keeps the right number of agents of the right configuration.  Every change
 * of a slot's state, of the number wanted or of the configuration leads to
 * pool_maintain(), which compares what is with what should be and takes the
 * steps between; so there is one policy, and no event of its own for each
 * cause.  How many are wanted is scale.c's to say, and which of them are worn
 * recycle.c's.  Replacing is rolling: a few agents more than wanted are
 * started, and as they are ready old ones drain.
 */

#include "master/pool.h"
#include "common/clock.h"
#include "common/log.h"
#include "master/globals.h"
#include "master/recycle.h"
#include "master/scale.h"
#include "master/slot.h"
#include "master/table.h"

#include <event2/event.h>

/* The agent that the front end would miss least. */
static uint32_t dispensable, dispensable_generation;

static int64_t wanted; /* as of the last pool_maintain() */
static uint32_t config = 1;
static bool stopping;
static struct event *maintain_event;
static void (*when_ready)(void);

static void pool_maintain(evutil_socket_t, short, void *);

void
pool_init(void (*ready)(void))
{
	when_ready = ready;
	table_init();
	maintain_event = event_new(master.base, -1, 0, pool_maintain, NULL);
	if (maintain_event == NULL)
		log_fatal("out of memory");
}

bool
pool_was_ready(void)
{
	return (when_ready == NULL);
}

void
pool_changed(void)
{
	event_active(maintain_event, 0, 0);
}

void
pool_resize(int64_t agents)
{
	if (!scale_fix(agents))
		return;
	log_info("pool: %lld agent%s wanted", (long long)agents, LOG_S(agents));
	pool_changed();
}

void
pool_bound(const struct conf *conf)
{
	scale_bound(conf);
	pool_changed();
}

void
pool_wish(int64_t agents, uint32_t number, uint32_t generation)
{
	dispensable = number;
	dispensable_generation = generation;
	scale_wish(agents, number != 0);
	pool_changed();
}

int64_t
pool_size(void)
{
	return (scale_now());
}

void
pool_renew(void)
{
	config++;
	pool_changed();
}

uint32_t
pool_config(void)
{
	return (config);
}

/* Of an old configuration, or worn: it is to go when another is ready. */
static bool
pool_is_old(const struct slot *slot)
{
	return (slot->config != config || slot->retired);
}

/* What pool_maintain() decides by. */
struct census {
	int64_t current; /* of this configuration: starting, ready ... */
	int64_t current_ready;
	int64_t current_failing;
	int64_t old_ready;
};

static struct census
pool_count(void)
{
	struct census census = {0};

	for (unsigned int i = 0; i < table.used; i++) {
		const struct slot *slot = &table.slots[i];
		bool ready = slot->state == AGENT_READY;

		if (!pool_is_old(slot)) {
			census.current += slot_active(slot);
			census.current_ready += ready;
			census.current_failing += slot->state == AGENT_BACKOFF;
		} else {
			census.old_ready += ready;
		}
	}
	return (census);
}

/* Starts and failed starts of an old configuration are not worth waiting for.*/
static void
pool_drop_old_starts(void)
{
	for (unsigned int i = 0; i < table.used; i++)
		if (pool_is_old(&table.slots[i]) &&
		    slot_active(&table.slots[i]) &&
		    table.slots[i].state != AGENT_READY)
			slot_drain(&table.slots[i]);
}

/* The one that the front end named, if it can go. */
static bool
pool_drain_dispensable(void)
{
	struct slot *slot = pool_find(dispensable, dispensable_generation);

	dispensable = 0;
	if (slot == NULL || slot->state != AGENT_READY || pool_is_old(slot))
		return (false);
	slot_drain(slot);
	return (true);
}

/* Drains one agent that is too many: an old one, else the highest. */
static bool
pool_drain_one(bool old)
{
	if (!old && pool_drain_dispensable())
		return (true);
	for (unsigned int i = table.used; i-- > 0;) {
		struct slot *slot = &table.slots[i];

		if (old ? slot->state == AGENT_READY && pool_is_old(slot)
			: slot_active(slot) && !pool_is_old(slot)) {
			slot_drain(slot);
			return (true);
		}
	}
	return (false);
}

/* A failed fork shows in the slot's state, so this always comes to an end. */
static void
pool_grow(struct census *census)
{
	struct slot *slot;

	while (census->current < wanted &&
	       census->current + census->old_ready <
		   wanted + TABLE_SURGE(wanted) &&
	       (slot = table_vacancy()) != NULL) {
		slot_spawn(slot);
		census->current++;
	}
}

static void
pool_shrink(struct census *census)
{
	while (census->old_ready > 0 &&
	       census->current_ready + census->old_ready > wanted &&
	       pool_drain_one(true))
		census->old_ready--;
	while (census->current > wanted && pool_drain_one(false))
		census->current--;
}

static void
pool_tell_ready(const struct census *census)
{
	void (*ready)(void) = when_ready;

	if (ready == NULL ||
	    census->current_ready + census->current_failing < wanted)
		return;
	when_ready = NULL;
	if (census->current_failing > 0)
		log_warn("pool: %lld of %lld agents do not start",
		    (long long)census->current_failing, (long long)wanted);
	ready();
}

/* Some things are due by time alone: growth, and age. */
static void
pool_look_again(int64_t ms)
{
	struct timeval tv = clock_timeval(ms);

	if (ms != -1)
		evtimer_add(maintain_event, &tv);
}

static int64_t
pool_sooner(int64_t a_ms, int64_t b_ms)
{
	return (a_ms == -1 || (b_ms != -1 && b_ms < a_ms) ? b_ms : a_ms);
}

static void
pool_maintain(evutil_socket_t fd, short what, void *arg)
{
	int64_t grow_ms, age_ms, now_ns = clock_now_ns();
	struct census census;

	if (stopping)
		return;
	wanted = scale_advance(now_ns, &grow_ms);
	pool_drop_old_starts();
	age_ms = recycle_age(table.slots, table.used, now_ns);
	recycle_retire(
	    table.slots, table.used, config, (unsigned int)TABLE_SURGE(wanted));
	census = pool_count();
	pool_shrink(&census);
	dispensable = 0;
	pool_grow(&census);
	pool_look_again(pool_sooner(grow_ms, age_ms));
	pool_tell_ready(&census);
}

void
pool_shutdown(bool now)
{
	stopping = true;
	for (unsigned int i = 0; i < table.used; i++) {
		if (now)
			slot_kill(&table.slots[i], "shutdown");
		else
			slot_stop(&table.slots[i]);
	}
}
