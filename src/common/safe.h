/*
 * Files that are opened by name, where a stranger must not be able to choose
 * which.  A path is gone through one component at a time: each directory, each
 * symbolic link and the file itself may be changed only by root or by the
 * user that we run as.  Where that is root, by root alone.
 *
 * The group of a file counts as a stranger, unless it is the private group of
 * our user, or root's and we are not root.  In a directory with the sticky bit
 * strangers can add names, so that only those of root and ourselves are used.
 * What is on a file system that is mounted read-only is trusted whatever its
 * owner and mode are: nobody can write there.
 */

#ifndef COMMON_SAFE_H
#define COMMON_SAFE_H

#include <sys/types.h>

#include <stdbool.h>

struct stat;

/* Room for a reason. */
#define SAFE_WHY_SIZE 512

enum safe_rule {
	/* Read and believed: nobody else may have changed it. */
	SAFE_TRUSTED,
	/*
	 * Written by us, so what is in it does not matter; a regular file is
	 * not asked for.  Its directory alone may be open to others: then it
	 * must be a regular file of ours with no other name.
	 */
	SAFE_WRITTEN,
};

/*
 * Opens path with these flags of open(2) and, if it is made, with mode.  Never
 * waits, never becomes a controlling terminal, is CLOEXEC and O_NONBLOCK.
 * Returns the descriptor; or -1 with errno and the reason, which goes behind
 * "PATH: ", in why; EPERM: it cannot be trusted.
 */
int safe_open(const char *path, enum safe_rule, int flags, mode_t mode,
    char why[static SAFE_WHY_SIZE]) __attribute__((warn_unused_result));

/*
 * The directory that path is in, as an O_PATH descriptor, and in name the
 * last component of path, which is not looked at: for openat(2) and its like.
 * Fails as safe_open() does.
 */
int safe_open_parent(const char *path, enum safe_rule, const char **name,
    char why[static SAFE_WHY_SIZE]) __attribute__((warn_unused_result));

/* Whether fd is on a file system that is mounted read-only. */
bool safe_is_read_only(int fd);

/* Changes the mode of what fd, of O_PATH, is.  0, or -1 with errno. */
int safe_chmod(int fd, mode_t mode) __attribute__((warn_unused_result));

#endif
