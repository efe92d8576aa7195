/*
 * Writes the log and waits for whatever keeps it waiting: a disk that hangs, a
 * FIFO that nobody reads, a terminal that is stopped.  It has no other duty.
 * What cannot be written, to a full disk, is lost; how much that was is said
 * as soon as something can be.
 */

#include "master/logger_run.h"
#include "common/clock.h"
#include "common/fd.h"
#include "common/log.h"
#include "master/user.h"

#include <sys/prctl.h>

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* Without a master it has so long for the rest, seconds. */
#define LAST_S 1

/* Written at once, if so much is there. */
#define CHUNK_BYTES 65536

static unsigned long lost; /* lines that could not be written */
static bool torn;	   /* the last one only in part */

static void
logger_on_term(int signo)
{
	alarm(LAST_S);
}

static void __attribute__((noreturn)) logger_refuse(const char *why)
{
	if (write(LOGGER_STATUS_FD, why, strlen(why)) == -1)
		_exit(2);
	_exit(1);
}

/* Takes what it needs of the master's rights, and gives the others up. */
static void
logger_open(const char *destination)
{
	int null;

	if (log_open(destination) == -1)
		logger_refuse(log_open_why());
	if (user_become() == -1)
		logger_refuse("cannot change user");
	user_keep_out();
	/* A change of user clears it. */
	if (prctl(PR_SET_PDEATHSIG, SIGTERM) == -1)
		logger_refuse("cannot ask for a death signal");
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

static void
logger_count(const char *data, size_t len)
{
	for (size_t i = 0; i < len; i++)
		lost += data[i] == '\n';
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

static void
logger_take(const char *data, size_t len)
{
	if (!logger_tell() || !logger_write(data, len))
		logger_count(data, len);
}

void
logger_run(void *destination)
{
	static char chunk[CHUNK_BYTES];
	struct pollfd p = {.fd = LOGGER_LINES_FD, .events = POLLIN};
	ssize_t got;

	signal(SIGTERM, logger_on_term);
	signal(SIGXFSZ, SIG_IGN); /* it is as full as on a full disk */
	logger_open(destination);
	(void)!write(LOGGER_STATUS_FD, "", 1);
	close(LOGGER_STATUS_FD);
	for (;;) {
		got = read(LOGGER_LINES_FD, chunk, sizeof(chunk));
		if (got > 0)
			logger_take(chunk, (size_t)got);
		else if (got == 0)
			break;
		else if (errno == EAGAIN)
			(void)poll(&p, 1, -1);
		else if (errno != EINTR)
			_exit(1);
	}
	(void)logger_tell();
	_exit(0);
}
