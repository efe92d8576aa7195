/*
 * Help for the tests of a slot: pool, front end, output, processes, timers
 * and the clock, all of them as little as a slot needs.
 */

#include "slot_help.h"

#include "test.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <event2/event.h>

#include "common/claim.h"
#include "common/fd.h"
#include "common/log.h"
#include "common/sys.h"
#include "conf/conf.h"
#include "master/globals.h"
#include "master/link.h"
#include "master/output.h"
#include "master/spawn.h"
#include "master/warden.h"
#include "open_fds.h"

const struct slot *slot_help_slot;
bool slot_help_frontend, slot_help_refuses, slot_help_no_fork;
unsigned int slot_help_no_pipe_at, slot_help_gone;
int64_t slot_help_now_ns, slot_help_armed_ms;
char slot_help_trace[512];

#define HELP_SLOT 3

static bool claims;
static struct conf conf = {.stop_timeout_ms = HELP_STOP_MS};
static const struct role roles[ROLES] = {
    [ROLE_AGENT] = {
	.stop_signal = SIGTERM, .pause_ms = 100, .pause_most_ms = 30000}};

/* The child's ends. */
static int child_status = -1, child_socket = -1;
static int fds_before;

struct output {
	int fd;
	void (*gone)(void *arg);
	void *arg;
};

static void
trace(const char *what)
{
	if (slot_help_trace[0] != '\0')
		strlcat(slot_help_trace, " ", sizeof(slot_help_trace));
	strlcat(slot_help_trace, what, sizeof(slot_help_trace));
}

static void
changed(void)
{
}

bool
link_alive(enum role_kind kind)
{
	return (slot_help_frontend);
}

void
link_agent_state(
    uint32_t number, uint32_t generation, const struct wire_agent *body)
{
	static const char *const names[AGENT_STATES] = {"empty", "starting",
	    "ready", "draining", "stopping", "killed", "backoff"};

	trace(names[body->state]);
}

int
link_agent_up(uint32_t number, uint32_t generation,
    const struct wire_agent *body, int socket_fd)
{
	assert_int_not_equal(fcntl(socket_fd, F_GETFD), -1);
	if (slot_help_refuses || !slot_help_frontend)
		return (-1);
	trace("UP");
	return (0);
}

int
link_agent_drain(uint32_t number, uint32_t generation)
{
	return (slot_help_refuses || !slot_help_frontend ? -1 : 0);
}

void
link_agent_gone(
    uint32_t number, uint32_t generation, const struct wire_gone *body)
{
	slot_help_gone++;
}

void
warden_born(pid_t pid)
{
}

void
warden_gone(pid_t pid)
{
}

struct output *
output_new(
    int fd, const char *who, bool limited, void (*gone)(void *), void *arg)
{
	struct output *output = malloc(sizeof(*output));

	assert_non_null(output);
	assert_string_equal(who, "agent-3");
	*output = (struct output){fd, gone, arg};
	return (output);
}

void
output_hurry(struct output *output)
{
}

void
output_say(struct output *output, int level, const char *line)
{
	trace(line);
}

void
output_free(struct output *output)
{
	if (output == NULL)
		return;
	close(output->fd);
	free(output);
}

pid_t __wrap_spawn_child(enum role_kind, const int *, void *);

pid_t
__wrap_spawn_child(enum role_kind kind, const int *fds, void *arg)
{
	assert_int_equal(kind, ROLE_AGENT);
	if (slot_help_no_fork) {
		errno = EAGAIN;
		return (-1);
	}
	assert_false(fcntl(fds[1], F_GETFL) & O_NONBLOCK);
	child_socket = dup(fds[1]);
	child_status = dup(fds[2]);
	return (HELP_PID);
}

int __wrap_kill(pid_t, int);
int64_t __wrap_clock_now_ns(void);
int __real_event_add(struct event *, const struct timeval *);
int __wrap_event_add(struct event *, const struct timeval *);
int __real_event_del(struct event *);
int __wrap_event_del(struct event *);
int __real_event_pending(const struct event *, short, struct timeval *);
int __wrap_event_pending(const struct event *, short, struct timeval *);

int
__wrap_kill(pid_t pid, int signo)
{
	assert_int_equal(pid, -HELP_PID);
	trace(signo == SIGKILL ? "KILL" : signo == SIGTERM ? "TERM" : "?");
	return (0);
}

int64_t
__wrap_clock_now_ns(void)
{
	return (slot_help_now_ns);
}

int
__wrap_event_add(struct event *event, const struct timeval *tv)
{
	if (slot_help_slot == NULL || event != slot_help_slot->timer)
		return (__real_event_add(event, tv));
	slot_help_armed_ms = tv->tv_sec * 1000 + tv->tv_usec / 1000;
	return (0);
}

int
__wrap_event_del(struct event *event)
{
	if (slot_help_slot == NULL || event != slot_help_slot->timer)
		return (__real_event_del(event));
	slot_help_armed_ms = -1;
	return (0);
}

int
__wrap_event_pending(const struct event *event, short what, struct timeval *tv)
{
	if (slot_help_slot == NULL || event != slot_help_slot->timer)
		return (__real_event_pending(event, what, tv));
	return (slot_help_armed_ms == -1 ? 0 : EV_TIMEOUT);
}

static int
slot_help_pipe2(int ends[2], int flags)
{
	if (slot_help_no_pipe_at == 0 || --slot_help_no_pipe_at > 0)
		return (pipe2(ends, flags));
	errno = EMFILE;
	return (-1);
}

int
slot_help_set_up(void **state)
{
	const struct slot *table;

	fds_before = open_fds();
	if (!claims)
		assert_int_equal(claim_init(HELP_SLOT), 0);
	claims = true;
	master = (struct master){.roles = roles,
	    .conf = &conf,
	    .epoch = HELP_CONFIG,
	    .base = event_base_new()};
	sys.pipe2 = slot_help_pipe2;
	log_set_level(LOG_ERR);
	slot_help_frontend = true;
	slot_help_refuses = slot_help_no_fork = false;
	slot_help_no_pipe_at = slot_help_gone = 0;
	slot_help_now_ns = 1000;
	slot_help_armed_ms = -1;
	slot_help_trace[0] = '\0';
	table = slot_table(HELP_SLOT, changed);
	assert_non_null(table);
	assert_int_equal(slot_init(HELP_SLOT), 0);
	slot_help_slot = &table[HELP_SLOT - 1];
	assert_int_equal(slot_help_slot->state, AGENT_EMPTY);
	return (0);
}

int
slot_help_tear_down(void **state)
{
	if (slot_help_slot->pid != -1)
		slot_help_die(0);
	assert_true(slot_help_slot->state == AGENT_EMPTY ||
		    slot_help_slot->state == AGENT_BACKOFF);
	event_free(slot_help_slot->timer);
	free((void *)(uintptr_t)(slot_help_slot + 1 - HELP_SLOT));
	event_base_free(master.base);
	fd_close(&child_socket);
	assert_int_equal(child_status, -1);
	assert_int_equal(open_fds(), fds_before);
	return (0);
}

void
slot_help_expect(const char *wanted)
{
	assert_string_equal(slot_help_trace, wanted);
	slot_help_trace[0] = '\0';
}

static void
turn(void)
{
	event_base_loop(master.base, EVLOOP_NONBLOCK);
}

void
slot_help_say(enum status_kind kind, uint32_t generation)
{
	struct wire_status status = {
	    .kind = kind, .generation = generation, .reason = "no luck"};

	assert_int_equal(
	    write(child_status, &status, sizeof(status)), sizeof(status));
	turn();
}

void
slot_help_reap(int wait_status)
{
	fd_close(&child_socket);
	slot_reaped(slot_help_slot, wait_status);
}

void
slot_help_end_status(void)
{
	fd_close(&child_status);
	turn();
}

void
slot_help_end_output(void)
{
	slot_help_slot->ends.output->gone(slot_help_slot->ends.output->arg);
}

void
slot_help_die(int wait_status)
{
	if (slot_help_slot->ends.output != NULL)
		slot_help_end_output();
	if (child_status != -1)
		slot_help_end_status();
	slot_help_reap(wait_status);
}

void
slot_help_fire(void)
{
	assert_int_not_equal(slot_help_armed_ms, -1);
	slot_help_armed_ms = -1;
	event_active(slot_help_slot->timer, EV_TIMEOUT, 0);
	turn();
}

void
slot_help_make_ready(void)
{
	slot_spawn(slot_help_slot);
	slot_help_say(STATUS_READY, slot_help_slot->generation);
	slot_help_expect("starting ready UP");
}
