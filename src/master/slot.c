/*
 * The life of one agent, as the master sees it, from its start to its death,
 * which has three parts that come in any order (the process is reaped, its
 * status pipe ends, its standard error ends); the slot is free after the last.
 * What should live is for the pool to decide; this file only knows how.
 *
 *   EMPTY -> STARTING -> READY -> DRAINING -> STOPPING -> KILLED
 *     ^                                                     |
 *     '---- BACKOFF <---------------------------------------'
 */

#include "master/slot.h"
#include "common/claim.h"
#include "common/clock.h"
#include "common/fd.h"
#include "common/log.h"
#include "conf/conf.h"
#include "master/delegation.h"
#include "master/globals.h"
#include "master/link.h"
#include "master/output.h"
#include "master/spawn.h"
#include "master/warden.h"

#include <assert.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <event2/event.h>

/* How long an agent may take from fork to READY. */
#define START_LIMIT_MS 10000

/* An agent that is idle this long is a good start. */
#define SUSTAINED_NS (10 * NS_PER_SEC)

/* One that closed a channel is dying, or else is killed after this time. */
#define SUSPECT_MS 100

/* KILL is repeated, and the last parts of a death waited for, this often. */
#define KILL_AGAIN_MS 300

#define TO(state) (1u << AGENT_##state)

/* Which may follow each, and what is said of an agent that is in it too long.
 */
static const struct {
	const char *name;
	unsigned int followers;
	const char *overdue; /* NULL: that is no reason to kill it */
} states[AGENT_STATES] = {
    [AGENT_EMPTY] = {"empty", TO(STARTING) | TO(BACKOFF), NULL},
    [AGENT_STARTING] = {"starting", TO(READY) | TO(STOPPING) | TO(KILLED),
	"did not become ready"},
    [AGENT_READY] = {"ready", TO(DRAINING) | TO(STOPPING) | TO(KILLED),
	"closed its socket or status pipe"},
    [AGENT_DRAINING] = {"draining", TO(STOPPING) | TO(KILLED),
	"closed its socket or status pipe"},
    [AGENT_STOPPING] = {"stopping", TO(KILLED), "did not stop when told to"},
    [AGENT_KILLED] = {"killed", TO(EMPTY) | TO(BACKOFF), NULL},
    [AGENT_BACKOFF] = {"backing off", TO(EMPTY), NULL},
};

static struct slot *slots;
static void (*slot_changed)(void);

static void slot_timer(evutil_socket_t, short, void *);

/* Others may look at a slot, and only look. */
static struct slot *
slot_own(const struct slot *slot)
{
	return (&slots[slot->number - 1]);
}

static int64_t
slot_pause_ms(const struct slot *slot)
{
	return (spawn_pause_ms(ROLE_AGENT, slot->failures, false));
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
		return (slot_pause_ms(slot));
	default:
		return (-1);
	}
}

static struct wire_agent
slot_describe(const struct slot *slot)
{
	return ((struct wire_agent){.state = slot->state,
	    .pid = slot->pid,
	    .restarts = slot->restarts,
	    .epoch = slot->epoch,
	    .recycled = slot->recycled});
}

static void
slot_tell_state(const struct slot *slot)
{
	struct wire_agent body = slot_describe(slot);

	link_agent_state(slot->number, slot->generation, &body);
}

/* The only one who writes the state; sets the timer by it. */
static void
slot_set_state(struct slot *slot, enum agent_state state)
{
	int64_t patience_ms;

	if (state == slot->state)
		return;
	assert(states[slot->state].followers & 1u << state);
	log_debug("%s: %s -> %s", slot->name, states[slot->state].name,
	    states[state].name);
	slot->state = state;
	evtimer_del(slot->timer);
	if ((patience_ms = slot_patience_ms(slot)) != -1)
		globals_arm(slot->timer, patience_ms);
	slot_tell_state(slot);
	slot_changed();
}

static void
slot_raise(struct slot *slot, enum slot_health health)
{
	if (health > slot->health)
		slot->health = health;
}

bool
slot_active(const struct slot *slot)
{
	if (slot->state == AGENT_KILLED) /* about to be free again */
		return (slot->cause == SLOT_UNASKED);
	return (slot->state == AGENT_STARTING || slot->state == AGENT_READY ||
		slot->state == AGENT_BACKOFF);
}

/* The process and all its pipes are gone: what is next for this slot? */
static void
slot_vacate(struct slot *slot)
{
	bool brief = clock_now_ns() - slot->spawned_ns < SUSTAINED_NS;
	bool failed =
	    slot->cause != SLOT_ASKED &&
	    (slot->health == SLOT_NEW || (slot->health == SLOT_READY && brief));

	fd_close(&slot->ends.socket_fd);
	slot->failures = failed ? slot->failures + 1 : 0;
	if (slot->state != AGENT_EMPTY && slot->state != AGENT_KILLED)
		slot_set_state(slot, AGENT_KILLED);
	if (failed)
		log_warn("%s: gone before its first call; next try in "
			 "%lld ms",
		    slot->name, (long long)slot_pause_ms(slot));
	slot_set_state(slot, failed ? AGENT_BACKOFF : AGENT_EMPTY);
}

static bool
slot_dead(const struct slot *slot)
{
	return (slot->pid == -1 && ends_ended(&slot->ends));
}

void
slot_suspect(const struct slot *slot)
{
	if (slot->state == AGENT_STARTING || slot->state == AGENT_READY ||
	    slot->state == AGENT_DRAINING)
		globals_arm(slot->timer, SUSPECT_MS);
}

/* The status pipe or the standard error has ended. */
static void
slot_end_gone(void *arg)
{
	struct slot *slot = arg;

	if (slot_dead(slot))
		slot_vacate(slot);
	else if (slot->pid != -1 && slot->ends.status_fd == -1)
		slot_suspect(slot);
}

/* Without a front end that takes it, the socket is for the next one. */
static void
slot_offer(struct slot *slot)
{
	struct wire_agent body = slot_describe(slot);

	if (slot->state == AGENT_READY && slot->ends.socket_fd != -1 &&
	    link_agent_up(slot->number, slot->generation, &body,
		slot->ends.socket_fd) == 0)
		fd_close(&slot->ends.socket_fd);
}

void
slot_introduce(const struct slot *slot)
{
	slot_tell_state(slot);
	slot_offer(slot_own(slot));
}

static void
slot_garbage(void *arg)
{
	slot_kill(arg, "wrote garbage to its status pipe");
}

void
slot_wear(const struct slot *slot, const char *why)
{
	/* The front end may have let go of it before we read its word. */
	if (slot->health >= SLOT_WORN ||
	    (slot->state != AGENT_READY && slot->state != AGENT_STOPPING))
		return;
	log_info("%s: is to be recycled: %s", slot->name, why);
	slot_raise(slot_own(slot), SLOT_WORN);
	slot_changed();
}

void
slot_retire(const struct slot *slot)
{
	if (slot->health == SLOT_WORN)
		slot_own(slot)->health = SLOT_RETIRED;
}

static void
slot_status(void *arg, const struct wire_status *status)
{
	struct slot *slot = arg;

	if (status->kind == STATUS_WORKED)
		slot_raise(slot, SLOT_WORKED);
	if (status->kind == STATUS_RECYCLE)
		slot_wear(slot, status->reason);
	if (status->kind == STATUS_FAILED)
		output_say(slot->ends.output, LOG_WARNING, status->reason);
	if (status->kind != STATUS_READY || slot->state != AGENT_STARTING)
		return;
	log_info("%s: ready (pid %d)", slot->name, (int)slot->pid);
	slot_raise(slot, SLOT_READY);
	slot_set_state(slot, AGENT_READY);
	slot_offer(slot);
}

static const struct ends_handlers handlers = {
    .status = slot_status,
    .garbage = slot_garbage,
    .ended = slot_end_gone,
};

const struct slot *
slot_table(unsigned int count, void (*changed)(void))
{
	slot_changed = changed;
	slots = calloc(count, sizeof(*slots));
	return (slots);
}

int
slot_init(uint32_t number)
{
	struct slot *slot = &slots[number - 1];

	slot->number = number;
	snprintf(slot->name, sizeof(slot->name), "agent-%u", number);
	slot->pid = -1;
	ends_init(&slot->ends, &handlers, slot);
	slot->timer = evtimer_new(master.base, slot_timer, slot);
	return (slot->timer == NULL ? -1 : 0);
}

void
slot_run(void *arg)
{
	const struct slot *slot = arg;

	master.options.run.agent(slot->number, slot->generation, master.conf,
	    master.bundle.tools, master.bundle.tools_len);
}

void
slot_spawn(const struct slot *empty)
{
	struct slot *slot = slot_own(empty);
	int64_t age_ms = master.conf->max_age_ms;
	const char *failed;

	assert(slot->state == AGENT_EMPTY && slot->pid == -1);
	slot->generation++;
	slot->health = SLOT_NEW;
	slot->cause = SLOT_UNASKED;
	slot->spawned_ns = clock_now_ns();
	/* Chance takes off up to a tenth: who starts together dies apart. */
	age_ms -= arc4random_uniform((uint32_t)(age_ms / 10) + 1);
	slot->expires_ns =
	    age_ms == 0 ? 0 : slot->spawned_ns + age_ms * NS_PER_MS;
	claim_reset(claim_of(slot->number, slot->generation));
	slot->epoch = master.epoch;
	failed = ends_spawn(
	    &slot->ends, slot->name, slot->generation, slot, &slot->pid);
	if (failed == NULL) {
		warden_born(slot->pid);
		slot_set_state(slot, AGENT_STARTING);
		return;
	}
	slot->failures++;
	log_warn("%s: cannot be started: %s: %s; next try in %lld ms",
	    slot->name, failed, strerror(errno),
	    (long long)slot_pause_ms(slot));
	slot_set_state(slot, AGENT_BACKOFF);
}

/* The whole process group: the agent and what its tool has started. */
static void
slot_signal(const struct slot *slot, int signo)
{
	if (slot->pid > 1 && kill(-slot->pid, signo) == -1)
		kill(slot->pid, signo);
}

void
slot_stop(const struct slot *which)
{
	struct slot *slot = slot_own(which);

	slot->cause = SLOT_ASKED;
	if (slot->state == AGENT_BACKOFF)
		slot_set_state(slot, AGENT_EMPTY);
	if (slot->pid == -1 || slot->state == AGENT_STOPPING ||
	    slot->state == AGENT_KILLED)
		return;
	slot_signal(slot, master.roles[ROLE_AGENT].stop_signal);
	slot_set_state(slot, AGENT_STOPPING);
}

void
slot_drain(const struct slot *slot)
{
	/* One with a timer is under suspicion. */
	if (slot->state == AGENT_READY && !evtimer_pending(slot->timer, NULL) &&
	    link_agent_drain(slot->number, slot->generation) == 0) {
		slot_own(slot)->cause = SLOT_ASKED;
		slot_set_state(slot_own(slot), AGENT_DRAINING);
	} else {
		slot_stop(slot);
	}
}

void
slot_kill(const struct slot *which, const char *why)
{
	struct slot *slot = slot_own(which);

	if (slot->state == AGENT_BACKOFF)
		slot_set_state(slot, AGENT_EMPTY);
	if (slot->pid == -1 || slot->state == AGENT_KILLED)
		return;
	log_info("%s: killed (pid %d): %s", slot->name, (int)slot->pid, why);
	slot_signal(slot, SIGKILL);
	slot_set_state(slot, AGENT_KILLED);
}

void
slot_abort(const struct slot *slot, const char *why)
{
	slot_raise(slot_own(slot), SLOT_WORKED);
	slot_kill(slot, why);
}

void
slot_reaped(const struct slot *which, int wait_status)
{
	struct slot *slot = slot_own(which);
	struct wire_gone body = {.wait_status = wait_status};

	/* Without a front end it has nothing to live for. */
	if (slot->health >= SLOT_READY && wait_status == 0 &&
	    !link_alive(ROLE_FRONTEND))
		slot->cause = SLOT_ASKED;
	spawn_log_death(slot->name, slot->pid, wait_status,
	    slot->state == AGENT_KILLED || slot->cause == SLOT_ASKED);
	output_hurry(slot->ends.output);
	warden_gone(slot->pid);
	slot->pid = -1;
	delegation_orphaned();
	if (slot->cause != SLOT_ASKED)
		slot->restarts++;
	else if (slot->health >= SLOT_WORN)
		slot->recycled++;
	body.restarts = slot->restarts;
	body.recycled = slot->recycled;
	link_agent_gone(slot->number, slot->generation, &body);
	slot_set_state(slot, AGENT_KILLED);
	if (slot_dead(slot))
		slot_vacate(slot);
}

/* Its death takes longer than it should. */
static void
slot_linger(struct slot *slot)
{
	if (slot->pid != -1) {
		slot_signal(slot, SIGKILL);
		globals_arm(slot->timer, KILL_AGAIN_MS);
		if (slot->cause == SLOT_UNASKED)
			slot->cause = SLOT_STUCK;
		slot_changed(); /* another slot takes its place */
		return;
	}
	/* Some process that we cannot see holds its pipes. */
	log_warn("%s: dead, but something holds its pipes open", slot->name);
	ends_close(&slot->ends);
	slot_vacate(slot);
}

static void
slot_timer(evutil_socket_t fd, short what, void *arg)
{
	struct slot *slot = arg;

	if (states[slot->state].overdue != NULL) {
		slot_kill(slot, states[slot->state].overdue);
	} else if (slot->state == AGENT_KILLED) {
		slot_linger(slot);
	} else {
		assert(slot->state == AGENT_BACKOFF);
		slot_set_state(slot, AGENT_EMPTY);
	}
}
