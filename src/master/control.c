/*
 * Starts the front end, listens for its heartbeat, and replaces it when it dies
 * or falls silent.  The listening sockets stay with the
 * master, so that connections wait in their backlog meanwhile.
 */

#include "master/control.h"
#include "common/clock.h"
#include "common/fd.h"
#include "common/log.h"
#include "conf/conf.h"
#include "master/channel.h"
#include "master/globals.h"
#include "master/listen.h"
#include "master/output.h"
#include "master/pool.h"
#include "master/reload.h"
#include "master/spawn.h"

#include <sys/wait.h>

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include <event2/event.h>

/*
 * Between the deaths of front ends.  One that has come up is needed back
 * soon, whatever it died of; one that never did is not going to.
 */
#define BACKOFF_FIRST_MS 100
#define BACKOFF_UP_MS 500
#define BACKOFF_LAST_MS 30000

/* One that lived so long has started well. */
#define SUSTAINED_NS (10 * NS_PER_SEC)

/* A daemon whose front end fails so often at its own start does not start. */
#define START_TRIES 3

/* Heartbeats within frontend_timeout. */
#define BEATS 5

static struct {
	pid_t pid;
	struct output *output;
	int64_t spawned_ns;
	int64_t heard_ns;    /* when it last answered */
	unsigned int missed; /* heartbeats since then */
	bool up;	     /* has answered once */
	bool ever_up;	     /* or one before it */
	int64_t probed_ns;   /* when control_probe() last asked */
	unsigned int failures;
	struct event *start; /* (again) */
	struct event *beat;
	bool stopping;
	void (*came_up)(void);
	void (*drained)(void);
} front = {.pid = -1};

static void control_start(evutil_socket_t, short, void *);
static void control_beat(evutil_socket_t, short, void *);

static void
control_arm(struct event *event, int64_t ms)
{
	struct timeval tv = clock_timeval(ms);

	evtimer_add(event, &tv);
}

void
control_init(void (*came_up)(void), void (*drained)(void))
{
	front.came_up = came_up;
	front.drained = drained;
	front.start = evtimer_new(master.base, control_start, NULL);
	front.beat = evtimer_new(master.base, control_beat, NULL);
	if (front.start == NULL || front.beat == NULL)
		log_fatal("out of memory");
	control_start(-1, 0, NULL);
}

bool
control_up(void)
{
	return (front.up);
}

pid_t
control_pid(void)
{
	return (front.pid);
}

/* Most often it is dead already, and its death will be explained. */
static void
control_kill(const char *why)
{
	if (front.pid == -1)
		return;
	log_info("frontend: lost (pid %d): %s", (int)front.pid, why);
	kill(front.pid, SIGKILL);
}

void
control_channel_lost(const char *why)
{
	channel_close();
	evtimer_del(front.beat);
	if (!front.stopping)
		control_kill(why);
}

void
control_heard(void)
{
	bool first = !front.up;

	front.heard_ns = clock_now_ns();
	front.missed = 0;
	front.up = front.ever_up = true;
	if (first)
		front.came_up();
}

void
control_drained(void)
{
	if (front.stopping)
		front.drained();
}

void
control_drain(int64_t timeout_ms)
{
	front.stopping = true;
	if (channel_drain(timeout_ms) == -1)
		front.drained();
}

void
control_stop(bool now)
{
	front.stopping = true;
	evtimer_del(front.start);
	if (front.pid != -1)
		kill(front.pid, now ? SIGKILL : SIGTERM);
}

static void
control_output_gone(void *arg)
{
	output_free(front.output);
	front.output = NULL;
}

/* In the child. */
static void
control_run(void *arg)
{
	master.options.tools.forget(
	    master.bundle.tools, master.bundle.tools_len);
	bundle_hide_tools(&master.bundle);
	master.options.roles.frontend(
	    master.conf, master.bundle.catalogue, pool_config());
}

static int
control_watch(int channel_fd, int output_fd)
{
	front.output =
	    output_new(output_fd, "frontend", false, control_output_gone, NULL);
	if (front.output == NULL) {
		close(output_fd);
		close(channel_fd);
		return (-1);
	}
	if (channel_open(channel_fd) == -1) {
		close(channel_fd);
		control_output_gone(NULL);
		return (-1);
	}
	return (0);
}

static const char *
control_fork(int channel[2], int output[2])
{
	int fds[2];

	if (fd_socketpair(channel) == -1)
		return ("socketpair");
	if (fd_pipe(output) == -1)
		return ("pipe");
	fds[0] = output[1];
	fds[1] = channel[1];
	front.pid = spawn_child(&spawn_frontend, fds, 2, control_run, NULL);
	return (front.pid == -1 ? "fork" : NULL);
}

/*
 * Forks it.  Returns NULL; or what failed, with errno, and nothing is left
 * behind.
 */
static const char *
control_spawn(void)
{
	int channel[2] = {-1, -1}, output[2] = {-1, -1};
	const char *failed;

	control_output_gone(NULL); /* of the one before, held by whomever */
	failed = control_fork(channel, output);
	fd_close(&channel[1]);
	fd_close(&output[1]);
	if (failed != NULL) {
		fd_close(&channel[0]);
		fd_close(&output[0]);
	} else if (control_watch(channel[0], output[0]) == -1) {
		kill(front.pid, SIGKILL); /* and starts anew when reaped */
	}
	return (failed);
}

static int64_t
control_backoff_ms(void)
{
	int64_t ms = BACKOFF_FIRST_MS;
	int64_t last_ms = front.up ? BACKOFF_UP_MS : BACKOFF_LAST_MS;

	for (unsigned int i = 1; i < front.failures; i++)
		if ((ms *= 2) >= last_ms)
			return (last_ms);
	return (ms);
}

static void
control_start(evutil_socket_t fd, short what, void *arg)
{
	const char *failed;

	front.spawned_ns = front.heard_ns = clock_now_ns();
	if ((failed = control_spawn()) != NULL) {
		front.failures++;
		log_error("frontend: cannot be started: %s: %s; next try in "
			  "%lld ms",
		    failed, strerror(errno), (long long)control_backoff_ms());
		control_arm(front.start, control_backoff_ms());
		return;
	}
	log_info("frontend: started (pid %d)", (int)front.pid);
	front.up = false;
	front.missed = 0;
	/* Agents first: with the first socket comes the first call. */
	pool_introduce();
	listen_introduce();
	control_beat(-1, 0, NULL);
}

bool
control_probe(void)
{
	bool alive = channel_present() && front.heard_ns >= front.probed_ns;

	front.probed_ns = clock_now_ns();
	(void)!channel_ping();
	return (alive);
}

/* The next heartbeat, unless the last ones were not answered. */
static void
control_beat(evutil_socket_t fd, short what, void *arg)
{
	/* Counted, not timed: while we slept ourselves it could not answer. */
	if (front.missed >= BEATS) {
		control_kill("does not answer");
		return;
	}
	front.missed++;
	if (channel_ping() == 0)
		control_arm(
		    front.beat, master.conf->frontend_timeout_ms / BEATS);
}

/* One failure is no pattern: only a front end that keeps dying waits. */
static void
control_restart(void)
{
	if (clock_now_ns() - front.spawned_ns > SUSTAINED_NS)
		front.failures = 0;
	front.failures++;
	if (!front.ever_up && front.failures == START_TRIES)
		log_fatal("the front end does not start");
	control_arm(
	    front.start, front.failures == 1 ? 0 : control_backoff_ms());
}

bool
control_reaped(pid_t pid, int wait_status)
{
	if (pid != front.pid)
		return (false);
	front.pid = -1;
	channel_close();
	evtimer_del(front.beat);
	if (front.stopping)
		log_debug("frontend: gone (pid %d)", (int)pid);
	else if (WIFSIGNALED(wait_status))
		log_warn("frontend: died of signal %d (%s), pid %d",
		    WTERMSIG(wait_status), strsignal(WTERMSIG(wait_status)),
		    (int)pid);
	else
		log_warn("frontend: exited with status %d, pid %d",
		    WEXITSTATUS(wait_status), (int)pid);
	pool_frontend_lost();
	listen_frontend_lost();
	reload_forget();
	if (front.stopping)
		front.drained();
	else
		control_restart();
	return (true);
}
