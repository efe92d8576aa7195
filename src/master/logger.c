/*
 * Keeps the process that writes the log.  Lines go to it through a pipe, which
 * is all that there is of a buffer: when that is full, lines are dropped and
 * counted by log.c.  The pipe is the master's at both ends, so that nothing in
 * it is lost when the writer dies.
 */

#include "master/logger.h"
#include "common/clock.h"
#include "common/fd.h"
#include "common/log.h"
#include "common/safe.h"
#include "master/globals.h"
#include "master/logger_run.h"
#include "master/spawn.h"

#include <sys/wait.h>

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <event2/event.h>
#include <event2/event_struct.h>

/* What waits to be written, as far as the system allows it. */
#define BUFFER_BYTES (512 * 1024)

/* To open the destination. */
#define OPEN_LIMIT_MS 5000

/* Between the deaths of writers. */
#define AGAIN_MS 1000

/* At the end of the master, for what is left. */
#define FINISH_LIMIT_MS 1000

/* Writers of what was logged before a rotation, while they are at it. */
#define LEAVING_MAX 8

struct logger {
	pid_t pid;
	int lines[2];  /* the pipe */
	int status_fd; /* until it has said how it is */
};

#define NO_LOGGER                \
	{                        \
		-1, {-1, -1}, -1 \
	}

static struct logger now = NO_LOGGER, next = NO_LOGGER;
static pid_t leaving[LEAVING_MAX];
static char *destination; /* NULL: the log is written without one */
static struct event opened, limit, again;
static bool wanted; /* to be opened once more after that */

static void logger_next_limit(evutil_socket_t, short, void *);
static void logger_next_status(evutil_socket_t, short, void *);
static void logger_again(evutil_socket_t, short, void *);

static void
logger_close(struct logger *logger)
{
	fd_close(&logger->lines[0]);
	fd_close(&logger->lines[1]);
	fd_close(&logger->status_fd);
}

static int
logger_pipe(struct logger *logger)
{
	if (fd_pipe(logger->lines) == -1)
		return (-1);
	/* Fewer lines are kept where it may not be so large. */
	(void)!fcntl(logger->lines[1], F_SETPIPE_SZ, BUFFER_BYTES);
	return (fd_prepare(logger->lines[1]));
}

/* Forks a writer for a pipe that is there.  0, or -1 with errno. */
static int
logger_fork(struct logger *logger)
{
	int status[2], fds[3];

	if (fd_pipe(status) == -1)
		return (-1);
	fds[0] = STDERR_FILENO;
	fds[1] = logger->lines[0];
	fds[2] = status[1];
	logger->pid =
	    spawn_child(&spawn_logger, fds, 3, logger_run, destination);
	fd_close(&status[1]);
	if (logger->pid == -1) {
		fd_close(&status[0]);
		return (-1);
	}
	logger->status_fd = status[0];
	return (0);
}

/* What it says: NULL, it is open; or why not. */
static const char *
logger_status(struct logger *logger)
{
	static char why[SAFE_WHY_SIZE];
	ssize_t got = read(logger->status_fd, why, sizeof(why) - 1);

	fd_close(&logger->status_fd);
	if (got == 1 && why[0] == '\0')
		return (NULL);
	if (got <= 0)
		return ("the process that writes it has died");
	why[got] = '\0';
	return (why);
}

void
logger_start(const char *to)
{
	struct pollfd p = {.events = POLLIN};
	const char *why = "it does not open";

	if ((destination = strdup(to)) == NULL)
		fatal("out of memory");
	if (logger_pipe(&now) == -1 || logger_fork(&now) == -1)
		fatal("cannot start to log: %s", strerror(errno));
	p.fd = now.status_fd;
	if (poll(&p, 1, OPEN_LIMIT_MS) == 1)
		why = logger_status(&now);
	if (why != NULL) {
		kill(now.pid, SIGKILL);
		fatal("%s: %s", to, why);
	}
	log_open_lines(now.lines[1]);
}

void
logger_init(void)
{
	evtimer_assign(&limit, master.base, logger_next_limit, NULL);
	evtimer_assign(&again, master.base, logger_again, NULL);
}

static void
logger_arm(struct event *event, int64_t ms)
{
	struct timeval tv = clock_timeval(ms);

	evtimer_add(event, &tv);
}

/* It ends by itself, when it has written what is left. */
static void
logger_leave(pid_t pid)
{
	for (size_t i = 0; i < LEAVING_MAX; i++)
		if (leaving[i] <= 0) {
			leaving[i] = pid;
			return;
		}
	kill(pid, SIGKILL);
}

/* The process that opens the destination again has come to an end with it. */
static void
logger_next_done(const char *why)
{
	evtimer_del(&limit);
	event_del(&opened);
	if (why == NULL) {
		fd_close(&now.lines[0]);
		fd_close(&now.lines[1]);
		if (now.pid != -1)
			logger_leave(now.pid);
		now = next;
		evtimer_del(&again);
		log_open_lines(now.lines[1]);
		log_info("log reopened");
		if (now.pid == -1) /* it has died since */
			logger_arm(&again, AGAIN_MS);
	} else {
		if (next.pid != -1)
			kill(next.pid, SIGKILL);
		logger_close(&next);
		log_error("cannot reopen the log: %s", why);
	}
	next = (struct logger)NO_LOGGER;
	if (wanted) {
		wanted = false;
		logger_reopen();
	}
}

static void
logger_next_status(evutil_socket_t fd, short what, void *arg)
{
	logger_next_done(logger_status(&next));
}

static void
logger_next_limit(evutil_socket_t fd, short what, void *arg)
{
	fd_close(&next.status_fd);
	logger_next_done("it does not open");
}

void
logger_reopen(void)
{
	if (destination == NULL) {
		log_info("log reopened");
		return;
	}
	if (next.lines[0] != -1) {
		wanted = true;
		return;
	}
	if (logger_pipe(&next) == -1 || logger_fork(&next) == -1) {
		log_error("cannot reopen the log: %s", strerror(errno));
		logger_close(&next);
		return;
	}
	event_assign(&opened, master.base, next.status_fd, EV_READ,
	    logger_next_status, NULL);
	if (event_add(&opened, NULL) == -1)
		logger_next_done("out of memory");
	else
		logger_arm(&limit, OPEN_LIMIT_MS);
}

bool
logger_owns(pid_t pid)
{
	for (size_t i = 0; i < LEAVING_MAX; i++)
		if (pid > 0 && leaving[i] == pid)
			return (true);
	return (pid > 0 && (pid == now.pid || pid == next.pid));
}

/* The lines wait in the pipe meanwhile. */
static void
logger_again(evutil_socket_t fd, short what, void *arg)
{
	if (logger_fork(&now) == -1) {
		log_error("cannot write the log: %s", strerror(errno));
		logger_arm(&again, AGAIN_MS);
		return;
	}
	fd_close(&now.status_fd); /* it dies when it cannot */
}

bool
logger_reaped(pid_t pid, int wait_status)
{
	if (!logger_owns(pid))
		return (false);
	for (size_t i = 0; i < LEAVING_MAX; i++)
		if (leaving[i] == pid)
			leaving[i] = 0;
	if (pid == next.pid)
		next.pid = -1; /* its status says why */
	if (pid != now.pid)
		return (true);
	now.pid = -1;
	log_warn("the process that writes the log has died; another follows");
	logger_arm(&again, AGAIN_MS);
	return (true);
}

/* Whether all writers are gone. */
static bool
logger_all_gone(void)
{
	pid_t *pids[LEAVING_MAX + 2] = {&now.pid, &next.pid};
	bool gone = true;

	for (size_t i = 0; i < LEAVING_MAX; i++)
		pids[i + 2] = &leaving[i];
	for (size_t i = 0; i < LEAVING_MAX + 2; i++) {
		if (*pids[i] > 0 && waitpid(*pids[i], NULL, WNOHANG) != 0)
			*pids[i] = -1;
		if (*pids[i] > 0)
			gone = false;
	}
	return (gone);
}

static void
logger_kill(void)
{
	for (size_t i = 0; i < LEAVING_MAX; i++)
		if (leaving[i] > 0)
			kill(leaving[i], SIGKILL);
	if (now.pid > 0)
		kill(now.pid, SIGKILL);
}

void
logger_finish(void)
{
	int64_t give_up = clock_now_ns() + FINISH_LIMIT_MS * NS_PER_MS;

	if (destination == NULL || getpid() != master.pid)
		return;
	log_open_lines(-1);
	logger_close(&now);
	logger_close(&next);
	if (next.pid > 0)
		kill(next.pid, SIGKILL);
	while (!logger_all_gone() && clock_now_ns() < give_up)
		poll(NULL, 0, 1);
	logger_kill();
	give_up = clock_now_ns() + FINISH_LIMIT_MS * NS_PER_MS;
	while (!logger_all_gone() && clock_now_ns() < give_up)
		poll(NULL, 0, 1);
}
