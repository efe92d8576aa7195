/*
 * Starts services, listens for their heartbeat, and replaces each when it dies
 * or falls silent.  Listening sockets and agents stay with the master, so that
 * connections wait in their backlog while a front end is replaced.
 */

#include "master/service.h"
#include "common/clock.h"
#include "common/fd.h"
#include "common/log.h"
#include "conf/conf.h"
#include "master/globals.h"
#include "master/link.h"
#include "master/output.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include <event2/event.h>

/* One that lived so long has started well. */
#define SUSTAINED_NS (10 * NS_PER_SEC)

/* A daemon of which a service fails so often at its start does not start. */
#define START_TRIES 3

/* Heartbeats within frontend_timeout. */
#define BEATS 5

static struct service {
	const struct role *role; /* NULL: this kind is none */
	enum role_kind kind;
	pid_t pid;
	struct output *output;
	int64_t spawned_ns;
	int64_t heard_ns;    /* when it last answered */
	unsigned int missed; /* heartbeats since then */
	bool up;	     /* has answered once */
	bool ever_up;	     /* or one before it */
	int64_t probed_ns;   /* when service_probe() last asked */
	unsigned int failures;
	struct event *start; /* (again) */
	struct event *beat;
	bool draining;
} services[ROLES];

static bool stopping;
static void (*when_up)(void);
static void (*when_drained)(void);

#define FOREACH_SERVICE(s)                                            \
	for (struct service *s = services; s < services + ROLES; s++) \
		if (s->role != NULL)

bool
service_up(void)
{
	FOREACH_SERVICE (s)
		if (!s->up)
			return (false);
	return (true);
}

bool
service_any(void)
{
	FOREACH_SERVICE (s)
		if (s->pid != -1)
			return (true);
	return (false);
}

/* Most often it is dead already, and its death will be explained. */
static void
service_kill(const struct service *s, const char *why)
{
	if (s->pid == -1)
		return;
	log_info("%s: lost (pid %d): %s", s->role->name, (int)s->pid, why);
	kill(s->pid, SIGKILL);
}

static void
service_link_lost(enum role_kind kind, const char *why)
{
	struct service *s = &services[kind];

	link_detach(kind);
	evtimer_del(s->beat);
	if (!stopping)
		service_kill(s, why);
}

void
service_heard(enum role_kind kind)
{
	struct service *s = &services[kind];
	bool first = !s->up;

	s->heard_ns = clock_now_ns();
	s->missed = 0;
	s->up = s->ever_up = true;
	if (first)
		when_up();
}

/* Whoever has calls to finish has finished them, or never will. */
static void
service_check_drained(void)
{
	FOREACH_SERVICE (s)
		if (s->draining)
			return;
	when_drained();
}

void
service_drained(enum role_kind kind)
{
	services[kind].draining = false;
	if (stopping)
		service_check_drained();
}

void
service_drain(int64_t timeout_ms)
{
	stopping = true;
	FOREACH_SERVICE (s)
		s->draining = s->role->service->drains &&
			      link_drain(s->kind, timeout_ms) == 0;
	service_check_drained();
}

void
service_stop(bool now)
{
	stopping = true;
	FOREACH_SERVICE (s) {
		evtimer_del(s->start);
		if (s->pid != -1)
			kill(s->pid, now ? SIGKILL : s->role->stop_signal);
	}
}

static void
service_output_gone(void *arg)
{
	struct service *s = arg;

	output_free(s->output);
	s->output = NULL;
}

static int
service_watch(struct service *s, int link_fd, int output_fd)
{
	s->output =
	    output_new(output_fd, s->role->name, false, service_output_gone, s);
	if (s->output == NULL) {
		close(output_fd);
		close(link_fd);
		return (-1);
	}
	if (link_attach(s->kind, link_fd, s->role->service->wire,
		s->role->service->handlers) == -1) {
		close(link_fd);
		service_output_gone(s);
		return (-1);
	}
	return (0);
}

static const char *
service_fork(struct service *s, int link[2], int output[2])
{
	int fds[2];

	if (fd_socketpair(link) == -1)
		return ("socketpair");
	if (fd_pipe(output) == -1)
		return ("pipe");
	fds[0] = output[1];
	fds[1] = link[1];
	s->pid = spawn_child(s->kind, fds, NULL);
	return (s->pid == -1 ? "fork" : NULL);
}

/*
 * Forks it.  Returns NULL; or what failed, with errno, and nothing is left
 * behind.
 */
static const char *
service_spawn(struct service *s)
{
	int link[2] = {-1, -1}, output[2] = {-1, -1};
	const char *failed;

	service_output_gone(s); /* of the one before, held by whomever */
	failed = service_fork(s, link, output);
	fd_close(&link[1]);
	fd_close(&output[1]);
	if (failed != NULL) {
		fd_close(&link[0]);
		fd_close(&output[0]);
	} else if (service_watch(s, link[0], output[0]) == -1) {
		kill(s->pid, SIGKILL); /* and starts anew when reaped */
	}
	return (failed);
}

/* The next heartbeat, unless the last ones were not answered. */
static void
service_beat(evutil_socket_t fd, short what, void *arg)
{
	struct service *s = arg;

	/* Counted, not timed: while we slept ourselves it could not answer. */
	if (s->missed >= BEATS) {
		service_kill(s, "does not answer");
		return;
	}
	s->missed++;
	if (link_ping(s->kind) == 0)
		globals_arm(s->beat, master.conf->frontend_timeout_ms / BEATS);
}

/* One that has come up is needed back soon, whatever it died of. */
static int64_t
service_pause_ms(const struct service *s)
{
	return (spawn_pause_ms(s->kind, s->failures, s->up));
}

static void
service_start(evutil_socket_t fd, short what, void *arg)
{
	struct service *s = arg;
	const char *failed;

	s->spawned_ns = s->heard_ns = clock_now_ns();
	if ((failed = service_spawn(s)) != NULL) {
		s->failures++;
		log_error("%s: cannot be started: %s: %s; next try in %lld ms",
		    s->role->name, failed, strerror(errno),
		    (long long)service_pause_ms(s));
		globals_arm(s->start, service_pause_ms(s));
		return;
	}
	log_info("%s: started (pid %d)", s->role->name, (int)s->pid);
	s->up = false;
	s->missed = 0;
	s->role->service->introduce();
	service_beat(-1, 0, s);
}

void
service_init(void (*came_up)(void), void (*drained)(void))
{
	when_up = came_up;
	when_drained = drained;
	link_init(service_link_lost);
	for (enum role_kind kind = 0; kind < ROLES; kind++) {
		struct service *s = &services[kind];

		if (master.roles[kind].service == NULL)
			continue;
		s->role = &master.roles[kind];
		s->kind = kind;
		s->pid = -1;
		s->start = evtimer_new(master.base, service_start, s);
		s->beat = evtimer_new(master.base, service_beat, s);
		if (s->start == NULL || s->beat == NULL)
			log_fatal("out of memory");
	}
	FOREACH_SERVICE (s)
		service_start(-1, 0, s);
}

bool
service_probe(void)
{
	bool alive = true;

	FOREACH_SERVICE (s) {
		if (!link_present(s->kind) || s->heard_ns < s->probed_ns)
			alive = false;
		s->probed_ns = clock_now_ns();
		(void)!link_ping(s->kind);
	}
	return (alive);
}

/* It is replaced.  One failure is no pattern: only one that keeps dying waits.
 */
static void
service_dead(struct service *s, int wait_status)
{
	spawn_log_death(s->role->name, s->pid, wait_status, stopping);
	s->pid = -1;
	link_detach(s->kind);
	evtimer_del(s->beat);
	s->role->service->lost();
	if (stopping) {
		service_drained(s->kind);
		return;
	}
	if (clock_now_ns() - s->spawned_ns > SUSTAINED_NS)
		s->failures = 0;
	s->failures++;
	if (!s->ever_up && s->failures == START_TRIES)
		log_fatal("the %s does not start", s->role->title);
	globals_arm(s->start, s->failures == 1 ? 0 : service_pause_ms(s));
}

void
service_reaped(pid_t pid, int wait_status)
{
	FOREACH_SERVICE (s)
		if (s->pid == pid) {
			service_dead(s, wait_status);
			return;
		}
}
