/*
 * What the files of a child process share.  For child*.c only.
 */

#ifndef AGENT_CHILD_CHILD_IMPL_H
#define AGENT_CHILD_CHILD_IMPL_H

#include "agent/child/child.h"

/* What a child that could not start says through its pipe. */
struct child_trouble {
	int error;	/* errno */
	char what[248]; /* "cannot run /x"; NUL-terminated */
};

/* The end of that when what runs the program is missing. */
#define CHILD_INTERPRETER ": its interpreter"

/* The rest of a start, made by the parent because it allocates. */
struct child_plan {
	const struct child_spec *spec;
	char **environment;
	int fds[4]; /* that become 0, 1, 2 and the pipe for trouble */
	pid_t parent;
	struct child_cgroup *group;
};

/* In the child: never returns. */
void child_become(const struct child_plan *) __attribute__((noreturn));

/* In the child: tells the parent errno and what failed, and ends. */
void child_give_up(const char *fmt, ...)
    __attribute__((format(printf, 1, 2), noreturn));

/*
 * In the child: limits, nice, umask, scheduling.  Gives up when it cannot.  A
 * program is to follow, or a function of ours.  What the group limits is left
 * to it.
 */
void child_limit(
    const struct policy *, const struct child_cgroup *, bool program);

/*
 * What the agent may have of a resource of setrlimit(2), which its children
 * inherit; 0: no limit.
 */
int64_t child_inherited(int resource);

/* In the child: user and group.  Gives up when it cannot. */
void child_become_user(const struct policy *);

/*
 * The environment of a child: malloc'd, NULL-terminated; NULL when there is no
 * memory.
 */
char **child_environment(const struct policy *, struct json_object *headers);
void child_environment_free(char **);

/* The value of a variable in it, or NULL. */
const char *child_variable(char **environment, const char *name);

#endif
