/*
 * Helpers for descriptors, used by every process.  The rules of the house:
 * all CLOEXEC, all non-blocking on the side that has an event loop.
 */

#include "common/fd.h"
#include "common/sys.h"

#include <sys/resource.h>
#include <sys/socket.h>

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

/* Children's descriptors are parked above this while 2, 3, 4 are filled. */
#define PARKING 16

void
fd_close(int *fd)
{
	int saved = errno;

	if (*fd != -1)
		close(*fd);
	*fd = -1;
	errno = saved;
}

ssize_t
fd_read_all(int fd, void *data, size_t size)
{
	size_t len = 0;
	ssize_t got;

	do {
		got = read(fd, (char *)data + len, size - len);
		if (got > 0)
			len += (size_t)got;
	} while ((got > 0 && len < size) || (got == -1 && errno == EINTR));
	return (got == -1 ? -1 : (ssize_t)len);
}

int
fd_prepare(int fd)
{
	int flags = fcntl(fd, F_GETFL);

	if (flags == -1 || fcntl(fd, F_SETFL, flags | O_NONBLOCK) == -1)
		return (-1);
	return (fd_set_cloexec(fd));
}

int
fd_set_cloexec(int fd)
{
	return (fcntl(fd, F_SETFD, FD_CLOEXEC));
}

int
fd_set_blocking(int fd)
{
	int flags = fcntl(fd, F_GETFL);

	if (flags == -1)
		return (-1);
	return (fcntl(fd, F_SETFL, flags & ~O_NONBLOCK));
}

int
fd_open_standard(int flags)
{
	int fd;

	do
		fd = open("/dev/null", flags);
	while (fd != -1 && fd <= 2);
	if (fd == -1)
		return (-1);
	close(fd);
	return (0);
}

int
fd_socketpair(int pair[2])
{
	return (sys.socketpair(
	    AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, pair));
}

int
fd_pipe(int ends[2])
{
	if (sys.pipe2(ends, O_CLOEXEC) == -1)
		return (-1);
	if (fd_prepare(ends[0]) == -1) {
		fd_close(&ends[0]);
		fd_close(&ends[1]);
		return (-1);
	}
	return (0);
}

/* Copies that the filling of small numbers does not overwrite. */
static int
fd_park(const int *given, int count, int parked[static PARKING])
{
	for (int i = 0; i < count; i++) {
		parked[i] = fcntl(given[i], F_DUPFD_CLOEXEC, PARKING);
		if (parked[i] == -1)
			return (-1);
	}
	return (0);
}

int
fd_arrange(const int *given, int count)
{
	int parked[PARKING];
	int null;

	if (fd_park(given, count, parked) == -1)
		return (-1);
	if ((null = open("/dev/null", O_RDWR)) == -1)
		return (-1);
	if (dup2(null, 0) == -1 || dup2(null, 1) == -1)
		return (-1);
	for (int i = 0; i < count; i++)
		if (dup3(parked[i], 2 + i, i == 0 ? 0 : O_CLOEXEC) == -1)
			return (-1);
	closefrom(2 + count);
	return (0);
}

int
fd_install(const int *given, int count)
{
	int parked[PARKING];

	if (fd_park(given, count, parked) == -1)
		return (-1);
	for (int i = 0; i < count; i++)
		if (dup2(parked[i], i) == -1)
			return (-1);
	closefrom(count);
	return (0);
}

void
fd_raise_limit(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) == -1)
		return;
	limit.rlim_cur = limit.rlim_max;
	setrlimit(RLIMIT_NOFILE, &limit);
}
