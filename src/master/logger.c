/*
 * Keeps the process that writes the log.  Lines go to it through a pipe, which
 * is all that there is of a buffer: when that is full, lines are dropped and
 * counted by log.c.  The pipe is the master's at both ends, so that nothing in
 * it is lost when the writer dies.
 *
 * That process has no other duty than to write and to wait for whatever keeps
 * it waiting: a disk that hangs, a FIFO that nobody reads, a terminal that is
 * stopped.  What cannot be written, to a full disk, is lost; how much that was
 * is said as soon as something can be.
 */

#include "master/logger.h"
#include "common/clock.h"
#include "common/fd.h"
#include "common/log.h"
#include "common/safe.h"
#include "master/globals.h"
#include "master/spawn.h"
#include "master/user.h"

#include <sys/prctl.h>
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

/* At the end of the master, for what is left. */
#define FINISH_LIMIT_MS 1000

/* Writers of what was logged before a rotation, while they are at it. */
#define LEAVING_MAX 8

/* In the child, besides standard error: lines, and where it says how it is. */
#define LINES_FD 3
#define STATUS_FD 4

/* Without a master it has so long for the rest, seconds. */
#define LAST_S 1

/* Written at once, if so much is there. */
#define CHUNK_BYTES 65536

struct logger {
	pid_t pid;
	int lines[2];  /* the pipe */
	int status_fd; /* until it has said how it is */
};

#define NO_LOGGER ((struct logger){-1, {-1, -1}, -1})

static struct logger now = NO_LOGGER, next = NO_LOGGER;
static pid_t leaving[LEAVING_MAX];
static char *destination; /* NULL: the log is written without one */
static struct event opened, limit, again;
static bool wanted; /* to be opened once more after that */

static void logger_next_limit(evutil_socket_t, short, void *);
static void logger_next_status(evutil_socket_t, short, void *);
static void logger_again(evutil_socket_t, short, void *);

/* In the child: lines that could not be written; the last one only in part. */
static unsigned long lost;
static bool torn;

static void
logger_on_term(int signo)
{
	alarm(LAST_S);
}

static void __attribute__((noreturn)) logger_refuse(const char *why)
{
	if (write(STATUS_FD, why, strlen(why)) == -1)
		_exit(2);
	_exit(1);
}

/* Takes what it needs of the master's rights, and gives the others up. */
static void
logger_open(void)
{
	int null;

	if (log_open(destination) == -1)
		logger_refuse(log_open_why());
	if (user_become() == -1)
		logger_refuse("cannot change user");
	user_keep_out();
	/* A change of user clears it. */
	if (prctl(PR_SET_PDEATHSIG, SIGTERM) == -1)
		logger_refuse("cannot request a death signal");
	/* A terminal is not held on to. */
	if (log_fd() != STDERR_FILENO &&
	    (null = open("/dev/null", O_WRONLY | O_CLOEXEC)) != -1) {
		dup2(null, STDERR_FILENO);
		fd_close(&null);
	}
}

/* Waits for as long as it takes.  False: errno says what is in the way. */
static bool
logger_write(const char *data, size_t len)
{
	struct pollfd p = {.fd = log_fd(), .events = POLLOUT};
	ssize_t put;

	while (len > 0) {
		put = write(p.fd, data, len);
		if (put > 0) {
			torn = data[put - 1] != '\n';
			data += put;
			len -= (size_t)put;
		} else if (put == -1 && errno == EAGAIN) {
			(void)poll(&p, 1, -1);
		} else if (put == 0 || errno != EINTR) {
			return (false);
		}
	}
	return (true);
}

/* Says how many lines are missing here.  False: not even that can be. */
static bool
logger_tell(void)
{
	char line[128], when[CLOCK_FORMAT_SIZE];
	int len;

	if (lost == 0)
		return (true);
	clock_format(clock_wall_ns(), when);
	len = snprintf(line, sizeof(line),
	    "%s%s agentd[%d] warning: %lu log line%s lost\n", torn ? "\n" : "",
	    when, (int)getpid(), lost, lost == 1 ? " was" : "s were");
	if (!logger_write(line, (size_t)len))
		return (false);
	lost = 0;
	return (true);
}

void
logger_run(void *unused)
{
	static char chunk[CHUNK_BYTES];
	struct pollfd p = {.fd = LINES_FD, .events = POLLIN};
	ssize_t got;

	signal(SIGTERM, logger_on_term);
	signal(SIGXFSZ, SIG_IGN); /* it is as full as on a full disk */
	logger_open();
	(void)!write(STATUS_FD, "", 1);
	close(STATUS_FD);
	for (;;) {
		got = read(LINES_FD, chunk, sizeof(chunk));
		if (got > 0 &&
		    !(logger_tell() && logger_write(chunk, (size_t)got)))
			for (ssize_t i = 0; i < got; i++)
				lost += chunk[i] == '\n';
		if (got > 0)
			continue;
		if (got == 0)
			break;
		if (errno == EAGAIN)
			(void)poll(&p, 1, -1);
		else if (errno != EINTR)
			_exit(1);
	}
	(void)logger_tell();
	_exit(0);
}

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
	logger->pid = spawn_child(ROLE_LOGGER, fds, NULL);
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
	const char *why = "it cannot be opened";

	if ((destination = strdup(to)) == NULL)
		log_fatal("out of memory");
	if (logger_pipe(&now) == -1 || logger_fork(&now) == -1)
		log_fatal("cannot start to log: %s", strerror(errno));
	p.fd = now.status_fd;
	if (poll(&p, 1, OPEN_LIMIT_MS) == 1)
		why = logger_status(&now);
	if (why != NULL) {
		kill(now.pid, SIGKILL);
		log_fatal("%s: %s", to, why);
	}
	log_open_lines(now.lines[1]);
}

void
logger_init(void)
{
	evtimer_assign(&limit, master.base, logger_next_limit, NULL);
	evtimer_assign(&again, master.base, logger_again, NULL);
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
			globals_arm(
			    &again, spawn_pause_ms(ROLE_LOGGER, 1, false));
	} else {
		if (next.pid != -1)
			kill(next.pid, SIGKILL);
		logger_close(&next);
		log_error("cannot reopen the log: %s", why);
	}
	next = NO_LOGGER;
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
	logger_next_done("it cannot be opened");
}

void
logger_reopen(void)
{
	if (destination == NULL) {
		log_info("log reopened");
		return;
	}
	if ((wanted = next.lines[0] != -1))
		return;
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
		globals_arm(&limit, OPEN_LIMIT_MS);
}

/* The lines wait in the pipe meanwhile. */
static void
logger_again(evutil_socket_t fd, short what, void *arg)
{
	if (logger_fork(&now) == -1) {
		log_error("cannot write the log: %s", strerror(errno));
		globals_arm(&again, spawn_pause_ms(ROLE_LOGGER, 1, false));
		return;
	}
	fd_close(&now.status_fd); /* it dies when it cannot */
}

void
logger_reaped(pid_t pid, int wait_status)
{
	for (size_t i = 0; i < LEAVING_MAX; i++)
		if (leaving[i] == pid)
			leaving[i] = 0;
	if (pid == next.pid)
		next.pid = -1; /* its status says why */
	if (pid != now.pid)
		return;
	now.pid = -1;
	spawn_replace(ROLE_LOGGER, &again);
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
logger_wait(void)
{
	int64_t give_up = clock_now_ns() + FINISH_LIMIT_MS * NS_PER_MS;

	while (!logger_all_gone() && clock_now_ns() < give_up)
		poll(NULL, 0, 1);
}

void
logger_finish(void)
{
	if (destination == NULL || getpid() != master.pid)
		return;
	log_open_lines(-1);
	logger_close(&now);
	logger_close(&next);
	if (next.pid > 0)
		kill(next.pid, SIGKILL);
	logger_wait();
	for (size_t i = 0; i < LEAVING_MAX; i++)
		if (leaving[i] > 0)
			kill(leaving[i], SIGKILL);
	if (now.pid > 0)
		kill(now.pid, SIGKILL);
	logger_wait();
}
