/*
 * A plugin can do to its agent whatever it likes.  What can be undone is undone
 * after each call, and what cannot is noticed before the next caller pays for
 * it.
 */

#include "agent/foreign.h"
#include "common/wire.h"

#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/time.h>

#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static const int fds[FOREIGN_FDS] = {
    WIRE_LOG_FD, WIRE_SOCKET_FD, WIRE_STATUS_FD};

static const int limited[FOREIGN_LIMITS] = {
    RLIMIT_CPU, RLIMIT_NOFILE, RLIMIT_FSIZE};

/* What a plugin may keep open for itself between calls. */
#define LEFT_MAX 8

/*
 * Beyond that it should have so much less than this part of all descriptors,
 * and leave so many for other tools.
 */
#define LEFT_PART 4
#define ROOM 16

/* Since the start of this process. */
static int left_open;

/* What is left open fills the gaps from below. */
static int
foreign_lowest(void)
{
	int fd = open("/", O_PATH | O_CLOEXEC);

	if (fd != -1)
		close(fd);
	return (fd);
}

static void
foreign_look(struct stat seen[static FOREIGN_FDS])
{
	memset(seen, 0, FOREIGN_FDS * sizeof(*seen));
	for (size_t i = 0; i < FOREIGN_FDS; i++)
		(void)!fstat(fds[i], &seen[i]);
}

static void
foreign_look_at_limits(struct rlimit limits[static FOREIGN_LIMITS])
{
	memset(limits, 0, FOREIGN_LIMITS * sizeof(*limits));
	for (size_t i = 0; i < FOREIGN_LIMITS; i++)
		(void)!getrlimit(limited[i], &limits[i]);
}

void
foreign_begin(struct foreign *foreign)
{
	foreign->pid = getpid();
	foreign->lowest = foreign_lowest();
	foreign_look(foreign->fds);
	foreign_look_at_limits(foreign->limits);
	sigprocmask(SIG_SETMASK, NULL, &foreign->mask);
	sigaction(SIGTERM, NULL, &foreign->term);
	sigaction(SIGPIPE, NULL, &foreign->pipe);
	foreign->death_signal = 0;
	(void)!prctl(PR_GET_PDEATHSIG, &foreign->death_signal);
	/*
	 * A signal that asks can be blocked; one that kills would leave the
	 * processes that it has started, see warden.c.
	 */
	if (foreign->death_signal != 0)
		(void)!prctl(PR_SET_PDEATHSIG, SIGSTOP);
}

static void
foreign_check_fds(
    const struct foreign *foreign, const char *who, struct fitness *fitness)
{
	static const int is[FOREIGN_FDS] = {UNFIT, UNFIT_LOST, UNFIT_MUTE};
	struct stat now[FOREIGN_FDS];

	foreign_look(now);
	for (size_t i = 0; i < FOREIGN_FDS; i++) {
		if ((now[i].st_dev == foreign->fds[i].st_dev &&
			now[i].st_ino == foreign->fds[i].st_ino) ||
		    (int)fitness->is >= is[i])
			continue;
		fitness->is = is[i];
		snprintf(fitness->why, sizeof(fitness->why),
		    "%.64s closed descriptor %d of its agent", who, fds[i]);
	}
}

/* What it has changed would be felt by other tools. */
static void
foreign_check_state(
    const struct foreign *foreign, const char *who, struct fitness *fitness)
{
	struct rlimit now[FOREIGN_LIMITS];
	int subreaper = 1;

	foreign_look_at_limits(now);
	if (memcmp(now, foreign->limits, sizeof(now)) != 0) {
		fitness->is = UNFIT;
		snprintf(fitness->why, sizeof(fitness->why),
		    "%.64s changed a limit of its agent", who);
	}
	/* What it has started is then swept by the master, after our end. */
	(void)!prctl(PR_GET_CHILD_SUBREAPER, &subreaper);
	if (subreaper == 0) {
		(void)!prctl(PR_SET_CHILD_SUBREAPER, 1);
		fitness->is = UNFIT;
		snprintf(fitness->why, sizeof(fitness->why),
		    "%.64s made its agent stop reaping processes", who);
	}
}

/* Its signal would come in the middle of another's call. */
static void
foreign_stop_timers(void)
{
	static const struct itimerval off;

	(void)!setitimer(ITIMER_REAL, &off, NULL);
	(void)!setitimer(ITIMER_VIRTUAL, &off, NULL);
	(void)!setitimer(ITIMER_PROF, &off, NULL);
}

/* Whether so many are too many. */
static bool
foreign_leaks(int lowest)
{
	struct rlimit limit;

	if (left_open <= LEFT_MAX || getrlimit(RLIMIT_NOFILE, &limit) == -1)
		return (false);
	return ((rlim_t)left_open > limit.rlim_cur / LEFT_PART ||
		(rlim_t)lowest + ROOM > limit.rlim_cur);
}

static void
foreign_count(
    const struct foreign *foreign, const char *who, struct fitness *fitness)
{
	int lowest = foreign_lowest();

	if (lowest == -1 || foreign->lowest == -1) {
		fitness->is = UNFIT;
		snprintf(fitness->why, sizeof(fitness->why),
		    "%.64s has left no descriptor free", who);
		return;
	}
	if (lowest > foreign->lowest)
		left_open += lowest - foreign->lowest;
	if (!foreign_leaks(lowest))
		return;
	fitness->is = UNFIT;
	snprintf(fitness->why, sizeof(fitness->why),
	    "%.64s has left %d descriptors open", who, left_open);
}

void
foreign_end(
    const struct foreign *foreign, const char *who, struct fitness *fitness)
{
	/* It is not the agent: that has the same call in hand. */
	if (getpid() != foreign->pid)
		_exit(0);
	foreign_stop_timers();
	sigaction(SIGPIPE, &foreign->pipe, NULL);
	sigaction(SIGTERM, &foreign->term, NULL);
	sigprocmask(SIG_SETMASK, &foreign->mask, NULL);
	if (foreign->death_signal != 0)
		(void)!prctl(PR_SET_PDEATHSIG, foreign->death_signal);
	fitness->is = FIT;
	foreign_check_state(foreign, who, fitness);
	foreign_count(foreign, who, fitness);
	foreign_check_fds(foreign, who, fitness);
}
