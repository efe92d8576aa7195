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
#include "common/clock.h"
#include "common/conf.h"
#include "common/fd.h"
#include "common/log.h"
#include "master/control.h"
#include "master/master.h"
#include "master/output.h"
#include "master/pool.h"
#include "master/spawn.h"
#include "master/status.h"

#include <sys/wait.h>

#include <assert.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
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

static unsigned int counts[AGENT_STATES];

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
	struct timeval tv = {ms / 1000, ms % 1000 * 1000};

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
	assert(counts[slot->state] > 0);
	counts[slot->state]--;
	counts[state]++;
	log_debug("agent-%u: %s -> %s", slot->number,
	    state_names[slot->state], state_names[state]);
	slot->state = state;
	evtimer_del(slot->timer);
	if ((patience_ms = slot_patience_ms(slot)) != -1)
		slot_arm(slot, patience_ms);
	control_agent_state(slot);
	pool_changed();
}

unsigned int
slot_count(enum agent_state state)
{
	return (counts[state]);
}

bool
slot_active(const struct slot *slot)
{
	if (slot->state == AGENT_KILLED) /* about to be free again */
		return (!slot->expected && !slot->lingers);
	return (slot->state == AGENT_STARTING || slot->state == AGENT_READY ||
	    slot->state == AGENT_BACKOFF);
}

void
slot_init(struct slot *slot, uint32_t number)
{
	memset(slot, 0, sizeof(*slot));
	slot->number = number;
	slot->pid = -1;
	slot->socket_fd = slot->status_fd = -1;
	if ((slot->timer = evtimer_new(master.base, slot_timer, slot)) == NULL)
		fatal("out of memory");
	counts[AGENT_EMPTY]++;
}

/* In the child. */
static void
slot_run(void *arg)
{
	struct slot *slot = arg;

	master.options.roles.agent(
	    slot->number, slot->generation, master.conf);
}

/* The process and all its pipes are gone: what is next for this slot? */
static void
slot_vacate(struct slot *slot)
{
	bool failed = !slot->expected && !slot->worked && !slot->left &&
	    clock_now_ns() - slot->spawned_ns < SUSTAINED_NS;

	fd_close(&slot->socket_fd);
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
	return (slot->pid == -1 && slot->status_fd == -1 &&
	    slot->output == NULL);
}

static void
slot_output_gone(void *arg)
{
	struct slot *slot = arg;

	output_free(slot->output);
	slot->output = NULL;
	if (slot_dead(slot))
		slot_vacate(slot);
}

static void
slot_status_close(struct slot *slot)
{
	if (slot->status_event != NULL)
		event_free(slot->status_event);
	slot->status_event = NULL;
	fd_close(&slot->status_fd);
}

void
slot_suspect(struct slot *slot)
{
	if (slot->state == AGENT_STARTING || slot->state == AGENT_READY ||
	    slot->state == AGENT_DRAINING)
		slot_arm(slot, SUSPECT_MS);
}

static void
slot_status_gone(struct slot *slot)
{
	slot_status_close(slot);
	if (slot_dead(slot))
		slot_vacate(slot);
	else if (slot->pid != -1)
		slot_suspect(slot);
}

static void
slot_ready(struct slot *slot)
{
	if (slot->state != AGENT_STARTING)
		return;
	log_info("agent-%u: ready (pid %d)", slot->number, (int)slot->pid);
	slot_set_state(slot, AGENT_READY);
	slot_offer(slot);
}

static void
slot_status_readable(evutil_socket_t fd, short what, void *arg)
{
	struct slot *slot = arg;
	struct wire_status status;

	switch (status_read(slot->status_fd, slot->generation, &status)) {
	case STATUS_MORE:
		return;
	case STATUS_END:
		slot_status_gone(slot);
		return;
	case STATUS_BAD:
		slot_kill(slot, "wrote garbage to its status pipe");
		return;
	case STATUS_MESSAGE:
		break;
	}
	if (status.kind == STATUS_READY)
		slot_ready(slot);
	else if (status.kind == STATUS_WORKED)
		slot->worked = true;
	else
		log_warn("agent-%u: %s", slot->number, status.reason);
}

void
slot_offer(struct slot *slot)
{
	if (slot->state != AGENT_READY || slot->socket_fd == -1 ||
	    !control_present())
		return;
	if (control_agent_up(slot, slot->socket_fd) == 0)
		fd_close(&slot->socket_fd);
	else if (control_present())
		slot_kill(slot, "its socket could not be passed on");
}

/* The parent's ends of an agent's channels, and the child's. */
struct ends {
	int socket[2], status[2], output[2];
};

static void
ends_close(struct ends *ends)
{
	for (int i = 0; i < 2; i++) {
		fd_close(&ends->socket[i]);
		fd_close(&ends->status[i]);
		fd_close(&ends->output[i]);
	}
}

/* Returns NULL, or what failed, with errno. */
static const char *
ends_open(struct ends *ends)
{
	memset(ends, -1, sizeof(*ends));
	if (fd_socketpair(ends->socket) == -1 ||
	    fd_set_blocking(ends->socket[1]) == -1)
		return ("socketpair");
	if (fd_pipe(ends->status) == -1 || fd_pipe(ends->output) == -1)
		return ("pipe");
	return (NULL);
}

/* Starts to listen to what the child is going to say. */
static int
slot_watch(struct slot *slot, struct ends *ends)
{
	char who[32];

	slot->status_event = event_new(master.base, ends->status[0],
	    EV_READ | EV_PERSIST, slot_status_readable, slot);
	if (slot->status_event == NULL ||
	    event_add(slot->status_event, NULL) == -1)
		return (-1);
	snprintf(who, sizeof(who), "agent-%u", slot->number);
	slot->output =
	    output_new(ends->output[0], who, true, slot_output_gone, slot);
	if (slot->output == NULL)
		return (-1);
	slot->status_fd = ends->status[0];
	slot->socket_fd = ends->socket[0];
	ends->status[0] = ends->output[0] = ends->socket[0] = -1;
	return (0);
}

static void
slot_unwatch(struct slot *slot)
{
	output_free(slot->output);
	slot->output = NULL;
	slot_status_close(slot);
	fd_close(&slot->socket_fd);
}

/* Returns NULL, or what failed, with errno. */
static const char *
slot_fork(struct slot *slot, struct ends *ends)
{
	int fds[] = {ends->output[1], ends->socket[1], ends->status[1]};

	if (slot_watch(slot, ends) == -1)
		return ("events");
	slot->pid = spawn_child(&spawn_agent, fds, 3, slot_run, slot);
	return (slot->pid == -1 ? "fork" : NULL);
}

void
slot_spawn(struct slot *slot)
{
	const char *failed;
	struct ends ends;

	assert(slot->state == AGENT_EMPTY && slot_dead(slot));
	slot->generation++;
	slot->worked = slot->left = false;
	slot->killed = slot->expected = slot->lingers = false;
	slot->spawned_ns = clock_now_ns();
	slot->config = pool_config();
	if ((failed = ends_open(&ends)) == NULL)
		failed = slot_fork(slot, &ends);
	ends_close(&ends);
	if (failed == NULL) {
		slot_set_state(slot, AGENT_STARTING);
		return;
	}
	slot_unwatch(slot);
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
	else if (slot->state != AGENT_READY)
		slot_stop(slot);
	else if (control_agent_drain(slot) == -1)
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
	log_info("agent-%u: killed (pid %d): %s", slot->number,
	    (int)slot->pid, why);
	slot->killed = true;
	slot_signal(slot, SIGKILL);
	slot_set_state(slot, AGENT_KILLED);
}

static void
slot_log_death(const struct slot *slot, int wait_status)
{
	if (slot->killed || slot->expected)
		log_debug("agent-%u: gone (pid %d)", slot->number,
		    (int)slot->pid);
	else if (wait_status == 0)
		log_info("agent-%u: exited, pid %d", slot->number,
		    (int)slot->pid);
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
	slot_log_death(slot, wait_status);
	slot->pid = -1;
	slot->left = slot->state != AGENT_STARTING && wait_status == 0;
	if (!slot->expected)
		slot->restarts++;
	control_agent_gone(slot, wait_status);
	slot_set_state(slot, AGENT_KILLED);
	if (slot_dead(slot))
		slot_vacate(slot);
}

/* Dead, but some process that we cannot see holds its pipes. */
static void
slot_abandon(struct slot *slot)
{
	log_warn("agent-%u: dead, but something holds its pipes open",
	    slot->number);
	slot_unwatch(slot);
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
