/*
 * Descriptors: flags, failures that leave nothing open, and what a child is
 * given.
 */

#include "test.h"

#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <string.h>
#include <unistd.h>

#include "common/fd.h"
#include "common/sys.h"
#include "open_fds.h"

static bool
nonblocking(int fd)
{
	return ((fcntl(fd, F_GETFL) & O_NONBLOCK) != 0);
}

static bool
cloexec(int fd)
{
	return ((fcntl(fd, F_GETFD) & FD_CLOEXEC) != 0);
}

static void
test_close(void **state)
{
	int fd = dup(0), closed = fd;

	errno = EXDEV;
	fd_close(&fd);
	assert_int_equal(fd, -1);
	assert_int_equal(errno, EXDEV);
	assert_int_equal(fcntl(closed, F_GETFD), -1);
	errno = EXDEV;
	fd_close(&fd);
	assert_int_equal(fd, -1);
	assert_int_equal(errno, EXDEV);
}

static void
test_flags(void **state)
{
	int ends[2];

	assert_int_equal(pipe(ends), 0);
	assert_int_equal(fd_prepare(ends[0]), 0);
	assert_true(nonblocking(ends[0]) && cloexec(ends[0]));
	assert_int_equal(fd_set_blocking(ends[0]), 0);
	assert_true(!nonblocking(ends[0]) && cloexec(ends[0]));
	close(ends[0]);
	close(ends[1]);
	assert_int_equal(fd_prepare(ends[0]), -1);
	assert_int_equal(errno, EBADF);
	assert_int_equal(fd_set_blocking(ends[0]), -1);
	assert_int_equal(errno, EBADF);
}

static void
test_pairs(void **state)
{
	int ends[2], before = open_fds();
	char byte;

	assert_int_equal(fd_socketpair(ends), 0);
	for (int i = 0; i < 2; i++) {
		assert_true(nonblocking(ends[i]) && cloexec(ends[i]));
		assert_int_equal(write(ends[i], "x", 1), 1);
		assert_int_equal(read(ends[1 - i], &byte, 1), 1);
		assert_int_equal(read(ends[1 - i], &byte, 1), -1);
	}
	close(ends[0]);
	close(ends[1]);
	assert_int_equal(fd_pipe(ends), 0);
	assert_true(nonblocking(ends[0]) && cloexec(ends[0]));
	assert_true(!nonblocking(ends[1]) && cloexec(ends[1]));
	close(ends[0]);
	close(ends[1]);
	assert_int_equal(open_fds(), before);
}

static int
no_socketpair(int domain, int type, int protocol, int pair[2])
{
	errno = EMFILE;
	return (-1);
}

static int
no_pipe(int ends[2], int flags)
{
	errno = ENFILE;
	return (-1);
}

static void
test_failures(void **state)
{
	struct sys saved = sys;
	int ends[2];

	sys.socketpair = no_socketpair;
	sys.pipe2 = no_pipe;
	assert_int_equal(fd_socketpair(ends), -1);
	assert_int_equal(errno, EMFILE);
	assert_int_equal(fd_pipe(ends), -1);
	assert_int_equal(errno, ENFILE);
	sys = saved;
}

static ino_t
inode(int fd)
{
	struct stat st;

	return (fstat(fd, &st) == -1 ? 0 : st.st_ino);
}

/* In a child: 0, or the number of what is wrong. */
static int
check_arranged(const int *given, int count)
{
	struct stat null, st;
	ino_t wanted[8];

	for (int i = 0; i < count; i++)
		wanted[i] = inode(given[i]);
	if (fd_arrange(given, count) == -1)
		return (1);
	if (stat("/dev/null", &null) == -1)
		return (2);
	for (int fd = 0; fd < 2; fd++)
		if (fstat(fd, &st) == -1 || st.st_rdev != null.st_rdev)
			return (3);
	for (int i = 0; i < count; i++)
		if (inode(2 + i) != wanted[i])
			return (10 + i);
	/* The first is inherited by what a tool starts; others are not. */
	for (int i = 0; i < count; i++)
		if (cloexec(2 + i) != (i > 0))
			return (20 + i);
	return (open_fds() == 2 + count ? 0 : 4);
}

/* Whatever numbers they have, their places among them. */
static void
test_arrange(void **state)
{
	static const int places[][3] = {{5, 6, 7}, {4, 3, 2}, {2, 3, 4},
	    {3, 4, 2}, {0, 1, 2}, {2, 1, 0}, {4, 900, 3}, {17, 16, 18},
	    {1, 0, 20}};

	for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
		int status;
		pid_t pid = fork();

		assert_int_not_equal(pid, -1);
		if (pid == 0) {
			int ends[2], from[3];

			for (int j = 0; j < 3; j++) {
				if (pipe(ends) == -1)
					_exit(90);
				from[j] = fcntl(ends[0], F_DUPFD, 1000);
			}
			for (int j = 0; j < 3; j++)
				dup2(from[j], places[i][j]);
			_exit(check_arranged(places[i], 3));
		}
		assert_int_equal(waitpid(pid, &status, 0), pid);
		if (status != 0)
			fail_msg("case %zu: %d", i, WEXITSTATUS(status));
	}
}

static void
test_arrange_what_is_not_open(void **state)
{
	int given[] = {0, 9999}, before = open_fds();

	assert_int_equal(fd_arrange(given + 1, 1), -1);
	assert_int_equal(errno, EBADF);
	assert_int_equal(open_fds(), before);
}

static void
test_raise_limit(void **state)
{
	struct rlimit before, limit;

	assert_int_equal(getrlimit(RLIMIT_NOFILE, &before), 0);
	limit = before;
	limit.rlim_cur = 64;
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &limit), 0);
	fd_raise_limit();
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &limit), 0);
	assert_int_equal(limit.rlim_cur, before.rlim_max);
	assert_int_equal(limit.rlim_max, before.rlim_max);
	setrlimit(RLIMIT_NOFILE, &before);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_close),
	    cmocka_unit_test(test_flags),
	    cmocka_unit_test(test_pairs),
	    cmocka_unit_test(test_failures),
	    cmocka_unit_test(test_arrange),
	    cmocka_unit_test(test_arrange_what_is_not_open),
	    cmocka_unit_test(test_raise_limit),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
