/*
 * The control group of a child process, where the daemon was given one to make
 * groups in: it limits memory and processes, tells when a limit was broken,
 * and ends with all that the child has started.  Without one, all of this does
 * nothing.
 */

#ifndef AGENT_CHILD_CHILD_CGROUP_H
#define AGENT_CHILD_CHILD_CGROUP_H

#include <stdbool.h>
#include <stdint.h>

struct policy;

struct child_cgroup {
	struct child_cgroup *next; /* of all of this agent */
	char name[48];		   /* "": there is none */
	bool memory, processes;	   /* it limits them, as the policy says */
	/* Counted by the kernel; known once it has ended. */
	int64_t oom_kills, forks_refused;
};

/* In an agent, once: from now on its children have groups. */
void child_cgroup_init(uint32_t slot, uint32_t generation);

/*
 * Makes a group for a child that is to be started.  That it cannot be had is
 * no error: other limits take its place.  It stays where it is in memory until
 * child_cgroup_end().
 */
void child_cgroup_make(struct child_cgroup *, const struct policy *);

/*
 * In the child: goes there.  When that fails the members say that it limits
 * nothing.
 */
void child_cgroup_enter(struct child_cgroup *);

/* Kills all that is there. */
void child_cgroup_kill(const struct child_cgroup *);

/* After the child is reaped: kills the rest, counts, and removes it. */
void child_cgroup_end(struct child_cgroup *);

/* For all that this agent has; safe in a signal handler. */
void child_cgroup_kill_all(void);
void child_cgroup_remove_all(void);

/*
 * What the agent may have of a resource of setrlimit(2), which its children
 * inherit; 0: no limit.
 */
int64_t child_inherited(int resource);

#endif
