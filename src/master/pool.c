/*
 * Keeps the right number of agents of the right configuration.  Every change
 * of a slot's state, of the number wanted or of the configuration leads to
 * pool_maintain(), which compares what is with what should be and takes the
 * steps between; so there is one policy, and no event of its own for each
 * cause.  Replacing is rolling: one agent more than wanted is started, and
 * when it is ready an old one drains.
 */

#include "master/pool.h"
#include "common/claim.h"
#include "common/log.h"
#include "master/channel.h"
#include "master/master.h"
#include "master/slot.h"

#include <stdlib.h>

#include <event2/event.h>

#define AGENTS_MAX 1024

/* While agents are replaced, so many more than wanted may live. */
#define SURGE 1

/* A table that never moves; only the first `used` were ever in use. */
static struct slot *slots;
static unsigned int used;

static int64_t wanted;
static uint32_t config = 1;
static bool stopping;
static struct event *maintain_event;
static void (*when_ready)(void);

static void pool_maintain(evutil_socket_t, short, void *);

void
pool_init(void (*ready)(void))
{
	size_t most = 2 * AGENTS_MAX + SURGE;

	when_ready = ready;
	slots = calloc(most, sizeof(*slots));
	maintain_event = event_new(master.base, -1, 0, pool_maintain, NULL);
	if (slots == NULL || maintain_event == NULL ||
	    claim_init((uint32_t)most) == -1)
		fatal("out of memory");
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
	if (agents < 1 || agents > AGENTS_MAX || agents == wanted)
		return;
	wanted = agents;
	log_info("pool: %lld agents wanted", (long long)wanted);
	pool_changed();
}

int64_t
pool_size(void)
{
	return (wanted);
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

	for (unsigned int i = 0; i < used; i++) {
		const struct slot *slot = &slots[i];
		bool ready = slot->state == AGENT_READY;

		if (slot->config == config) {
			census.current += slot_active(slot);
			census.current_ready += ready;
			census.current_failing += slot->state == AGENT_BACKOFF;
		} else {
			census.old_ready += ready;
		}
	}
	return (census);
}

/* The first empty slot, so that names stay low. */
static struct slot *
pool_vacancy(void)
{
	for (unsigned int i = 0; i < used; i++)
		if (slots[i].state == AGENT_EMPTY)
			return (&slots[i]);
	if (used == 2 * AGENTS_MAX + SURGE)
		return (NULL);
	slot_init(&slots[used], used + 1);
	return (&slots[used++]);
}

/* Starts and failed starts of an old configuration are not worth waiting for.*/
static void
pool_drop_old_starts(void)
{
	for (unsigned int i = 0; i < used; i++)
		if (slots[i].config != config && slot_active(&slots[i]) &&
		    slots[i].state != AGENT_READY)
			slot_drain(&slots[i]);
}

/* Drains one agent that is too many: an old one, else the highest. */
static bool
pool_drain_one(bool old)
{
	for (unsigned int i = used; i-- > 0;) {
		struct slot *slot = &slots[i];

		if (old ? slot->state == AGENT_READY && slot->config != config
			: slot_active(slot) && slot->config == config) {
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
	       census->current + census->old_ready < wanted + SURGE &&
	       (slot = pool_vacancy()) != NULL) {
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
pool_maintain(evutil_socket_t fd, short what, void *arg)
{
	struct census census;
	void (*ready)(void) = when_ready;

	if (stopping)
		return;
	pool_drop_old_starts();
	census = pool_count();
	pool_shrink(&census);
	pool_grow(&census);
	if (ready != NULL &&
	    census.current_ready + census.current_failing >= wanted) {
		when_ready = NULL;
		if (census.current_failing > 0)
			log_warn("pool: %lld of %lld agents do not start",
			    (long long)census.current_failing,
			    (long long)wanted);
		ready();
	}
}

struct slot *
pool_find(uint32_t number, uint32_t generation)
{
	struct slot *slot;

	if (number == 0 || number > used)
		return (NULL);
	slot = &slots[number - 1];
	if (slot->generation != generation || slot->pid == -1)
		return (NULL);
	return (slot);
}

static struct slot *
pool_by_pid(pid_t pid)
{
	for (unsigned int i = 0; i < used; i++)
		if (slots[i].pid == pid)
			return (&slots[i]);
	return (NULL);
}

bool
pool_owns(pid_t pid)
{
	return (pool_by_pid(pid) != NULL);
}

bool
pool_reaped(pid_t pid, int wait_status)
{
	struct slot *slot = pool_by_pid(pid);

	if (slot == NULL)
		return (false);
	slot_reaped(slot, wait_status);
	return (true);
}

void
pool_frontend_lost(void)
{
	for (unsigned int i = 0; i < used; i++)
		/* One whose socket was not passed on has lost nothing. */
		if (slots[i].pid != -1 && slots[i].ends.socket_fd == -1)
			slot_stop(&slots[i]);
}

void
pool_introduce(void)
{
	for (unsigned int i = 0; i < used; i++) {
		channel_agent_state(&slots[i]);
		slot_offer(&slots[i]);
	}
}

void
pool_shutdown(bool now)
{
	stopping = true;
	for (unsigned int i = 0; i < used; i++) {
		if (now)
			slot_kill(&slots[i], "shutdown");
		else
			slot_stop(&slots[i]);
	}
}

unsigned int
pool_alive(void)
{
	unsigned int alive = 0;

	for (unsigned int i = 0; i < used; i++)
		alive += slots[i].pid != -1;
	return (alive);
}
