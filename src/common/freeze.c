/*
 * A process that forks all the time outruns whoever kills one after the other:
 * each that dies makes room for another.  So all are stopped first, which
 * makes no room, pass by pass until one finds none that runs; what is stopped
 * starts nothing, and is killed.  Called by sweep.c and by the master.
 */

#include "common/freeze.h"
#include "common/children.h"

#include <sys/wait.h>

#include <errno.h>
#include <signal.h>
#include <stddef.h>
#include <string.h>
#include <unistd.h>

/* Of more than so many the first are ended first. */
#define PIDS_MAX 32768

/* Parents come before their children. */
static struct found {
	pid_t pid, parent; /* 0: whosever it is */
} found[PIDS_MAX];
static size_t count;

/* What is not ours is none of our business, whatever /proc says. */
static bool
freeze_is_child(pid_t pid)
{
	return (
	    waitid(P_PID, (id_t)pid, NULL, WEXITED | WNOHANG | WNOWAIT) == 0);
}

static void
freeze_add(pid_t pid, void *arg)
{
	const pid_t *parent = arg;

	if (count < PIDS_MAX)
		found[count++] = (struct found){pid, *parent};
}

static void
freeze_add_child(pid_t pid, void *arg)
{
	bool (*const *spared)(pid_t) = arg;
	pid_t self = getpid();

	if (!(*spared)(pid) && freeze_is_child(pid))
		freeze_add(pid, &self);
}

/* Whether it ran, and may have started others while we looked. */
static bool
freeze_stop(const struct found *this)
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

/* Children first: whose parent dies might be woken, see _exit(2). */
static int
freeze_kill(void)
{
	int killed = 0;

	for (size_t i = count; i-- > 0;)
		if (kill(found[i].pid, SIGKILL) == 0)
			killed++;
	return (killed);
}

/* Begins a pass.  0, or -1 with errno. */
static int
freeze_begin(void)
{
	count = 0;
	if (children_known())
		return (0);
	errno = ENOENT;
	return (-1);
}

/* Goes on from those that are known. */
static enum freeze
freeze_all(int *killed)
{
	size_t ran = 0;

	/* Those that are found are looked at in their turn. */
	for (size_t i = 0; i < count; i++) {
		ran += freeze_stop(&found[i]);
		(void)children_each(found[i].pid, freeze_add, &found[i].pid);
	}
	if (count == 0)
		return (FREEZE_NONE);
	if (ran > 0)
		return (FREEZE_MORE);
	*killed += freeze_kill();
	return (FREEZE_DONE);
}

int
freeze_pass(bool (*spared)(pid_t child), int *killed)
{
	if (freeze_begin() == -1 ||
	    children_each(0, freeze_add_child, &spared) == -1)
		return (-1);
	return ((int)freeze_all(killed));
}

int
freeze_trees(const pid_t *roots, size_t n)
{
	pid_t anybody = 0;
	int killed = 0;

	if (freeze_begin() == -1)
		return (-1);
	for (size_t i = 0; i < n; i++)
		freeze_add(roots[i], &anybody);
	return ((int)freeze_all(&killed));
}
