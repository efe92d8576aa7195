/*
 * Help for the tests of a slot: pool, front end, output, processes, timers
 * and the clock, all of them as little as a slot needs.
 */

#include "slot_help.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <event2/event.h>

#include "common/claim.h"
#include "common/conf.h"
#include "common/fd.h"
#include "common/log.h"
#include "common/sys.h"
#include "master/channel.h"
#include "master/master.h"
#include "master/output.h"
#include "master/pool.h"
#include "master/spawn.h"
#include "open_fds.h"

struct slot help_slot;
bool help_frontend, help_refuses, help_no_fork;
unsigned int help_no_pipe_at, help_gone;
int64_t help_now_ns, help_armed_ms;
char help_trace[512];

#define HELP_SLOT 3

static bool claims;
static struct conf conf = {.stop_timeout_ms = HELP_STOP_MS};
struct master master;
const struct spawn_kind spawn_agent = {"agent", SIGTERM};

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
	if (help_trace[0] != '\0')
		strlcat(help_trace, " ", sizeof(help_trace));
	strlcat(help_trace, what, sizeof(help_trace));
}

void
pool_changed(void)
{
}

uint32_t
pool_config(void)
{
	return (HELP_CONFIG);
}

bool
channel_alive(void)
{
	return (help_frontend);
}

void
channel_agent_state(const struct slot *slot)
{
	static const char *const names[AGENT_STATES] = {"empty", "starting",
	    "ready", "draining", "stopping", "killed", "backoff"};

	trace(names[slot->state]);
}

int
channel_agent_up(const struct slot *slot, int socket_fd)
{
	assert_int_not_equal(fcntl(socket_fd, F_GETFD), -1);
	if (help_refuses || !help_frontend)
		return (-1);
	trace("UP");
	return (0);
}

int
channel_agent_drain(const struct slot *slot)
{
	return (help_refuses || !help_frontend ? -1 : 0);
}

void
channel_agent_gone(const struct slot *slot, int wait_status)
{
	help_gone++;
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

pid_t
spawn_child(const struct spawn_kind *kind, const int *fds, int count,
    void (*run)(void *arg), void *arg)
{
	assert_ptr_equal(kind, &spawn_agent);
	assert_int_equal(count, 3);
	if (help_no_fork) {
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
	return (help_now_ns);
}

int
__wrap_event_add(struct event *event, const struct timeval *tv)
{
	if (event != help_slot.timer)
		return (__real_event_add(event, tv));
	help_armed_ms = tv->tv_sec * 1000 + tv->tv_usec / 1000;
	return (0);
}

int
__wrap_event_del(struct event *event)
{
	if (event != help_slot.timer)
		return (__real_event_del(event));
	help_armed_ms = -1;
	return (0);
}

int
__wrap_event_pending(const struct event *event, short what, struct timeval *tv)
{
	if (event != help_slot.timer)
		return (__real_event_pending(event, what, tv));
	return (help_armed_ms == -1 ? 0 : EV_TIMEOUT);
}

static int
help_pipe2(int ends[2], int flags)
{
	if (help_no_pipe_at == 0 || --help_no_pipe_at > 0)
		return (pipe2(ends, flags));
	errno = EMFILE;
	return (-1);
}

int
help_set_up(void **state)
{
	fds_before = open_fds();
	if (!claims)
		assert_int_equal(claim_init(HELP_SLOT), 0);
	claims = true;
	master = (struct master){.conf = &conf, .base = event_base_new()};
	sys.pipe2 = help_pipe2;
	log_set_level(LOG_ERR);
	help_frontend = true;
	help_refuses = help_no_fork = false;
	help_no_pipe_at = help_gone = 0;
	help_now_ns = 1000;
	help_armed_ms = -1;
	help_trace[0] = '\0';
	assert_int_equal(slot_init(&help_slot, HELP_SLOT), 0);
	assert_int_equal(help_slot.state, AGENT_EMPTY);
	return (0);
}

int
help_tear_down(void **state)
{
	if (help_slot.pid != -1)
		help_die(0);
	assert_true(
	    help_slot.state == AGENT_EMPTY || help_slot.state == AGENT_BACKOFF);
	event_free(help_slot.timer);
	event_base_free(master.base);
	fd_close(&child_socket);
	assert_int_equal(child_status, -1);
	assert_int_equal(open_fds(), fds_before);
	return (0);
}

void
help_expect(const char *wanted)
{
	assert_string_equal(help_trace, wanted);
	help_trace[0] = '\0';
}

static void
turn(void)
{
	event_base_loop(master.base, EVLOOP_NONBLOCK);
}

void
help_say(enum status_kind kind, uint32_t generation)
{
	struct wire_status status = {
	    .kind = kind, .generation = generation, .reason = "no luck"};

	assert_int_equal(
	    write(child_status, &status, sizeof(status)), sizeof(status));
	turn();
}

void
help_reap(int wait_status)
{
	fd_close(&child_socket);
	slot_reaped(&help_slot, wait_status);
}

void
help_end_status(void)
{
	fd_close(&child_status);
	turn();
}

void
help_end_output(void)
{
	help_slot.ends.output->gone(help_slot.ends.output->arg);
}

void
help_die(int wait_status)
{
	if (help_slot.ends.output != NULL)
		help_end_output();
	if (child_status != -1)
		help_end_status();
	help_reap(wait_status);
}

void
help_fire(void)
{
	assert_int_not_equal(help_armed_ms, -1);
	help_armed_ms = -1;
	event_active(help_slot.timer, EV_TIMEOUT, 0);
	turn();
}

void
help_make_ready(void)
{
	slot_spawn(&help_slot);
	help_say(STATUS_READY, help_slot.generation);
	help_expect("starting ready UP");
}
