/*
 * Sweeping: what a tool started and left behind re-parents to the agent or,
 * when that is dead, to the master (both are subreapers), and is killed there.
 */

#ifndef COMMON_SWEEP_H
#define COMMON_SWEEP_H

#include <sys/types.h>

#include <stdbool.h>
#include <stddef.h>

/* Becomes a subreaper: orphaned descendants re-parent to this process. */
int sweep_enable(void) __attribute__((warn_unused_result));

/*
 * Calls visit for every direct child of this process, whichever thread forked
 * it, dead ones that are not reaped included.  Allocates nothing and is safe in
 * a signal handler.  Returns their number, or -1 with errno.
 */
int sweep_children(void (*visit)(pid_t child, void *arg), void *arg);

/*
 * This child is to live on from call to call, with what is below it.  0, or
 * -1 with errno.  sweep_drop() takes that back.
 */
int sweep_keep(pid_t) __attribute__((warn_unused_result));
void sweep_drop(pid_t);

/*
 * Whether there may be children: some are kept, or this process has called
 * fork() since it was last swept.  Of what else makes processes, it knows not.
 */
bool sweep_is_due(void);

/*
 * All children that would be strays now were left by this one that is kept, and
 * live as long as it is; 0: by the one that was last named.  Where none is kept
 * it does nothing, and costs nothing.
 */
void sweep_adopt(pid_t owner);

/*
 * Kills and reaps all children but those to be kept, as sweep_all() does.  A
 * kept child that is dead stays unreaped.
 */
int sweep_strays(int limit_ms);

/*
 * Kills and reaps every child and what is below it, all of it stopped before,
 * until none is left or limit_ms passed.  Safe in a signal handler.
 * Returns how many were killed; -1 with errno when some are left (ETIMEDOUT).
 */
int sweep_all(int limit_ms);

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
int sweep_freeze_pass(bool (*spared)(pid_t child), int *killed)
    __attribute__((warn_unused_result));

/* The same look at these n processes, whosever they are, and their descendants.
 */
int sweep_freeze_trees(const pid_t *roots, size_t n)
    __attribute__((warn_unused_result));

#endif
