/*
 * Descriptors: flags, limits, and what a child keeps.
 */

#ifndef COMMON_FD_H
#define COMMON_FD_H

#include <sys/types.h>

/* Closes *fd if it is open and sets it to -1; keeps errno. */
void fd_close(int *fd);

/* Sets O_NONBLOCK and FD_CLOEXEC.  0, or -1 with errno. */
int fd_prepare(int fd) __attribute__((warn_unused_result));

/*
 * Reads from a blocking descriptor until its end, or until size bytes are
 * there.  Returns how many, or -1 with errno.
 */
ssize_t fd_read_all(int fd, void *data, size_t size)
    __attribute__((warn_unused_result));

/* 0, or -1 with errno. */
int fd_set_cloexec(int fd) __attribute__((warn_unused_result));

/* Clears O_NONBLOCK.  0, or -1 with errno. */
int fd_set_blocking(int fd) __attribute__((warn_unused_result));

/*
 * A connected pair of stream sockets, both CLOEXEC and non-blocking; the
 * caller closes both.  0, or -1 with errno.
 */
int fd_socketpair(int pair[2]) __attribute__((warn_unused_result));

/*
 * At the start of a program: opens /dev/null with these flags in the place of
 * whatever of 0, 1 and 2 is closed, lest a socket or file get one of these
 * numbers and what is printed go there.  0, or -1 with errno.
 */
int fd_open_standard(int flags) __attribute__((warn_unused_result));

/* A pipe, CLOEXEC, whose reading end is non-blocking.  0, or -1 with errno. */
int fd_pipe(int pipe[2]) __attribute__((warn_unused_result));

/*
 * In a child straight after fork: makes given[i] descriptor 2 + i, opens
 * /dev/null as 0 and 1 and
 * closes every other descriptor.  0, or -1 with errno.
 */
int fd_arrange(const int *given, int count) __attribute__((warn_unused_result));

/*
 * The same with given[i] as descriptor i and without /dev/null; none of them is
 * CLOEXEC.
 */
int fd_install(const int *given, int count) __attribute__((warn_unused_result));

/* Raises the soft limit of open files to the hard one; never fails loudly. */
void fd_raise_limit(void);

#endif
