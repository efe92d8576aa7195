/*
 * The life of one agent, as the master sees it:
 *
 *   EMPTY -> STARTING -> READY -> DRAINING -> STOPPING -> KILLED
 *     ^                                                     |
 *     '---- BACKOFF <---------------------------------------'
 *
 * slot_set_state() alone writes the state.  A death has three parts that come
 * in any order (the process is reaped, its status pipe ends, its standard
 * error ends); the slot is free after the last.  Called by pool.c, which
 * decides what should live; this file only knows how.
 */

#include "master/slot.h"
#include "common/claim.h"
#include "common/clock.h"
#include "common/conf.h"
#include "common/fd.h"
#include "common/log.h"
#include "master/channel.h"
#include "master/delegation.h"
#include "master/ends.h"
#include "master/master.h"
#include "master/output.h"
#include "master/pool.h"
#include "master/spawn.h"

#include <sys/wait.h>

#include <assert.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <event2/event.h>

#define BACKOFF_FIRST_MS 100
#define BACKOFF_LAST_MS 30000

/* An agent that is idle this long is a good start. */
#define SUSTAINED_NS (10 * NS_PER_SEC)

/* How long an agent may take from fork to READY. */
#define START_LIMIT_MS 10000

/* One that closed a channel is dying, or else is killed after this time. */
#define SUSPECT_MS 100

/* KILL is repeated, and the last parts of a death waited for, this often. */
#define KILL_AGAIN_MS 300

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

static void slot_timer(evutil_socket_t, short, void *);

static void
slot_arm(struct slot *slot, int64_t ms)
{
	struct timeval tv = clock_timeval(ms);

	evtimer_add(slot->timer, &tv);
}

static int64_t
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

static void
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

bool
slot_active(const struct slot *slot)
{
	if (slot->state == AGENT_KILLED) /* about to be free again */
		return (!slot->expected && !slot->lingers);
	return (slot->state == AGENT_STARTING || slot->state == AGENT_READY ||
		slot->state == AGENT_BACKOFF);
}

/* In the child. */
static void
slot_run(void *arg)
{
	struct slot *slot = arg;

	master.options.roles.agent(
	    slot->number, slot->generation, master.conf, master.registry);
}

/* The process and all its pipes are gone: what is next for this slot? */
static void
slot_vacate(struct slot *slot)
{
	bool brief = clock_now_ns() - slot->spawned_ns < SUSTAINED_NS;
	bool failed =
	    !slot->expected && (!slot->ready || (!slot->worked && brief));

	fd_close(&slot->ends.socket_fd);
	slot->failures = failed ? slot->failures + 1 : 0;
	if (slot->state != AGENT_EMPTY && slot->state != AGENT_KILLED)
		slot_set_state(slot, AGENT_KILLED);
	if (failed) {
		log_warn("agent-%u: gone before its first call; next try in "
			 "%lld ms",
		    slot->number, (long long)slot_backoff_ms(slot));
		slot_set_state(slot, AGENT_BACKOFF);
	} else {
		slot_set_state(slot, AGENT_EMPTY);
	}
}

static bool
slot_dead(const struct slot *slot)
{
	return (slot->pid == -1 && ends_ended(&slot->ends));
}

void
slot_suspect(struct slot *slot)
{
	if (slot->state == AGENT_STARTING || slot->state == AGENT_READY ||
	    slot->state == AGENT_DRAINING)
		slot_arm(slot, SUSPECT_MS);
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

static void
slot_ready(struct slot *slot)
{
	if (slot->state != AGENT_STARTING)
		return;
	log_info("agent-%u: ready (pid %d)", slot->number, (int)slot->pid);
	slot->ready = true;
	slot_set_state(slot, AGENT_READY);
	slot_offer(slot);
}

static void
slot_garbage(void *arg)
{
	slot_kill(arg, "wrote garbage to its status pipe");
}

void
slot_wear(struct slot *slot, const char *why)
{
	if (slot->worn || slot->state != AGENT_READY)
		return;
	log_info("agent-%u: is to be recycled: %s", slot->number, why);
	slot->worn = true;
	pool_changed();
}

static void
slot_status(void *arg, const struct wire_status *status)
{
	struct slot *slot = arg;

	if (status->kind == STATUS_READY)
		slot_ready(slot);
	else if (status->kind == STATUS_WORKED)
		slot->worked = true;
	else if (status->kind == STATUS_WORN)
		slot_wear(slot, status->reason);
	else
		output_say(slot->ends.output, LOG_WARNING, status->reason);
}

static const struct ends_handlers handlers = {
    .status = slot_status,
    .garbage = slot_garbage,
    .ended = slot_end_gone,
};

void
slot_offer(struct slot *slot)
{
	if (slot->state != AGENT_READY || slot->ends.socket_fd == -1)
		return;
	/* Otherwise it is for the next front end. */
	if (channel_agent_up(slot, slot->ends.socket_fd) == 0)
		fd_close(&slot->ends.socket_fd);
}

void
slot_init(struct slot *slot, uint32_t number)
{
	memset(slot, 0, sizeof(*slot));
	slot->number = number;
	slot->pid = -1;
	ends_init(&slot->ends, &handlers, slot);
	if ((slot->timer = evtimer_new(master.base, slot_timer, slot)) == NULL)
		fatal("out of memory");
}

/* Returns NULL, or what failed, with errno. */
static const char *
slot_fork(struct slot *slot)
{
	int child[ENDS_CHILD];
	const char *failed;
	char who[32];
	int error;

	snprintf(who, sizeof(who), "agent-%u", slot->number);
	failed = ends_open(&slot->ends, who, slot->generation, child);
	if (failed != NULL)
		return (failed);
	slot->pid =
	    spawn_child(&spawn_agent, child, ENDS_CHILD, slot_run, slot);
	error = errno;
	ends_close_child(child);
	if (slot->pid != -1)
		return (NULL);
	ends_close(&slot->ends);
	errno = error;
	return ("fork");
}

/* Chance takes off up to a tenth: what starts together need not end so. */
static int64_t
slot_expiry(int64_t now_ns)
{
	int64_t max_ms = master.conf->max_age_ms;

	if (max_ms == 0)
		return (0);
	max_ms -= arc4random_uniform((uint32_t)(max_ms / 10) + 1);
	return (now_ns + max_ms * NS_PER_MS);
}

void
slot_spawn(struct slot *slot)
{
	const char *failed;

	assert(slot->state == AGENT_EMPTY && slot_dead(slot));
	slot->generation++;
	slot->ready = slot->worked = false;
	slot->killed = slot->expected = slot->lingers = false;
	slot->worn = slot->retired = false;
	slot->spawned_ns = clock_now_ns();
	slot->expires_ns = slot_expiry(slot->spawned_ns);
	claim_reset(claim_of(slot->number, slot->generation));
	slot->config = pool_config();
	if ((failed = slot_fork(slot)) == NULL) {
		slot_set_state(slot, AGENT_STARTING);
		return;
	}
	slot->failures++;
	log_warn("agent-%u: cannot be started: %s: %s; next try in %lld ms",
	    slot->number, failed, strerror(errno),
	    (long long)slot_backoff_ms(slot));
	slot_set_state(slot, AGENT_BACKOFF);
}

void
slot_drain(struct slot *slot)
{
	slot->expected = true;
	if (slot->state == AGENT_BACKOFF)
		slot_set_state(slot, AGENT_EMPTY);
	else if (slot->state != AGENT_READY ||
		 evtimer_pending(slot->timer, NULL)) /* it is under suspicion */
		slot_stop(slot);
	else if (channel_agent_drain(slot) == -1)
		slot_stop(slot);
	else
		slot_set_state(slot, AGENT_DRAINING);
}

/* The whole process group: the agent and what its tool has started. */
static void
slot_signal(struct slot *slot, int signo)
{
	if (slot->pid > 1 && kill(-slot->pid, signo) == -1)
		kill(slot->pid, signo);
}

void
slot_stop(struct slot *slot)
{
	slot->expected = true;
	if (slot->state == AGENT_BACKOFF)
		slot_set_state(slot, AGENT_EMPTY);
	if (slot->pid == -1 || slot->state == AGENT_STOPPING ||
	    slot->state == AGENT_KILLED)
		return;
	slot_signal(slot, SIGTERM);
	slot_set_state(slot, AGENT_STOPPING);
}

void
slot_kill(struct slot *slot, const char *why)
{
	if (slot->state == AGENT_BACKOFF)
		slot_set_state(slot, AGENT_EMPTY);
	if (slot->pid == -1 || slot->killed)
		return;
	log_info(
	    "agent-%u: killed (pid %d): %s", slot->number, (int)slot->pid, why);
	slot->killed = true;
	slot_signal(slot, SIGKILL);
	slot_set_state(slot, AGENT_KILLED);
}

static void
slot_log_death(const struct slot *slot, int wait_status)
{
	if (slot->killed || slot->expected)
		log_debug(
		    "agent-%u: gone (pid %d)", slot->number, (int)slot->pid);
	else if (WIFSIGNALED(wait_status))
		log_warn("agent-%u: died of signal %d (%s), pid %d",
		    slot->number, WTERMSIG(wait_status),
		    strsignal(WTERMSIG(wait_status)), (int)slot->pid);
	else
		log_warn("agent-%u: exited with status %d, pid %d",
		    slot->number, WEXITSTATUS(wait_status), (int)slot->pid);
}

void
slot_reaped(struct slot *slot, int wait_status)
{
	/* Without a front end it has nothing to live for. */
	if (slot->ready && wait_status == 0 && !channel_alive())
		slot->expected = true;
	slot_log_death(slot, wait_status);
	slot->pid = -1;
	delegation_orphaned();
	if (!slot->expected)
		slot->restarts++;
	else if (slot->retired && !slot->killed)
		slot->recycled++;
	channel_agent_gone(slot, wait_status);
	slot_set_state(slot, AGENT_KILLED);
	if (slot_dead(slot))
		slot_vacate(slot);
}

/* Dead, but some process that we cannot see holds its pipes. */
static void
slot_abandon(struct slot *slot)
{
	log_warn(
	    "agent-%u: dead, but something holds its pipes open", slot->number);
	ends_close(&slot->ends);
	slot_vacate(slot);
}

static void
slot_timer(evutil_socket_t fd, short what, void *arg)
{
	struct slot *slot = arg;

	switch (slot->state) {
	case AGENT_STARTING:
		slot_kill(slot, "did not become ready");
		break;
	case AGENT_READY:
	case AGENT_DRAINING:
		slot_kill(slot, "closed its socket or status pipe");
		break;
	case AGENT_STOPPING:
		slot_kill(slot, "did not stop when told to");
		break;
	case AGENT_KILLED:
		if (slot->pid == -1) {
			slot_abandon(slot);
			break;
		}
		slot_signal(slot, SIGKILL);
		slot_arm(slot, KILL_AGAIN_MS);
		slot->lingers = true;
		pool_changed(); /* another slot takes its place */
		break;
	default:
		assert(slot->state == AGENT_BACKOFF);
		slot_set_state(slot, AGENT_EMPTY);
	}
}
