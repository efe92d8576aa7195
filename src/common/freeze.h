/*
 * Ending processes that start others faster than they can be killed one by
 * one.
 */

#ifndef COMMON_FREEZE_H
#define COMMON_FREEZE_H

#include <sys/types.h>

#include <stdbool.h>
#include <stddef.h>

enum freeze {
	FREEZE_NONE, /* there is nothing to be ended */
	FREEZE_MORE, /* some still ran; they are told to stop */
	FREEZE_DONE  /* all were stopped, and are told to die */
};

/*
 * One look at all descendants of this process, but for the children that are
 * spared and what is below them.  Repeated until FREEZE_NONE it ends all of
 * them; the caller reaps what dies.  Adds to *killed how many were.  Allocates
 * nothing and is safe in a signal handler that does not return.  -1 with errno.
 */
int freeze_pass(bool (*spared)(pid_t child), int *killed)
    __attribute__((warn_unused_result));

/* The same look at these n processes, whosever they are, and their descendants.
 */
int freeze_trees(const pid_t *roots, size_t n)
    __attribute__((warn_unused_result));

#endif
