/*
 * Control groups, version 2, as files: where ours is, reading and writing
 * what one is controlled by, ending one with all that is in it.  dir is a
 * descriptor of a directory, and name that of a group below it or ".".
 */

#ifndef COMMON_CGROUP_H
#define COMMON_CGROUP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/*
 * The directory of the group that this process is in.  0, or -1 with errno:
 * ENOENT when there is none that can be seen.
 */
int cgroup_own(char *path, size_t size) __attribute__((warn_unused_result));

/* The same from the text of /proc/self/cgroup and /proc/self/mountinfo. */
int cgroup_own_of(FILE *groups, FILE *mounts, char *path, size_t size)
    __attribute__((warn_unused_result));

/*
 * Writes to a file of a group, in one write.  0, or -1 with errno; safe in a
 * signal handler.
 */
int cgroup_write(int dir, const char *name, const char *file, const char *text)
    __attribute__((warn_unused_result));

/* The same with a number. */
int cgroup_write_number(int dir, const char *name, const char *file,
    int64_t number) __attribute__((warn_unused_result));

/* Whether the file has this word, as cgroup.controllers does. */
bool cgroup_has(int dir, const char *name, const char *file, const char *word);

/* The number after key in a file of "key number"; 0 when there is none. */
int64_t cgroup_count(
    int dir, const char *name, const char *file, const char *key);

/*
 * Kills all that is in it and below it.  Does nothing where the kernel cannot;
 * safe in a signal handler.
 */
void cgroup_kill(int dir, const char *name);

/*
 * Removes it and what is below it, at the latest after so many milliseconds
 * in which what was killed there dies; 0 tries once.  0 when it is gone, or -1
 * with errno.
 */
int cgroup_remove(int dir, const char *name, int limit_ms);

/*
 * Where agents make the groups of what they run: set by the master before it
 * forks them.  "": nowhere.
 */
const char *cgroup_tools(void);
void cgroup_set_tools(const char *path);

#endif
