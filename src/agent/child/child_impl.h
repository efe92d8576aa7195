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

/*
 * The environment of a child: malloc'd, NULL-terminated; NULL when there is no
 * memory.
 */
char **child_environment(const struct policy *, struct json_object *headers);
void child_environment_free(char **);

/* The value of a variable in it, or NULL. */
const char *child_variable(char **environment, const char *name);

#endif
