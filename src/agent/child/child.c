/*
 * A child process from its start to its end, seen from its parent: pipes, fork,
 * what became of it, how it is ended and reaped, and the wait for one that its
 * tool lets live on.  All that struct child says of the process is written
 * here; its descriptors are closed by who moves their bytes, too.
 */

#include "agent/child/child_impl.h"
#include "common/clock.h"
#include "common/fd.h"
#include "common/log.h"
#include "common/sys.h"
#include "common/utf8.h"

#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>

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

/* Between two looks at a process for which the kernel has no descriptor. */
#define LOOK_MS 10

static struct {
	struct child *child; /* NULL: there is none */
	int64_t until_ns;
	struct child_words words;
	void (*end)(void *);
	void *arg;
} linger;

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

bool
child_ended(const struct child *child)
{
	siginfo_t info = {0};

	return (child->pid == -1 || (waitid(P_PID, (id_t)child->pid, &info,
					 WEXITED | WNOHANG | WNOWAIT) == 0 &&
					info.si_pid == child->pid));
}

bool
child_lingers(const struct child *child)
{
	return (child->pid != -1 && child->grace_ms > 0 && !child_ended(child));
}

void
child_signal(const struct child *child, int signo)
{
	if (signo == SIGKILL)
		child_cgroup_kill(&child->group);
	if (child->pid > 0 && kill(-child->pid, signo) == -1)
		kill(child->pid, signo); /* it has no group yet */
}

void
child_kill(struct child *child)
{
	struct rusage usage = {0};
	int status = 0;

	fd_close(&child->in);
	fd_close(&child->out);
	fd_close(&child->err);
	fd_close(&child->started);
	fd_close(&child->pidfd);
	if (child->pid == -1)
		return;
	/* Before it is reaped, since then the number is free for others. */
	child_signal(child, SIGKILL);
	while (wait4(child->pid, &status, 0, &usage) == -1 && errno == EINTR)
		;
	child->pid = -1;
	child_cgroup_end(&child->group);
	child->status = status;
	child->cpu_ms =
	    (usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 1000 +
	    (usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1000;
}

void
child_linger(
    struct child *child, const char *who, void (*end)(void *), void *arg)
{
	memset(&linger, 0, sizeof(linger));
	linger.child = child;
	linger.until_ns = clock_now_ns() + child->grace_ms * NS_PER_MS;
	linger.words.who = who;
	linger.end = end;
	linger.arg = arg;
	fd_close(&child->in);
}

int64_t
child_linger_ms(void)
{
	return (linger.child == NULL ? 0 : linger.child->grace_ms);
}

static void
child_linger_discard(int *fd)
{
	char chunk[16384];
	ssize_t got = read(*fd, chunk, sizeof(chunk));

	if (got == 0 || (got == -1 && errno != EAGAIN && errno != EINTR))
		fd_close(fd);
}

/* Returns whether it has ended. */
static bool
child_linger_wait(struct child *child, int64_t left_ns)
{
	struct pollfd fds[] = {
	    {.fd = child->out, .events = POLLIN},
	    {.fd = child->err, .events = POLLIN},
	    {.fd = child->pidfd, .events = POLLIN},
	};
	int64_t ms = left_ns / NS_PER_MS + 1;

	if (child->pidfd == -1 && ms > LOOK_MS)
		ms = LOOK_MS;
	if (poll(fds, sizeof(fds) / sizeof(fds[0]), (int)ms) > 0) {
		if (fds[0].revents != 0)
			child_linger_discard(&child->out);
		if (fds[1].revents != 0)
			child_words_read(&linger.words, &child->err);
	}
	return (child_ended(child));
}

void
child_linger_finish(void)
{
	struct child *child = linger.child;
	int64_t left_ns;

	if (child == NULL)
		return;
	do
		left_ns = linger.until_ns - clock_now_ns();
	while (left_ns > 0 && !child_linger_wait(child, left_ns));
	if (linger.end == NULL)
		child_kill(child);
	else
		linger.end(linger.arg);
	child_words_end(&linger.words);
	linger.child = NULL;
}
