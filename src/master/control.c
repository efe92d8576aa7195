/*
 * Starts the front end, talks to it, listens for its heartbeat, and replaces
 * it when it dies or falls silent.  The listening sockets stay with the
 * master, so that connections wait in their backlog meanwhile.
 */

#include "master/control.h"
#include "common/clock.h"
#include "common/conf.h"
#include "common/fd.h"
#include "common/log.h"
#include "common/peer.h"
#include "master/listen.h"
#include "master/master.h"
#include "master/output.h"
#include "master/pool.h"
#include "master/slot.h"
#include "master/spawn.h"

#include <json-c/json.h>

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

/* A front end that leaves so much unread does not read at all. */
#define QUEUED_MAX_BYTES (16u << 20)

/* Heartbeats within frontend_timeout. */
#define BEATS 5

static struct {
	pid_t pid;
	struct peer *peer;
	struct output *output;
	int64_t spawned_ns;
	int64_t heard_ns;	/* when it last answered */
	bool up;		/* has answered once */
	int64_t probed_ns;	/* when control_probe() last asked */
	unsigned int failures;
	struct event *start;	/* (again) */
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
	struct timeval tv = {ms / 1000, ms % 1000 * 1000};

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
		fatal("out of memory");
	control_start(-1, 0, NULL);
}

bool
control_up(void)
{
	return (front.up);
}

bool
control_present(void)
{
	return (front.peer != NULL);
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

/* The channel is of no use any more, and so is who is at its other end. */
static void
control_lost(const char *why)
{
	peer_free(front.peer);
	front.peer = NULL;
	evtimer_del(front.beat);
	if (!front.stopping)
		control_kill(why);
}

/* Sends one frame; a front end that cannot be told things is of no use. */
static int
control_send(enum wire_type type, const struct slot *slot, const void *body,
    size_t length, int fd)
{
	struct iovec part = {(void *)(uintptr_t)body, length};
	struct frame_header header;

	if (front.peer == NULL)
		return (-1);
	frame_header_init(&header, type, slot == NULL ? 0 : slot->number,
	    slot == NULL ? 0 : slot->generation, NULL, length);
	if (peer_send(front.peer, &header, &part, 1, fd) == -1) {
		control_lost(strerror(errno));
		return (-1);
	}
	if (peer_queued(front.peer) > QUEUED_MAX_BYTES)
		control_lost("does not read its messages");
	return (0);
}

static struct wire_agent
control_describe(const struct slot *slot)
{
	return ((struct wire_agent){.state = slot->state,
	    .pid = slot->pid,
	    .restarts = slot->restarts});
}

int
control_agent_up(const struct slot *slot, int socket_fd)
{
	struct wire_agent body = control_describe(slot);

	return (control_send(
	    WIRE_AGENT_UP, slot, &body, sizeof(body), socket_fd));
}

void
control_agent_state(const struct slot *slot)
{
	struct wire_agent body = control_describe(slot);

	(void)!control_send(WIRE_AGENT_STATE, slot, &body, sizeof(body), -1);
}

int
control_agent_drain(const struct slot *slot)
{
	return (control_send(WIRE_AGENT_DRAIN, slot, NULL, 0, -1));
}

void
control_agent_gone(const struct slot *slot, int wait_status)
{
	struct wire_gone body = {.wait_status = wait_status,
	    .restarts = slot->restarts};

	(void)!control_send(WIRE_AGENT_GONE, slot, &body, sizeof(body), -1);
}

void
control_listen(const char *name, int fd)
{
	(void)!control_send(WIRE_LISTEN, NULL, name, strlen(name), fd);
}

void
control_unlisten(const char *name)
{
	(void)!control_send(WIRE_UNLISTEN, NULL, name, strlen(name), -1);
}

void
control_config(void)
{
	struct json_object *json = conf_to_json(master.conf);
	const char *text;
	size_t length;

	text = json == NULL ? NULL
			    : json_object_to_json_string_length(
				  json, JSON_C_TO_STRING_PLAIN, &length);
	if (text != NULL)
		(void)!control_send(WIRE_CONFIG, NULL, text, length, -1);
	else
		log_error("frontend: no memory to send the configuration");
	json_object_put(json);
}

void
control_drain(int64_t timeout_ms)
{
	struct wire_drain body = {.timeout_ms = timeout_ms};

	front.stopping = true;
	if (control_send(WIRE_DRAIN, NULL, &body, sizeof(body), -1) == -1)
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

/* Messages from the front end. */

static void
control_on_pong(void *arg, const struct frame *frame)
{
	bool first = !front.up;

	front.heard_ns = clock_now_ns();
	front.up = true;
	if (first)
		front.came_up();
}

static void
control_on_kill(void *arg, const struct frame *frame)
{
	struct slot *slot =
	    pool_find(frame->header.slot, frame->header.generation);
	struct wire_kill body;

	memcpy(&body, frame->body, sizeof(body));
	if (slot == NULL)
		return;
	if (body.cause == CAUSE_CLOSED) {
		slot_suspect(slot);
		return;
	}
	/* It is killed for its call, so its start was good. */
	slot->worked = true;
	slot_kill(slot, wire_cause_name(body.cause));
}

static void
control_on_free(void *arg, const struct frame *frame)
{
	struct slot *slot =
	    pool_find(frame->header.slot, frame->header.generation);

	if (slot != NULL)
		slot_stop(slot);
}

static void
control_on_drained(void *arg, const struct frame *frame)
{
	if (front.stopping)
		front.drained();
}

static const peer_handler handlers[WIRE_TYPES] = {
    [WIRE_PONG] = control_on_pong,
    [WIRE_AGENT_KILL] = control_on_kill,
    [WIRE_AGENT_FREE] = control_on_free,
    [WIRE_DRAINED] = control_on_drained,
};

/* Its end of the channel is closed: it is dead, or as good as dead. */
static void
control_on_gone(void *arg, const char *reason, int error)
{
	control_lost(reason);
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
	master.options.roles.frontend(master.conf, master.options.catalogue);
}

static int
control_watch(int channel_fd, int output_fd)
{
	struct peer_config config = {
	    .self = WIRE_MASTER,
	    .other = WIRE_FRONTEND,
	    .handlers = handlers,
	    .gone = control_on_gone,
	    .max_body = WIRE_MAX_BODY,
	};

	front.output =
	    output_new(output_fd, "frontend", false, control_output_gone, NULL);
	if (front.output == NULL) {
		close(output_fd);
		close(channel_fd);
		return (-1);
	}
	front.peer = peer_new(master.base, channel_fd, &config);
	if (front.peer == NULL) {
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
	/* Agents first: with the first socket comes the first call. */
	pool_introduce();
	listen_introduce();
	control_beat(-1, 0, NULL);
}

bool
control_probe(void)
{
	bool alive = front.peer != NULL && front.heard_ns >= front.probed_ns;

	front.probed_ns = clock_now_ns();
	(void)!control_send(WIRE_PING, NULL, NULL, 0, -1);
	return (alive);
}

/* The next heartbeat, unless the last ones were not answered. */
static void
control_beat(evutil_socket_t fd, short what, void *arg)
{
	if (clock_now_ns() - front.heard_ns >
	    master.conf->frontend_timeout_ms * NS_PER_MS) {
		control_kill("does not answer");
		return;
	}
	if (control_send(WIRE_PING, NULL, NULL, 0, -1) == 0)
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
	control_arm(front.start, front.failures == 1 ? 0 : control_backoff_ms());
}

bool
control_reaped(pid_t pid, int wait_status)
{
	if (pid != front.pid)
		return (false);
	front.pid = -1;
	peer_free(front.peer);
	front.peer = NULL;
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
	if (front.stopping)
		front.drained();
	else
		control_restart();
	return (true);
}
