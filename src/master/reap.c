/*
 * Reaps children and tells the owner that the role of each has, then
 * kills what dead agents left behind: the master is a subreaper, so that
 * orphans, those that called setsid(2) included, turn up as children that
 * nobody owns.
 */

#include "master/reap.h"
#include "common/clock.h"
#include "common/log.h"
#include "common/sweep.h"
#include "master/delegation.h"
#include "master/globals.h"
#include "master/spawn.h"

#include <sys/wait.h>

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include <event2/event.h>

/* What is left of all agents at the end may take so long to die. */
#define FINISH_LIMIT_MS 1000

/*
 * Sweeping takes so many percent of a processor at most, lest a tool that
 * forks without end keep us from everybody else; and rests so long.
 */
#define SHARE 10
#define REST_MS 1

/*
 * What is told to die again and again, and does not, may be in the kernel for
 * long, or not ours to kill: it is looked at ever less, up to this.
 */
#define REST_MAX_MS 1000

static struct event *sweep;
static int64_t rest_ms = REST_MS;

/* Started by whoever then became us with exec(2), as in `helper & exec agentd`.
 */
static pid_t *others;
static size_t nothers;

static void reap_sweep(evutil_socket_t, short, void *);

static void
reap_remember(pid_t child, void *arg)
{
	pid_t *more = reallocarray(others, nothers + 1, sizeof(*others));

	if (more == NULL)
		log_fatal("out of memory");
	others = more;
	others[nothers++] = child;
}

void
reap_init(void)
{
	if (sweep_enable() == -1)
		log_fatal("cannot become a subreaper: %s", strerror(errno));
	if (sweep_children(reap_remember, NULL) == -1)
		log_fatal("cannot read /proc: %s", strerror(errno));
	if ((sweep = evtimer_new(master.base, reap_sweep, NULL)) == NULL)
		log_fatal("out of memory");
}

static void
reap_forget(pid_t pid)
{
	for (size_t i = 0; i < nothers; i++)
		if (others[i] == pid)
			others[i] = others[--nothers];
}

static bool
reap_spares(pid_t pid)
{
	for (size_t i = 0; i < nothers; i++)
		if (others[i] == pid)
			return (true);
	return (spawn_role(pid) != NULL);
}

/*
 * One look at what dead agents left behind: a process that is not stopped yet
 * is stopped, and when all are they are killed.
 */
static enum freeze
reap_strangers(void)
{
	int killed = 0, rc = sweep_freeze_pass(reap_spares, &killed);

	if (killed > 0)
		log_debug("swept up %d processes", killed);
	/* Without /proc there is nothing to be seen, else not yet. */
	if (rc == -1)
		return (errno == ENOENT ? FREEZE_NONE : FREEZE_DONE);
	return ((enum freeze)rc);
}

/* The next look is due after this one has taken so long. */
static void
reap_rest(int64_t spent_ns)
{
	struct timeval tv =
	    clock_timeval(rest_ms + spent_ns * (100 / SHARE) / NS_PER_MS);

	if (evtimer_add(sweep, &tv) == -1)
		log_error("cannot watch what dead agents left behind");
}

/* A process that is swept leaves its own children to us in turn. */
static void
reap_sweep(evutil_socket_t fd, short what, void *arg)
{
	int64_t begun_ns = clock_now_ns();
	enum freeze found = reap_strangers();

	if (found != FREEZE_NONE)
		reap_rest(clock_now_ns() - begun_ns);
	if (found != FREEZE_DONE)
		rest_ms = REST_MS;
	else if ((rest_ms *= 2) > REST_MAX_MS)
		rest_ms = REST_MAX_MS;
}

/* Of an agent, say, that leaves others than those which do not die. */
static void
reap_hurry(void)
{
	if (rest_ms == REST_MAX_MS)
		rest_ms = REST_MS;
	else if (evtimer_pending(sweep, NULL))
		return;
	reap_sweep(-1, 0, NULL);
}

/*
 * A dead child that is not yet reaped keeps its number, so its group can be
 * killed safely; afterwards the number may be anybody's.
 */
static bool
reap_one(void)
{
	siginfo_t info = {0};
	const struct role *role;
	int wait_status;
	pid_t pid, reaped;

	while (waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT) == -1)
		if (errno != EINTR)
			return (false);
	if ((pid = info.si_pid) == 0)
		return (false);
	if ((role = spawn_role(pid)) != NULL && pid > 1)
		kill(-pid, SIGKILL);
	do
		reaped = waitpid(pid, &wait_status, WNOHANG);
	while (reaped == -1 && errno == EINTR);
	if (reaped != pid)
		return (false);
	spawn_forget(pid);
	if (role != NULL)
		role->reaped(pid, wait_status);
	else
		reap_forget(pid);
	return (true);
}

/* The kernel tells of a child that is stopped as it does of one that died. */
static void
reap_stopped(void)
{
	siginfo_t info = {0};
	const struct role *role;

	while (waitid(P_ALL, 0, &info, WSTOPPED | WCONTINUED | WNOHANG) == 0 &&
	       info.si_pid != 0) {
		if ((role = spawn_role(info.si_pid)) != NULL &&
		    role->stopped != NULL)
			role->stopped(
			    info.si_pid, info.si_code != CLD_CONTINUED);
		info.si_pid = 0;
	}
}

void
reap_children(void)
{
	bool any = false;

	reap_stopped();
	while (reap_one())
		any = true;
	if (!any)
		return;
	reap_hurry();
	delegation_tidy();
}

void
reap_finish(void)
{
	int64_t give_up = clock_now_ns() + FINISH_LIMIT_MS * NS_PER_MS;

	event_del(sweep);
	while (reap_strangers() != FREEZE_NONE && clock_now_ns() < give_up) {
		poll(NULL, 0, 1); /* who is killed needs its turn to die */
		while (reap_one())
			;
	}
}
