/*
 * Finds and ends the processes that a tool left behind.  Only system calls that
 * are safe in a signal handler are made.
 *
 * A process that forks all the time outruns whoever kills one after the other:
 * each that dies makes room for another.  So all are stopped first, which makes
 * no room, pass by pass until one finds none that runs; what is stopped starts
 * nothing, and is killed.
 */

#include "common/sweep.h"

#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/children.h"
#include "common/clock.h"
#include "common/fd.h"

/* Of more than so many the first are ended first. */
#define PIDS_MAX 32768

/* Parents come before their children. */
static struct found {
	pid_t pid, parent; /* 0: whosever it is */
} found[PIDS_MAX];
static size_t count;

static void
sweep_freeze_add(pid_t pid, void *arg)
{
	const pid_t *parent = arg;

	if (count < PIDS_MAX)
		found[count++] = (struct found){pid, *parent};
}

static void
sweep_freeze_add_child(pid_t pid, void *arg)
{
	bool (*const *spared)(pid_t) = arg;
	pid_t self = getpid();

	/* What is not ours is none of our business, whatever /proc says. */
	if (!(*spared)(pid) &&
	    waitid(P_PID, (id_t)pid, NULL, WEXITED | WNOHANG | WNOWAIT) == 0)
		sweep_freeze_add(pid, &self);
}

/* Whether it ran, and may have started others while we looked. */
static bool
sweep_freeze_stop(const struct found *this)
{
	pid_t parent;
	char state = children_look(this->pid, &parent);

	if (state == 0)
		return (false);
	/* Adopted since it was found; or its number is a stranger's by now. */
	if (this->parent != 0 && parent != this->parent)
		return (true);
	if (strchr("TtX", state) != NULL || kill(this->pid, SIGSTOP) == -1)
		return (false);
	/*
	 * What sleeps in the kernel stops before it does anything else; what
	 * looks dead may have threads that are not.
	 */
	return (state != 'D' && state != 'Z');
}

/* Begins a pass.  0, or -1 with errno. */
static int
sweep_freeze_begin(void)
{
	count = 0;
	if (children_known())
		return (0);
	errno = ENOENT;
	return (-1);
}

/* Goes on from those that are known. */
static enum freeze
sweep_freeze_all(int *killed)
{
	size_t ran = 0;

	/* Those that are found are looked at in their turn. */
	for (size_t i = 0; i < count; i++) {
		ran += sweep_freeze_stop(&found[i]);
		(void)children_each(
		    found[i].pid, sweep_freeze_add, &found[i].pid);
	}
	if (count == 0)
		return (FREEZE_NONE);
	if (ran > 0)
		return (FREEZE_MORE);
	/* Children first: whose parent dies might be woken, see _exit(2). */
	for (size_t i = count; i-- > 0;)
		if (kill(found[i].pid, SIGKILL) == 0)
			++*killed;
	return (FREEZE_DONE);
}

int
sweep_freeze_pass(bool (*spared)(pid_t child), int *killed)
{
	if (sweep_freeze_begin() == -1 ||
	    children_each(0, sweep_freeze_add_child, &spared) == -1)
		return (-1);
	return ((int)sweep_freeze_all(killed));
}

int
sweep_freeze_trees(const pid_t *roots, size_t n)
{
	pid_t anybody = 0;
	int killed = 0;

	if (sweep_freeze_begin() == -1)
		return (-1);
	for (size_t i = 0; i < n; i++)
		sweep_freeze_add(roots[i], &anybody);
	return ((int)sweep_freeze_all(&killed));
}

/* Looks in a row, before it sleeps for a moment. */
#define ROUNDS_AWAKE 8

static bool forked; /* since all strays were swept */

static void
sweep_forked(void)
{
	forked = true;
}

int
sweep_enable(void)
{
	if (pthread_atfork(NULL, sweep_forked, NULL) != 0)
		return (-1);
	return (prctl(PR_SET_CHILD_SUBREAPER, 1));
}

/* Children that are to live on, themselves or as long as their owner does. */
static struct kept {
	pid_t pid, owner;
} * kept;
static size_t kept_count, kept_size;
static pid_t last_owner;

/*
 * The list of our children, and where our threads are, open as long as there
 * are some to be kept.
 */
static int list_fd = -1, tasks_fd = -1;

static int
sweep_open(void)
{
	list_fd = open("/proc/thread-self/children", O_RDONLY | O_CLOEXEC);
	tasks_fd = open("/proc/self/task", O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (list_fd != -1 && tasks_fd != -1)
		return (0);
	fd_close(&list_fd);
	fd_close(&tasks_fd);
	return (-1);
}

static int
sweep_add(pid_t pid, pid_t owner)
{
	size_t size = kept_size == 0 ? 8 : 2 * kept_size;
	struct kept *more;

	if (kept_count == kept_size) {
		if ((more = reallocarray(kept, size, sizeof(*more))) == NULL)
			return (-1);
		kept = more;
		kept_size = size;
	}
	if (list_fd == -1 && sweep_open() == -1)
		return (-1);
	kept[kept_count++] = (struct kept){pid, owner};
	return (0);
}

int
sweep_keep(pid_t pid)
{
	if (sweep_add(pid, pid) == -1)
		return (-1);
	last_owner = pid;
	return (0);
}

void
sweep_drop(pid_t pid)
{
	for (size_t i = kept_count; i-- > 0;)
		if (kept[i].owner == pid)
			kept[i] = kept[--kept_count];
	if (last_owner == pid)
		last_owner = kept_count == 0 ? 0 : kept[0].owner;
	if (kept_count > 0)
		return;
	fd_close(&list_fd);
	fd_close(&tasks_fd);
}

bool
sweep_is_due(void)
{
	return (forked || kept_count > 0);
}

static struct kept *
sweep_find(pid_t pid)
{
	for (size_t i = 0; i < kept_count; i++)
		if (kept[i].pid == pid)
			return (&kept[i]);
	return (NULL);
}

static bool
sweep_keeps(pid_t pid)
{
	return (sweep_find(pid) != NULL);
}

/* Without memory for it, it is a stray. */
static void
sweep_adopt_one(pid_t pid, void *arg)
{
	if (!sweep_keeps(pid))
		(void)sweep_add(pid, last_owner);
}

void
sweep_adopt(pid_t owner)
{
	if (kept_count == 0)
		return;
	if (owner != 0)
		last_owner = owner;
	(void)children_read(list_fd, sweep_adopt_one, NULL);
}

int
sweep_children(void (*visit)(pid_t child, void *arg), void *arg)
{
	return (children_each(0, visit, arg));
}

/* Until nothing is left, or it takes too long. */
struct sweep {
	int64_t give_up_ns;
	int rounds, killed;
};

static struct sweep
sweep_begin(int limit_ms)
{
	return ((struct sweep){
	    .give_up_ns = clock_now_ns() + limit_ms * NS_PER_MS});
}

/* 1: there may be more; 0: nothing is left; -1 with errno. */
static int
sweep_round(struct sweep *sweep, bool (*spared)(pid_t))
{
	int rc = sweep_freeze_pass(spared, &sweep->killed);

	if (rc == -1 || rc == FREEZE_NONE)
		return (rc == -1 ? -1 : 0);
	if (clock_now_ns() > sweep->give_up_ns) {
		errno = ETIMEDOUT;
		return (-1);
	}
	/* Who was told to stop needs its turn for it, and to die as well. */
	if (rc == FREEZE_DONE || ++sweep->rounds % ROUNDS_AWAKE == 0)
		poll(NULL, 0, 1);
	else
		sched_yield();
	return (1);
}

static bool
sweep_spares_none(pid_t child)
{
	return (false);
}

int
sweep_all(int limit_ms)
{
	struct sweep sweep = sweep_begin(limit_ms);

	/* Most calls leave nothing: one system call says so. */
	while (waitpid(-1, NULL, WNOHANG) != -1 || errno != ECHILD) {
		while (waitpid(-1, NULL, WNOHANG) > 0)
			;
		if (sweep_round(&sweep, sweep_spares_none) == -1)
			return (-1);
	}
	return (sweep.killed);
}

static void
sweep_reap_stray(pid_t child, void *arg)
{
	struct kept *place = sweep_find(child);
	int *strays = arg;

	/* Whoever keeps a child reaps it, but nobody what was adopted. */
	if (place != NULL && place->owner == child)
		return;
	if (waitpid(child, NULL, WNOHANG) == 0)
		*strays += place == NULL;
	else if (place != NULL)
		*place = kept[--kept_count];
}

/* How many strays live; those that are dead are reaped. */
static int
sweep_count(void)
{
	struct stat st;
	int strays = 0, rc;

	/* Three links: its two names, and that of the only thread in it. */
	if (fstat(tasks_fd, &st) == -1 || st.st_nlink > 3)
		rc = sweep_children(sweep_reap_stray, &strays);
	else
		rc = children_read(list_fd, sweep_reap_stray, &strays);
	return (rc == -1 ? -1 : strays);
}

int
sweep_strays(int limit_ms)
{
	struct sweep sweep = sweep_begin(limit_ms);
	int strays;

	forked = false;
	if (kept_count == 0)
		return (sweep_all(limit_ms));
	/* What a stray leaves is ours at the next look. */
	while ((strays = sweep_count()) > 0)
		if (sweep_round(&sweep, sweep_keeps) == -1)
			return (-1);
	return (strays == -1 ? -1 : sweep.killed);
}
