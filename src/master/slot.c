/*
 * The life of one agent, as the master sees it, from its first word to its
 * death, which has three parts that come in any order (the process is reaped,
 * its status pipe ends, its standard error ends); the slot is free after the
 * last.  Called by pool.c, which decides what should live; this file only
 * knows how.
 */

#include "master/slot.h"
#include "common/clock.h"
#include "common/fd.h"
#include "common/log.h"
#include "master/channel.h"
#include "master/delegation.h"
#include "master/ends.h"
#include "master/globals.h"
#include "master/output.h"
#include "master/pool.h"
#include "master/slot_state.h"
#include "master/warden.h"

#include <sys/wait.h>

#include <assert.h>
#include <signal.h>
#include <string.h>

#include <event2/event.h>

/* An agent that is idle this long is a good start. */
#define SUSTAINED_NS (10 * NS_PER_SEC)

/* One that closed a channel is dying, or else is killed after this time. */
#define SUSPECT_MS 100

static void slot_timer(evutil_socket_t, short, void *);

bool
slot_active(const struct slot *slot)
{
	if (slot->state == AGENT_KILLED) /* about to be free again */
		return (!slot->expected && !slot->lingers);
	return (slot->state == AGENT_STARTING || slot->state == AGENT_READY ||
		slot->state == AGENT_BACKOFF);
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
	/* The front end may have let go of it before we read its word. */
	if (slot->worn ||
	    (slot->state != AGENT_READY && slot->state != AGENT_STOPPING))
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

int
slot_init(struct slot *slot, uint32_t number)
{
	memset(slot, 0, sizeof(*slot));
	slot->number = number;
	slot->pid = -1;
	ends_init(&slot->ends, &handlers, slot);
	slot->timer = evtimer_new(master.base, slot_timer, slot);
	return (slot->timer == NULL ? -1 : 0);
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
	output_hurry(slot->ends.output);
	warden_gone(slot->pid);
	slot->pid = -1;
	delegation_orphaned();
	if (!slot->expected)
		slot->restarts++;
	else if (slot->worn)
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
