/*
 * Keeps the right number of agents of the right configuration.  Every change
 * of a slot's state, of the number wanted or of the configuration leads to
 * pool_maintain(), which compares what is with what should be and takes the
 * steps between; so there is one policy, and no event of its own for each
 * cause.  How many are wanted is scale.c's to say.  Replacing is rolling: a few
 * agents more than wanted are started, and as they are ready old ones drain.
 *
 * An agent that has run its calls, grown too large or lived its time is
 * replaced like one of an old configuration, but few at a time, and each counts
 * until it is gone.
 */

#include "master/pool.h"
#include "common/claim.h"
#include "common/clock.h"
#include "common/log.h"
#include "conf/conf.h"
#include "master/globals.h"
#include "master/link.h"
#include "master/scale.h"
#include "master/slot.h"

#include <sys/resource.h>

#include <inttypes.h>
#include <stdio.h>

#include <event2/event.h>

/* While agents are replaced, a tenth more than wanted may live. */
#define SURGE(agents) ((agents) < 20 ? 1 : (agents) / 10)

#define SLOTS_MAX (2 * SCALE_AGENTS_MAX + SURGE(SCALE_AGENTS_MAX))

/*
 * The master needs the most: standard input and output, log, pidfile, event
 * base and front end, and what is open for a moment while it starts a child.
 */
#define FILES_AT_REST 24

/* For the standard error and the status pipe of each. */
#define FILES_PER_AGENT 2

/* The table never moves; only the first used were ever in use. */
static const struct slot *slots;
static unsigned int used;

/* The agent that the front end would miss least. */
static uint32_t dispensable, dispensable_generation;

static int64_t wanted; /* as of the last pool_maintain() */
static bool stopping;
static struct event *maintain_event;
static void (*when_ready)(void);

#define FOREACH_SLOT(s) \
	for (const struct slot *s = slots; s < slots + used; s++)

static void pool_maintain(evutil_socket_t, short, void *);

void
pool_init(void (*ready)(void))
{
	when_ready = ready;
	slots = slot_table(SLOTS_MAX, pool_changed);
	maintain_event = event_new(master.base, -1, 0, pool_maintain, NULL);
	if (slots == NULL || claim_init(SLOTS_MAX) == -1 ||
	    maintain_event == NULL)
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

int64_t
pool_size(void)
{
	return (scale_now());
}

void
pool_configure(const struct conf *conf)
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

const struct slot *
pool_find(uint32_t number, uint32_t generation)
{
	const struct slot *slot;

	if (number == 0 || number > used)
		return (NULL);
	slot = &slots[number - 1];
	if (slot->generation != generation || slot->pid == -1)
		return (NULL);
	return (slot);
}

static const struct slot *
pool_find_pid(pid_t pid)
{
	FOREACH_SLOT (slot)
		if (slot->pid == pid)
			return (slot);
	return (NULL);
}

bool
pool_has(uint32_t number, uint32_t generation)
{
	return (pool_find(number, generation) != NULL);
}

void
pool_kill(uint32_t number, uint32_t generation, enum wire_cause cause)
{
	const struct slot *slot = pool_find(number, generation);

	if (slot == NULL)
		return;
	if (cause == CAUSE_CLOSED)
		slot_suspect(slot);
	else
		slot_abort(slot, wire_cause_name(cause));
}

void
pool_free(uint32_t number, uint32_t generation)
{
	const struct slot *slot = pool_find(number, generation);

	if (slot != NULL)
		slot_stop(slot);
}

unsigned int
pool_alive(void)
{
	unsigned int alive = 0;

	FOREACH_SLOT (slot)
		alive += slot->pid != -1;
	return (alive);
}

void
pool_stopped(pid_t pid, bool stopped)
{
	const struct slot *slot = pool_find_pid(pid);

	if (slot == NULL)
		return;
	log_info("%s: %s (pid %d)", slot->name,
	    stopped ? "is stopped" : "runs on", (int)pid);
	link_agent_stopped(slot->number, slot->generation, stopped);
}

void
pool_reaped(pid_t pid, int wait_status)
{
	const struct slot *slot = pool_find_pid(pid);

	if (slot != NULL)
		slot_reaped(slot, wait_status);
}

void
pool_frontend_lost(void)
{
	/* One whose socket was not passed on has lost nothing. */
	FOREACH_SLOT (slot)
		if (slot->pid != -1 && slot->ends.socket_fd == -1)
			slot_stop(slot);
}

void
pool_introduce(void)
{
	FOREACH_SLOT (slot)
		slot_introduce(slot);
}

/* Of an old configuration, or worn: it is to go when another is ready. */
static bool
pool_is_old(const struct slot *slot)
{
	return (slot->epoch != master.epoch || slot->health == SLOT_RETIRED);
}

/*
 * Notes which agents are too old by now.  Returns the milliseconds until the
 * next one is, or -1.
 */
static int64_t
pool_age(int64_t now_ns)
{
	int64_t next_ns = -1;

	FOREACH_SLOT (slot) {
		int64_t left_ns = slot->expires_ns - now_ns;

		if (slot->state != AGENT_READY || slot->expires_ns == 0 ||
		    slot->health >= SLOT_WORN)
			continue;
		if (left_ns <= 0)
			slot_wear(slot, "is old (max_age)");
		else if (next_ns == -1 || left_ns < next_ns)
			next_ns = left_ns;
	}
	return (next_ns == -1 ? -1 : next_ns / NS_PER_MS + 1);
}

/* The worn agent that lives longest, of those that serve; or NULL. */
static const struct slot *
pool_next_worn(void)
{
	const struct slot *next = NULL;

	FOREACH_SLOT (slot)
		if (slot->health == SLOT_WORN && slot->epoch == master.epoch &&
		    slot->state == AGENT_READY &&
		    (next == NULL || slot->spawned_ns < next->spawned_ns))
			next = slot;
	return (next);
}

/* As many worn agents are retired at once as may live besides those wanted. */
static void
pool_retire(void)
{
	const struct slot *worn;
	int64_t retired = 0;

	FOREACH_SLOT (slot)
		retired +=
		    slot->health == SLOT_RETIRED && slot->state != AGENT_EMPTY;
	for (; retired < SURGE(wanted) && (worn = pool_next_worn()) != NULL;
	     retired++)
		slot_retire(worn);
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

	FOREACH_SLOT (slot) {
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

/* The one that the front end named, if it can go. */
static bool
pool_drain_dispensable(void)
{
	const struct slot *slot =
	    pool_find(dispensable, dispensable_generation);

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
	for (const struct slot *slot = slots + used; slot-- > slots;) {
		if (old ? slot->state == AGENT_READY && pool_is_old(slot)
			: slot_active(slot) && !pool_is_old(slot)) {
			slot_drain(slot);
			return (true);
		}
	}
	return (false);
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

/* The first empty slot, so that names stay low; NULL: there is none. */
static const struct slot *
pool_vacancy(void)
{
	FOREACH_SLOT (slot)
		if (slot->state == AGENT_EMPTY)
			return (slot);
	if (used == SLOTS_MAX || slot_init(used + 1) == -1)
		return (NULL);
	return (&slots[used++]);
}

/* A failed fork shows in the slot's state, so this always comes to an end. */
static void
pool_grow(struct census *census)
{
	const struct slot *slot;

	while (census->current < wanted &&
	       census->current + census->old_ready < wanted + SURGE(wanted) &&
	       (slot = pool_vacancy()) != NULL) {
		slot_spawn(slot);
		census->current++;
	}
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

static int64_t
pool_sooner(int64_t a_ms, int64_t b_ms)
{
	return (a_ms == -1 || (b_ms != -1 && b_ms < a_ms) ? b_ms : a_ms);
}

static void
pool_maintain(evutil_socket_t fd, short what, void *arg)
{
	int64_t grow_ms, again_ms, now_ns = clock_now_ns();
	struct census census;

	if (stopping)
		return;
	wanted = scale_advance(now_ns, &grow_ms);
	/* Starts that are old before they came up are not waited for. */
	FOREACH_SLOT (slot)
		if (pool_is_old(slot) && slot_active(slot) &&
		    slot->state != AGENT_READY)
			slot_drain(slot);
	again_ms = pool_sooner(grow_ms, pool_age(now_ns));
	pool_retire();
	census = pool_count();
	pool_shrink(&census);
	dispensable = 0;
	pool_grow(&census);
	/* Some things are due by time alone: growth, and age. */
	if (again_ms != -1)
		globals_arm(maintain_event, again_ms);
	pool_tell_ready(&census);
}

void
pool_shutdown(bool now)
{
	stopping = true;
	FOREACH_SLOT (slot) {
		if (now)
			slot_kill(slot, "shutdown");
		else
			slot_stop(slot);
	}
}

int
pool_fits(const struct conf *conf, int64_t agents, char *why, size_t why_size)
{
	int64_t needed = FILES_AT_REST + (int64_t)conf->listen.count +
			 FILES_PER_AGENT * agents;
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) == -1 ||
	    limit.rlim_cur >= (rlim_t)needed)
		return (0);
	snprintf(why, why_size,
	    "only %ju files may be open, but %" PRId64
	    " are needed for %" PRId64
	    " agents: raise the hard limit, see setrlimit(2)",
	    (uintmax_t)limit.rlim_cur, needed, agents);
	return (-1);
}
