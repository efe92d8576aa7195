/*
 * Failing system calls and allocations, switched on and off by files while
 * the fault-injection daemon runs: "fork", "socketpair" and "pipe2" hold how
 * many of the next calls fail, "stop_child" how many of the next children stop
 * as they begin, "malloc" the largest size that succeeds, and
 * "libevent" the same for large allocations of libevent; of all of these,
 * "libevent_fail" says how many fail after those that "libevent_pass" says.
 */

#include "fault.h"

#include "common/sys.h"
#include "master/reload.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static struct sys real;

static bool
fault_path(const char *name, char *path, size_t size)
{
	const char *dir = getenv(FAULT_DIR);

	if (dir == NULL)
		return (false);
	snprintf(path, size, "%s/%s", dir, name);
	return (true);
}

long
fault_switch(const char *name)
{
	char path[512], text[32];
	int fd, saved = errno;
	ssize_t got;

	if (!fault_path(name, path, sizeof(path)))
		return (-1);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	errno = saved;
	if (fd == -1)
		return (-1);
	got = read(fd, text, sizeof(text) - 1);
	close(fd);
	text[got > 0 ? got : 0] = '\0';
	return (atol(text));
}

/* True for as many calls as the file says; it then goes away. */
static bool
fault_due(const char *name, int error)
{
	long left = fault_switch(name);
	char path[512];
	int fd;

	if (left <= 0 || !fault_path(name, path, sizeof(path)))
		return (false);
	if (left == 1)
		unlink(path);
	else if ((fd = open(path, O_WRONLY | O_TRUNC | O_CLOEXEC)) != -1) {
		dprintf(fd, "%ld", left - 1);
		close(fd);
	}
	errno = error;
	return (true);
}

/* A child that is stopped as it begins is one that hangs. */
static pid_t
fault_fork(void)
{
	bool stop = fault_due("stop_child", 0);
	pid_t pid = fault_due("fork", EAGAIN) ? -1 : real.fork();

	if (stop && pid == 0)
		raise(SIGSTOP);
	return (pid);
}

static int
fault_socketpair(int domain, int type, int protocol, int sv[2])
{
	if (fault_due("socketpair", EMFILE))
		return (-1);
	return (real.socketpair(domain, type, protocol, sv));
}

static int
fault_pipe2(int fds[2], int flags)
{
	return (fault_due("pipe2", EMFILE) ? -1 : real.pipe2(fds, flags));
}

static void *
fault_malloc(size_t size)
{
	long most = fault_switch("malloc");

	if (most != -1 && size > (size_t)most) {
		errno = ENOMEM;
		return (NULL);
	}
	return (real.malloc(size));
}

/* What is smaller it always gets. */
#define LARGE 65536

/* Without one so small, evhttp_request_new() ends the process. */
#define TINY 16

static bool
fault_libevent_due(size_t size)
{
	return (size > TINY && fault_switch("libevent_fail") > 0 &&
		!fault_due("libevent_pass", 0) &&
		fault_due("libevent_fail", ENOMEM));
}

static void *
fault_libevent_malloc(size_t size)
{
	long most = size > LARGE ? fault_switch("libevent") : -1;

	if ((most != -1 && size > (size_t)most) || fault_libevent_due(size)) {
		errno = ENOMEM;
		return (NULL);
	}
	return (malloc(size));
}

/* Before main, since the daemon's main knows nothing of this. */
static void __attribute__((constructor)) fault_install(void)
{
	real = sys;
	sys.fork = fault_fork;
	sys.socketpair = fault_socketpair;
	sys.pipe2 = fault_pipe2;
	sys.malloc = fault_malloc;
	if (fault_switch("reload_limit") != -1)
		reload_limit_ms = fault_switch("reload_limit");
	sys.event_malloc = fault_libevent_malloc;
}
