/*
 * A reload, by SIGHUP or an administrator: a transaction.  All that can fail,
 * wait or break is done by a process that is forked for it: parse, check,
 * compare, resolve, open.  What it hands over is taken in whole; then comes the
 * switch, which cannot fail.
 */

#include "master/reload.h"
#include "common/fd.h"
#include "common/log.h"
#include "common/sys.h"
#include "conf/conf.h"
#include "master/bundle.h"
#include "master/globals.h"
#include "master/link.h"
#include "master/listen.h"
#include "master/notify.h"
#include "master/output.h"
#include "master/pool.h"
#include "master/spawn.h"
#include "master/watch.h"

#include <sys/socket.h>
#include <sys/wait.h>

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <syslog.h>
#include <unistd.h>

#include <event2/event.h>
#include <event2/event_struct.h>

/* More than name servers take to say that they do not answer. */
int64_t reload_limit_ms = 20000;

/* Requests that wait for the end of one reload. */
#define WAITING_MAX 64

struct waiting {
	uint64_t numbers[WAITING_MAX];
	size_t count;
};

/* The one that is made, in parts that end in any order. */
static struct {
	bool running;
	pid_t pid; /* -1: reaped, with wait_status */
	int wait_status;
	int socket_fd; /* -1: all was read from it */
	int bundle_fd;
	int watch_fd;	       /* came with the last record; or -1 */
	bool handed_over;      /* the last record was read */
	bool broken;	       /* one before it could not be taken */
	struct output *output; /* NULL: all was read from it */
	struct event readable, limit;
	struct link_reasons reasons;
	struct waiting waiting;
} now = {.pid = -1, .socket_fd = -1, .bundle_fd = -1, .watch_fd = -1};

/* Another was asked for meanwhile: files may have changed since. */
static bool again;
static struct waiting waiting_again;

static bool stopped; /* for good: the daemon stops */
static void (*reload_answer)(
    uint64_t number, bool done, const struct link_reasons *);

static void reload_start(void);
static void reload_check(void);

static void
reload_reason(int level, const char *line)
{
	if (level <= LOG_WARNING)
		link_reason_add(&now.reasons, line);
}

static void __attribute__((format(printf, 1, 2)))
reload_fail(const char *fmt, ...)
{
	char line[160];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(line, sizeof(line), fmt, ap);
	va_end(ap);
	log_error("reload: %s", line);
	reload_reason(LOG_ERR, line);
}

/* From here on nothing can fail. */
static void
reload_switch(struct conf *conf, const struct bundle *bundle)
{
	struct conf *conf_before = master.conf;
	struct bundle bundle_before = master.bundle;

	master.conf = conf;
	master.bundle = *bundle;
	master.epoch++;
	log_set_json(conf->log_format == LOG_AS_JSON);
	log_set_level((int)conf->log_level);
	link_config();
	listen_commit();
	pool_configure(conf);
	watch_take(now.watch_fd);
	now.watch_fd = -1;
	link_catalogue();
	conf_free(conf_before);
	bundle_free(&bundle_before);
}

static bool
reload_take(void)
{
	struct bundle bundle;
	struct conf *conf;

	if (!now.handed_over || now.broken || !WIFEXITED(now.wait_status) ||
	    WEXITSTATUS(now.wait_status) != 0) {
		if (WIFSIGNALED(now.wait_status))
			reload_fail("the process that reads it died of signal "
				    "%d (%s)",
			    WTERMSIG(now.wait_status),
			    strsignal(WTERMSIG(now.wait_status)));
		return (false);
	}
	if (bundle_read(now.bundle_fd, &bundle, &conf) == -1) {
		reload_fail(
		    "cannot take over what was read: %s", strerror(errno));
		return (false);
	}
	reload_switch(conf, &bundle);
	return (true);
}

/* Says how it went to all who wait for that, and begins what comes next. */
static void
reload_end(bool done)
{
	struct waiting waiting = now.waiting;
	bool next = again && !stopped;

	if (!done)
		listen_undo();
	evtimer_del(&now.limit);
	if (now.socket_fd != -1)
		event_del(&now.readable);
	fd_close(&now.socket_fd);
	fd_close(&now.bundle_fd);
	fd_close(&now.watch_fd);
	output_free(now.output);
	now.output = NULL;
	now.running = false;
	if (done)
		log_info("configuration reloaded");
	else
		log_error("reload failed; the old configuration is in force");
	now.waiting = waiting_again;
	waiting_again.count = 0;
	again = false;
	for (size_t i = 0; i < waiting.count; i++)
		reload_answer(waiting.numbers[i], done, &now.reasons);
	if (next)
		reload_start();
	else if (!stopped)
		notify_ready();
}

/* All parts have come to their end. */
static void
reload_check(void)
{
	if (now.running && now.pid == -1 && now.socket_fd == -1 &&
	    now.output == NULL)
		reload_end(reload_take());
}

static void
reload_output_gone(void *arg)
{
	output_free(now.output);
	now.output = NULL;
	reload_check();
}

/* Takes the descriptor out of a message, or -1. */
static int
reload_passed(struct msghdr *message)
{
	struct cmsghdr *header = CMSG_FIRSTHDR(message);
	int fd = -1;

	if (header != NULL && header->cmsg_level == SOL_SOCKET &&
	    header->cmsg_type == SCM_RIGHTS &&
	    header->cmsg_len == CMSG_LEN(sizeof(int)))
		memcpy(&fd, CMSG_DATA(header), sizeof(int));
	return (fd);
}

/* What comes after it is taken all the same, to be undone with the rest. */
static void
reload_break(void)
{
	if (!now.broken)
		reload_fail("cannot take over a socket");
	now.broken = true;
}

/* One record.  False: there is no more, now or ever. */
static bool
reload_receive(void)
{
	union {
		struct cmsghdr header;
		char room[CMSG_SPACE(sizeof(int))];
	} control;
	struct listen_record record;
	struct iovec part = {&record, sizeof(record)};
	struct msghdr message = {.msg_iov = &part,
	    .msg_iovlen = 1,
	    .msg_control = control.room,
	    .msg_controllen = sizeof(control.room)};
	ssize_t got =
	    recvmsg(now.socket_fd, &message, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
	int fd;

	if (got == -1)
		return (errno == EINTR);
	if (got == 0) {
		event_del(&now.readable);
		fd_close(&now.socket_fd);
		return (false);
	}
	fd = reload_passed(&message);
	if (got != sizeof(record) || (message.msg_flags & MSG_CTRUNC) != 0) {
		fd_close(&fd);
		reload_break();
	} else if (record.last) {
		now.handed_over = true;
		fd_close(&now.watch_fd);
		now.watch_fd = fd;
	} else if (listen_take(&record, fd) == -1) {
		reload_break();
	}
	return (true);
}

static void
reload_readable(evutil_socket_t fd, short what, void *arg)
{
	while (now.socket_fd != -1 && reload_receive())
		;
	reload_check();
}

/* Whatever keeps it waiting: others wait for the master. */
static void
reload_give_up(void)
{
	if (now.pid != -1)
		kill(now.pid, master.roles[ROLE_RELOAD].stop_signal);
	now.pid = -1;
	reload_end(false);
}

static void
reload_limit(evutil_socket_t fd, short what, void *arg)
{
	reload_fail("took longer than %lld seconds",
	    (long long)(reload_limit_ms / 1000));
	reload_give_up();
}

/* Descriptors for the child; NULL, or what failed, with errno. */
static const char *
reload_fork(int ours[2], int childs[3])
{
	int pair[2], output[2];

	if ((childs[2] = now.bundle_fd = bundle_open()) == -1)
		return ("memfd_create");
	if (fd_pipe(output) == -1)
		return ("pipe");
	ours[0] = output[0];
	childs[0] = output[1];
	if (sys.socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) ==
	    -1)
		return ("socketpair");
	ours[1] = pair[0];
	childs[1] = pair[1];
	now.pid = spawn_child(ROLE_RELOAD, childs, NULL);
	return (now.pid == -1 ? "fork" : NULL);
}

/* Takes over both descriptors. */
static void
reload_watch(int output_fd, int socket_fd)
{
	now.socket_fd = socket_fd;
	event_assign(&now.readable, master.base, socket_fd,
	    EV_READ | EV_PERSIST, reload_readable, NULL);
	globals_arm(&now.limit, reload_limit_ms);
	now.output =
	    output_new(output_fd, "reload", false, reload_output_gone, NULL);
	if (now.output == NULL)
		close(output_fd);
	else
		output_tap(now.output, reload_reason);
	if (now.output != NULL && event_add(&now.readable, NULL) == 0)
		return;
	reload_fail("out of memory");
	reload_give_up();
}

static void
reload_start(void)
{
	int ours[2] = {-1, -1}, childs[3] = {-1, -1, -1};
	const char *failed;

	now.running = true;
	now.handed_over = now.broken = false;
	now.wait_status = 0;
	now.reasons.len = 0;
	now.reasons.full = false;
	notify_reloading();
	listen_begin();
	failed = reload_fork(ours, childs);
	if (failed != NULL)
		reload_fail(
		    "cannot be started: %s: %s", failed, strerror(errno));
	fd_close(&childs[0]);
	fd_close(&childs[1]);
	if (failed == NULL) {
		reload_watch(ours[0], ours[1]);
		return;
	}
	fd_close(&ours[0]);
	fd_close(&ours[1]);
	reload_end(false);
}

void
reload(void)
{
	if (now.running)
		again = true;
	else if (!stopped)
		reload_start();
}

static void
reload_changed(void)
{
	if (stopped)
		return;
	log_info("manifests changed");
	reload();
}

void
reload_init(
    void (*answer)(uint64_t number, bool done, const struct link_reasons *))
{
	reload_answer = answer;
	evtimer_assign(&now.limit, master.base, reload_limit, NULL);
	watch_init(reload_changed);
}

void
reload_for(uint64_t number)
{
	struct waiting *waiting = now.running ? &waiting_again : &now.waiting;
	static const struct link_reasons none;

	if (waiting->count == WAITING_MAX) {
		reload_answer(number, false, &none);
		return;
	}
	waiting->numbers[waiting->count++] = number;
	reload();
}

void
reload_forget(void)
{
	now.waiting.count = waiting_again.count = 0;
}

void
reload_stop(void)
{
	stopped = true;
	again = false;
	if (now.running)
		reload_give_up();
}

void
reload_reaped(pid_t pid, int wait_status)
{
	if (pid != now.pid) /* it was given up */
		return;
	now.pid = -1;
	now.wait_status = wait_status;
	reload_check();
}
