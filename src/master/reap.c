/*
 * Reaps children and tells their owner (pool.c, control.c, reload.c), then
 * kills what dead agents left behind: the master is a subreaper, so that
 * orphans, those that called setsid(2) included, turn up as children that
 * nobody owns.
 */

#include "master/reap.h"
#include "common/clock.h"
#include "common/log.h"
#include "common/sweep.h"
#include "master/control.h"
#include "master/delegation.h"
#include "master/pool.h"
#include "master/reload.h"

#include <sys/wait.h>

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <string.h>

/* What is left of all agents at the end may take so long to die. */
#define FINISH_LIMIT_MS 1000

/* Started by whoever then became us with exec(2), as in `helper & exec agentd`.
 */
#define OTHERS_MAX 64

static pid_t others[OTHERS_MAX];
static size_t nothers;

static void
reap_remember(pid_t child, void *arg)
{
	if (nothers < OTHERS_MAX)
		others[nothers++] = child;
}

void
reap_init(void)
{
	if (sweep_enable() == -1)
		fatal("cannot become a subreaper: %s", strerror(errno));
	if (sweep_children(reap_remember, NULL) == -1)
		fatal("cannot read /proc: %s", strerror(errno));
}

static bool
reap_is_other(pid_t pid)
{
	for (size_t i = 0; i < nothers; i++)
		if (others[i] == pid)
			return (true);
	return (false);
}

static void
reap_forget(pid_t pid)
{
	for (size_t i = 0; i < nothers; i++)
		if (others[i] == pid)
			others[i] = others[--nothers];
}

/* One of those that the master has started itself. */
static bool
reap_is_known(pid_t pid)
{
	return (pool_owns(pid) || pid == control_pid() || pid == reload_pid());
}

static void
reap_stranger(pid_t pid, void *arg)
{
	bool *any = arg;

	if (reap_is_known(pid) || reap_is_other(pid))
		return;
	log_debug("swept up process %d", (int)pid);
	kill(pid, SIGKILL);
	*any = true;
}

/* Returns whether there was any. */
static bool
reap_strangers(void)
{
	bool any = false;

	sweep_children(reap_stranger, &any);
	return (any);
}

/*
 * A dead child that is not yet reaped keeps its number, so its group can be
 * killed safely; afterwards the number may be anybody's.
 */
static bool
reap_one(void)
{
	siginfo_t info = {0};
	int wait_status;
	pid_t pid;

	if (waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT) == -1 ||
	    (pid = info.si_pid) == 0)
		return (false);
	if (pid > 1 && reap_is_known(pid))
		kill(-pid, SIGKILL);
	if (waitpid(pid, &wait_status, WNOHANG) != pid)
		return (false);
	if (!pool_reaped(pid, wait_status) &&
	    !control_reaped(pid, wait_status) &&
	    !reload_reaped(pid, wait_status))
		reap_forget(pid);
	return (true);
}

void
reap_children(void)
{
	bool any = false;

	while (reap_one())
		any = true;
	/* A process that is swept re-parents its own children to us in turn. */
	if (any)
		(void)reap_strangers();
	if (any)
		delegation_tidy();
}

void
reap_finish(void)
{
	int64_t give_up = clock_now_ns() + FINISH_LIMIT_MS * NS_PER_MS;

	while (reap_strangers() && clock_now_ns() < give_up) {
		poll(NULL, 0, 1); /* a killed process needs its turn to die */
		reap_children();
	}
}
