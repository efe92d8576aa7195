/*
 * The child's side of a start: from a copy of the agent to a process that has
 * nothing of it, and then the program.  Runs between fork and exec; never
 * returns.  What fails is told to the parent through a pipe that the kernel
 * closes when the program runs.
 */

#include "agent/child/child_impl.h"
#include "common/fd.h"

#include <sys/prctl.h>

#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* Where the pipe for trouble is in the child. */
#define TROUBLE_FD 3

static int trouble_fd = -1;

void
child_give_up(const char *fmt, ...)
{
	struct child_trouble trouble = {.error = errno};
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(trouble.what, sizeof(trouble.what), fmt, ap);
	va_end(ap);
	/* One write below PIPE_BUF: whole, or the parent is gone. */
	(void)!write(trouble_fd, &trouble, sizeof(trouble));
	_exit(127);
}

/* Pending signals find the defaults, not the agent's handlers. */
static void
child_become_signals(void)
{
	sigset_t none;

	for (int signo = 1; signo < NSIG; signo++)
		signal(signo, SIG_DFL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
}

static void
child_become_own(const struct child_plan *plan)
{
	trouble_fd = plan->fds[TROUBLE_FD];
	if (setsid() == -1)
		child_give_up("cannot make a session");
	if (fd_install(plan->fds, TROUBLE_FD + 1) == -1)
		child_give_up("cannot arrange descriptors");
	trouble_fd = TROUBLE_FD;
	if (fd_set_cloexec(TROUBLE_FD) == -1)
		child_give_up("cannot arrange descriptors");
}

static void
child_become_place(const struct policy *policy)
{
	if (policy->directory != NULL && chdir(policy->directory) == -1)
		child_give_up("cannot enter %s", policy->directory);
}

/* After the change of user, which clears the death signal. */
static void
child_become_mortal(pid_t parent)
{
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == -1)
		child_give_up("cannot give up privileges");
	if (prctl(PR_SET_PDEATHSIG, SIGKILL) == -1)
		child_give_up("cannot ask for the death signal");
	if (getppid() != parent) /* it died before */
		_exit(127);
}

/*
 * A file that is there but cannot be found has an interpreter that is not:
 * the first line of a script names it.
 */
static void
child_exec_path(const char *path, const char *const *argv, char **environment)
{
	execve(path, (char *const *)(uintptr_t)argv, environment);
	if (errno != ENOENT || access(path, F_OK) == -1)
		return;
	errno = ENOENT;
	child_give_up("cannot run %s" CHILD_INTERPRETER, path);
}

/* As execvp(3), but with the child's PATH, and never through a shell. */
static void
child_exec_search(const char *path, const char *const *argv, char **environment)
{
	char file[PATH_MAX];
	int worst = ENOENT;

	while (path != NULL && *path != '\0') {
		size_t len = strcspn(path, ":");

		/* An empty entry would be the current directory. */
		if (len > 0 && snprintf(file, sizeof(file), "%.*s/%s", (int)len,
				   path, argv[0]) < (int)sizeof(file)) {
			child_exec_path(file, argv, environment);
			if (errno != ENOENT && errno != ENOTDIR)
				worst = errno;
		}
		if (worst != ENOENT && worst != EACCES)
			break;
		path += len + (path[len] == ':');
	}
	errno = worst;
}

/* Runs argv with this environment; returns only to fail. */
static void
child_exec_program(const char *const *argv, char **environment)
{
	if (strchr(argv[0], '/') != NULL)
		child_exec_path(argv[0], argv, environment);
	else
		child_exec_search(
		    child_variable(environment, "PATH"), argv, environment);
}

void
child_become(const struct child_plan *plan)
{
	const struct child_spec *spec = plan->spec;

	child_cgroup_enter(plan->group); /* with the agent's rights, and fds */
	child_become_own(plan);
	child_become_user(spec->policy);
	child_become_place(spec->policy);
	child_limit(spec->policy, plan->group, spec->argv != NULL);
	child_become_mortal(plan->parent);
	child_become_signals();
	if (spec->argv != NULL) {
		child_exec_program(spec->argv, plan->environment);
		child_give_up("cannot run %s", spec->argv[0]);
	}
	environ = plan->environment;
	close(TROUBLE_FD);
	spec->function(spec->arg);
	_exit(0);
}
