/*
 * Forks children and gives each a clean start: default signals, no descriptor
 * but its own, its own process group, no privilege and no secret that it does
 * not need.  There is no other way to start one.  A child never returns from
 * here and never touches the master's event base.
 */

#include "master/spawn.h"
#include "common/fd.h"
#include "common/log.h"
#include "common/sys.h"
#include "common/title.h"
#include "common/wire.h"
#include "master/globals.h"
#include "master/user.h"

#include <sys/prctl.h>
#include <sys/wait.h>

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#ifndef PR_SET_MDWE
#define PR_SET_MDWE 65
#endif
#ifndef PR_MDWE_REFUSE_EXEC_GAIN
#define PR_MDWE_REFUSE_EXEC_GAIN 1
#endif

/* All that are alive, or at least not yet reaped. */
static struct child {
	pid_t pid;
	enum role_kind kind;
} * children;
static size_t count, size;

const struct role *
spawn_role(pid_t pid)
{
	for (size_t i = 0; i < count; i++)
		if (children[i].pid == pid)
			return (&master.roles[children[i].kind]);
	return (NULL);
}

void
spawn_each(enum role_kind kind, void (*tell)(pid_t))
{
	for (size_t i = 0; i < count; i++)
		if (children[i].kind == kind)
			tell(children[i].pid);
}

void
spawn_forget(pid_t pid)
{
	for (size_t i = 0; i < count; i++)
		if (children[i].pid == pid) {
			children[i] = children[--count];
			return;
		}
}

/* Before a child is there that could not be noted. */
static int
spawn_room(void)
{
	size_t more = size == 0 ? 16 : 2 * size;
	struct child *grown;

	if (count < size)
		return (0);
	if ((grown = reallocarray(children, more, sizeof(*grown))) == NULL)
		return (-1);
	children = grown;
	size = more;
	return (0);
}

static void
spawn_fail(const char *what)
{
	log_error("child cannot start: %s: %s", what, strerror(errno));
	_exit(1);
}

/* For the master alone: a terminal's ^C and kill(1) may reach all of us. */
static const int ignored[] = {
    SIGPIPE, SIGHUP, SIGINT, SIGQUIT, SIGUSR1, SIGUSR2, SIGTTIN, SIGTTOU};

/* libevent's handlers would write to a socket that the master reads. */
static void
spawn_reset_signals(void)
{
	sigset_t none;

	for (int signo = 1; signo < NSIG; signo++)
		signal(signo, SIG_DFL);
	for (size_t i = 0; i < sizeof(ignored) / sizeof(ignored[0]); i++)
		signal(ignored[i], SIG_IGN);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
}

/*
 * What clients send must not become code.  Agents cannot have this: programs
 * that compile as they run are tools, and plugins may.
 */
static void
spawn_fix_code(void)
{
#ifndef WITH_SANITIZERS
	/* A kernel before 6.3 does not know it. */
	(void)!prctl(PR_SET_MDWE, PR_MDWE_REFUSE_EXEC_GAIN, 0, 0, 0);
#endif
}

static void
spawn_begin(const struct role *role, const int *fds)
{
	setpgid(0, 0);
	if (fd_arrange(fds, role->fds) == -1)
		spawn_fail("descriptors");
	log_open_pipe(WIRE_LOG_FD);
	spawn_reset_signals();
	if (!role->secrets)
		globals_forget_tools();
	if (role->become != NULL && role->become() == -1)
		spawn_fail("cannot change user");
	user_keep_out();
	if (role->fixed_code)
		spawn_fix_code();
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == -1)
		spawn_fail("no_new_privs");
	/* After the change of user, which clears it. */
	if (prctl(PR_SET_PDEATHSIG, role->death_signal) == -1)
		spawn_fail("death signal");
	if (getppid() != master.pid) /* died before it was asked for */
		_exit(0);
	title_set("%s", role->name);
}

pid_t
spawn_child(enum role_kind kind, const int *fds, void *arg)
{
	const struct role *role = &master.roles[kind];
	sigset_t all, before;
	pid_t pid;

	if (spawn_room() == -1)
		return (-1);
	/* No handler of the master's may run in the child. */
	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, &before);
	pid = sys.fork();
	if (pid == 0) {
		spawn_begin(role, fds);
		role->run(arg);
		_exit(1);
	}
	if (pid > 0) {
		/* Here too, so that it holds whoever of us two runs first. */
		setpgid(pid, pid);
		children[count++] = (struct child){pid, kind};
	}
	sigprocmask(SIG_SETMASK, &before, NULL);
	return (pid);
}

int64_t
spawn_pause_ms(enum role_kind kind, unsigned int failures, bool has_been_up)
{
	const struct role *role = &master.roles[kind];
	int64_t ms = role->pause_ms;
	int64_t most_ms = has_been_up ? role->pause_up_ms : role->pause_most_ms;

	for (unsigned int i = 1; i < failures; i++)
		if ((ms *= 2) >= most_ms)
			return (most_ms);
	return (ms);
}

void
spawn_replace(enum role_kind kind, struct event *start)
{
	log_warn("the %s has died; another follows", master.roles[kind].title);
	globals_arm(start, spawn_pause_ms(kind, 1, false));
}

void
spawn_log_death(const char *who, pid_t pid, int wait_status, bool expected)
{
	if (expected)
		log_debug("%s: gone (pid %d)", who, (int)pid);
	else if (WIFSIGNALED(wait_status))
		log_warn("%s: died of signal %d (%s), pid %d", who,
		    WTERMSIG(wait_status), strsignal(WTERMSIG(wait_status)),
		    (int)pid);
	else
		log_warn("%s: exited with status %d, pid %d", who,
		    WEXITSTATUS(wait_status), (int)pid);
}
