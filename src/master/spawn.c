/*
 * Forks children and gives each a clean start: default signals, no descriptor
 * but its own, its own process group, no privilege that it does not need.
 * Called for agents by pool.c, for the front end by control.c and for reloads
 * by reload.c, for what else there is by its own file.  A child never returns
 * from here and never touches the master's event base.
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

/*
 * An agent's TERM handler takes along what its tool started.  The front end
 * must see the end of its channel, even when it is stopped: it kills agents
 * that ignore TERM before it goes.
 */
const struct spawn_kind spawn_agent = {"agent", SIGTERM, user_become, false};
const struct spawn_kind spawn_frontend = {
    "frontend", SIGCONT, user_become_frontend, true};

/* It reads and opens what the master would. */
const struct spawn_kind spawn_reload = {"reload", SIGKILL, NULL, false};

/* It has yet to open what the master would, and then becomes another user. */
const struct spawn_kind spawn_logger = {"log", SIGTERM, NULL, false};

/* It lives on after the master: that is what it is for. */
const struct spawn_kind spawn_warden = {"warden", 0, user_become, true};

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
spawn_run(const struct spawn_kind *kind, const int *fds, int count)
{
	setpgid(0, 0);
	if (fd_arrange(fds, count) == -1)
		spawn_fail("descriptors");
	log_open_pipe(WIRE_LOG_FD);
	spawn_reset_signals();
	if (kind->become != NULL && kind->become() == -1)
		spawn_fail("cannot change user");
	user_keep_out();
	if (kind->fixed_code)
		spawn_fix_code();
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == -1)
		spawn_fail("no_new_privs");
	/* After the change of user, which clears it. */
	if (prctl(PR_SET_PDEATHSIG, kind->death_signal) == -1)
		spawn_fail("death signal");
	if (getppid() != master.pid) /* died before it was asked for */
		_exit(0);
	title_set("%s", kind->name);
}

pid_t
spawn_child(const struct spawn_kind *kind, const int *fds, int count,
    void (*run)(void *arg), void *arg)
{
	sigset_t all, before;
	pid_t pid;

	/* No handler of the master's may run in the child. */
	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, &before);
	pid = sys.fork();
	if (pid == 0) {
		spawn_run(kind, fds, count);
		run(arg);
		_exit(1);
	}
	/* Here too, so that it holds whoever of us two runs first. */
	if (pid > 0)
		setpgid(pid, pid);
	sigprocmask(SIG_SETMASK, &before, NULL);
	return (pid);
}
