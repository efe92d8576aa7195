/*
 * The children that processes have, as the kernel lists them.
 */

#ifndef COMMON_CHILDREN_H
#define COMMON_CHILDREN_H

#include <sys/types.h>

#include <stdbool.h>

typedef void (*children_visit)(pid_t child, void *arg);

/*
 * Whether /proc counts processes as we do.  Another namespace's would name
 * strangers.
 */
bool children_known(void);

/*
 * Visits the direct children of a process, whichever of its threads forked
 * them, dead ones that are not reaped included; 0 is this process.  Allocates
 * nothing and is safe in a signal handler.  Returns their number, or -1 with
 * errno.
 */
int children_each(pid_t, children_visit, void *arg);

/* The same of what the kernel lists in fd, which is read from its beginning. */
int children_read(int fd, children_visit, void *arg);

/* As in ps(1), or 0: there is no such process. */
char children_state(pid_t);

/* The same, and who its parent is. */
char children_look(pid_t, pid_t *parent);

#endif
