/*
 * Help for the tests of the pool: slots that do at once what is asked of them,
 * the clock, and the pool's timer.
 */

#include "pool_help.h"

#include "test.h"

#include <string.h>

#include <event2/event.h>

#include "common/clock.h"
#include "common/log.h"
#include "master/globals.h"
#include "master/link.h"
#include "master/pool.h"

struct slot *pool_help_slots[HELP_SLOTS];
unsigned int pool_help_known, pool_help_killed, pool_help_introduced;
int64_t pool_help_now_ns = NS_PER_SEC, pool_help_timer_ms = -1;

static void
become(struct slot *slot, enum agent_state state)
{
	slot->state = state;
	slot->pid = state == AGENT_EMPTY || state == AGENT_BACKOFF
			? -1
			: HELP_PID(slot->number);
	pool_changed();
}

bool pool_help_no_memory;

static struct slot table[HELP_SLOTS + 1];

/* What is the master's to look at is ours to change. */
static struct slot *
own(const struct slot *slot)
{
	return (&table[slot->number - 1]);
}

const struct slot *
slot_table(unsigned int count, void (*changed)(void))
{
	return (table);
}

int
slot_init(uint32_t number)
{
	struct slot *slot = &table[number - 1];

	assert_int_equal(number, pool_help_known + 1);
	if (pool_help_no_memory)
		return (-1);
	assert_in_range(number, 1, HELP_SLOTS);
	slot->number = number;
	slot->pid = -1;
	pool_help_slots[pool_help_known++] = slot;
	return (0);
}

void
slot_spawn(const struct slot *empty)
{
	struct slot *slot = own(empty);

	assert_int_equal(slot->state, AGENT_EMPTY);
	slot->generation++;
	slot->health = SLOT_NEW;
	slot->cause = SLOT_UNASKED;
	slot->spawned_ns = pool_help_now_ns++;
	slot->expires_ns = 0;
	slot->epoch = master.epoch;
	slot->ends.socket_fd = -1;
	become(slot, AGENT_STARTING);
}

void
slot_drain(const struct slot *which)
{
	struct slot *slot = own(which);

	slot->cause = SLOT_ASKED;
	if (slot->state == AGENT_BACKOFF)
		become(slot, AGENT_EMPTY);
	else
		become(slot, slot->state == AGENT_READY ? AGENT_DRAINING
							: AGENT_STOPPING);
}

void
slot_stop(const struct slot *which)
{
	struct slot *slot = own(which);

	slot->cause = SLOT_ASKED;
	if (slot->pid != -1)
		become(slot, AGENT_STOPPING);
}

void
slot_kill(const struct slot *slot, const char *why)
{
	pool_help_killed++;
}

void
slot_reaped(const struct slot *slot, int wait_status)
{
	become(own(slot), AGENT_EMPTY);
}

void
slot_introduce(const struct slot *slot)
{
	pool_help_introduced++;
}

void
slot_wear(const struct slot *slot, const char *why)
{
	own(slot)->health = SLOT_WORN;
	pool_changed();
}

void
slot_retire(const struct slot *slot)
{
	own(slot)->health = SLOT_RETIRED;
}

void
slot_suspect(const struct slot *slot)
{
}

void
slot_abort(const struct slot *slot, const char *why)
{
}

void
link_agent_stopped(uint32_t number, uint32_t generation, bool stopped)
{
}

bool
slot_active(const struct slot *slot)
{
	if (slot->state == AGENT_KILLED)
		return (slot->cause == SLOT_UNASKED);
	return (slot->state == AGENT_STARTING || slot->state == AGENT_READY ||
		slot->state == AGENT_BACKOFF);
}

static void
turn(void)
{
	event_base_loop(master.base, EVLOOP_NONBLOCK);
}

void
pool_help_expect(const char *states)
{
	static const char letters[] = "_srdtkb";
	char found[HELP_SLOTS + 1] = "";

	turn();
	for (unsigned int i = 0; i < pool_help_known; i++)
		found[i] = letters[pool_help_slots[i]->state];
	assert_string_equal(found, states);
}

void
pool_help_renew(void)
{
	master.epoch++;
	pool_changed();
}

void
pool_help_become(unsigned int number, enum agent_state state)
{
	become(pool_help_slots[number - 1], state);
}

int64_t __wrap_clock_now_ns(void);
int __wrap_event_add(struct event *, const struct timeval *);

int64_t
__wrap_clock_now_ns(void)
{
	return (pool_help_now_ns);
}

/* No time passes by itself. */
int
__wrap_event_add(struct event *event, const struct timeval *tv)
{
	pool_help_timer_ms = tv->tv_sec * 1000 + tv->tv_usec / 1000;
	return (0);
}

void
pool_help_pass(int64_t ms)
{
	pool_help_now_ns += ms * NS_PER_MS;
	pool_help_timer_ms = -1;
	pool_changed();
	turn();
}

int
pool_help_set_up(void **state)
{
	master.base = event_base_new();
	log_set_level(LOG_ERR);
	return (master.base == NULL ? -1 : 0);
}
