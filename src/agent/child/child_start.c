/*
 * The parent's side of a start: pipes, fork, and what became of it.  Called
 * by those that run tools in processes of their own.  Never waits but in
 * child_await_start().
 */

#include "agent/child/child_impl.h"
#include "common/clock.h"
#include "common/fd.h"
#include "common/log.h"
#include "common/sys.h"
#include "common/utf8.h"

#include <sys/syscall.h>

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* Pipes of a start: standard input, output, error, and trouble. */
enum { IN, OUT, ERR, TROUBLE, PIPES };

/* Which end of each is the child's. */
static const int theirs[PIPES] = {
    [IN] = 0, [OUT] = 1, [ERR] = 1, [TROUBLE] = 1};

static void
child_pipes_close(int pipes[PIPES][2], int end)
{
	for (int i = 0; i < PIPES; i++)
		fd_close(&pipes[i][end == -1 ? theirs[i] : !theirs[i]]);
}

/* Ours are non-blocking; a program expects its own to block. */
static int
child_pipes_open(int pipes[PIPES][2], bool own_stderr)
{
	for (int i = 0; i < PIPES; i++)
		pipes[i][0] = pipes[i][1] = -1;
	for (int i = 0; i < PIPES; i++) {
		if (i == ERR && own_stderr)
			continue;
		if (sys.pipe2(pipes[i], O_CLOEXEC) == -1 ||
		    fd_prepare(pipes[i][!theirs[i]]) == -1)
			return (-1);
	}
	return (0);
}

/* The number of a process group is safe until its leader is reaped. */
static pid_t
child_start_fork(const struct child_plan *plan)
{
	sigset_t all, before;
	pid_t pid;

	/* No handler of ours may run in the child. */
	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, &before);
	if ((pid = sys.fork()) == 0)
		child_become(plan);
	sigprocmask(SIG_SETMASK, &before, NULL);
	return (pid);
}

static int
child_start_plan(
    struct child *child, const struct child_spec *spec, int pipes[PIPES][2])
{
	struct child_plan plan = {
	    .spec = spec, .parent = getpid(), .group = &child->group};
	int error;

	for (int i = 0; i < PIPES; i++)
		plan.fds[i] = pipes[i][theirs[i]];
	if (spec->own_stderr)
		plan.fds[ERR] = STDERR_FILENO;
	plan.environment = child_environment(spec->policy, spec->headers);
	if (plan.environment == NULL)
		return (-1);
	child_cgroup_make(&child->group, spec->policy);
	child->pid = child_start_fork(&plan);
	child_environment_free(plan.environment);
	if (child->pid != -1)
		return (0);
	error = errno;
	child_cgroup_end(&child->group);
	errno = error;
	return (-1);
}

void
child_init(struct child *child)
{
	memset(child, 0, sizeof(*child));
	child->pid = child->pidfd = child->started = -1;
	child->in = child->out = child->err = -1;
}

int
child_start(struct child *child, const struct child_spec *spec, char *why,
    size_t why_size)
{
	int pipes[PIPES][2];

	child_init(child);
	child->stop_signal = spec->policy->stop_signal == 0
				 ? SIGTERM
				 : (int)spec->policy->stop_signal;
	child->grace_ms = spec->policy->stop_grace_ms;
	if (spec->who != NULL)
		strlcpy(child->name, spec->who, sizeof(child->name));
	if (child_pipes_open(pipes, spec->own_stderr) == -1 ||
	    child_start_plan(child, spec, pipes) == -1) {
		snprintf(why, why_size, "cannot start a process: %s",
		    strerror(errno));
		child_pipes_close(pipes, -1);
		child_pipes_close(pipes, 1);
		return (-1);
	}
	child_pipes_close(pipes, -1);
	child->in = pipes[IN][1];
	child->out = pipes[OUT][0];
	child->err = pipes[ERR][0];
	child->started = pipes[TROUBLE][0];
	/* Without one, child_run() looks from time to time. */
	child->pidfd = (int)syscall(SYS_pidfd_open, child->pid, 0);
	return (0);
}

/* True when the pipe said something, or was closed, in time. */
static bool
child_start_known(int fd, int64_t deadline_ns)
{
	struct pollfd poll_fd = {.fd = fd, .events = POLLIN};
	int64_t left;
	int rc;

	do {
		left = deadline_ns - clock_now_ns();
		rc = poll(
		    &poll_fd, 1, left > 0 ? (int)(left / NS_PER_MS) + 1 : 0);
	} while (rc == -1 && errno == EINTR);
	return (rc > 0);
}

/* Where a program is on this host is for the log, not for callers. */
static void
child_start_tell(const struct child *child, const struct child_trouble *trouble,
    char *why, size_t why_size)
{
	const char *path = strchr(trouble->what, '/');
	const char *rest = strstr(trouble->what, CHILD_INTERPRETER);
	bool run = strncmp(trouble->what, "cannot run", 10) == 0;

	if (path == NULL)
		snprintf(why, why_size, "%s: %s", trouble->what,
		    strerror(trouble->error));
	else
		snprintf(why, why_size, "%.*s%s%s: %s",
		    (int)(path - trouble->what), trouble->what,
		    run ? "the program" : "the directory",
		    rest == NULL ? "" : rest, strerror(trouble->error));
	utf8_clean(why);
	if (path != NULL)
		log_warn("%s: %s: %s", child->name, trouble->what,
		    strerror(trouble->error));
}

int
child_await_start(
    struct child *child, int64_t deadline_ns, char *why, size_t why_size)
{
	struct child_trouble trouble;
	ssize_t got = 0;

	if (child->started == -1)
		return (0);
	if (!child_start_known(child->started, deadline_ns)) {
		snprintf(
		    why, why_size, "%s did not start in time", child->name);
		child->late = true;
		child_kill(child);
		return (-1);
	}
	got = read(child->started, &trouble, sizeof(trouble));
	fd_close(&child->started);
	if (got != sizeof(trouble))
		return (0);
	trouble.what[sizeof(trouble.what) - 1] = '\0';
	child_start_tell(child, &trouble, why, why_size);
	child_kill(child);
	return (-1);
}
