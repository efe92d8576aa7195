/*
 * Waits for the end of the master, and then ends its agents and all that is
 * below them.  An agent would do that itself, but code of others runs in it
 * and may have blocked, ignored or changed whatever it needs for it.  Agents
 * are subreapers, so that all their tools' processes are below them as long as
 * they live: that is why the kernel stops them when the master dies, and does
 * not kill them (spawn.c, foreign.c).
 */

#include "master/warden_run.h"
#include "common/clock.h"
#include "common/freeze.h"
#include "common/title.h"

#include <sys/pidfd.h>

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <unistd.h>

#define NOTES_FD 3

/* What the kernel does not let go of is left after so long. */
#define LIMIT_MS 10000

/* Below that many passes may come in a row. */
#define REST_MS 1

/* A descriptor knows a process even when another has got its number. */
struct ward {
	pid_t pid;
	int pidfd; /* -1: the kernel has none to give */
};

static struct ward *wards;
static pid_t *alive;
static size_t count, size;

/* Without memory it ends, and the master starts another. */
static void
warden_room(void)
{
	if (count < size)
		return;
	size = size == 0 ? 16 : 2 * size;
	wards = reallocarray(wards, size, sizeof(*wards));
	alive = reallocarray(alive, size, sizeof(*alive));
	if (wards == NULL || alive == NULL)
		_exit(1);
}

static void
warden_add(pid_t pid)
{
	warden_room();
	wards[count++] = (struct ward){pid, pidfd_open(pid, 0)};
}

static void
warden_drop(pid_t pid)
{
	for (size_t i = 0; i < count; i++)
		if (wards[i].pid == pid) {
			if (wards[i].pidfd != -1)
				close(wards[i].pidfd);
			wards[i] = wards[--count];
			return;
		}
}

/* A pipe hands over what was written at once as a whole, if it fits. */
static void
warden_listen(void)
{
	struct warden_note note;
	ssize_t got;

	while ((got = read(NOTES_FD, &note, sizeof(note))) != 0) {
		if (got == -1 && errno == EINTR)
			continue;
		if (got != sizeof(note) || note.pid <= 1)
			_exit(1);
		if (note.born)
			warden_add(note.pid);
		else
			warden_drop(note.pid);
	}
}

static bool
warden_lives(const struct ward *ward)
{
	struct pollfd ended = {.fd = ward->pidfd, .events = POLLIN};

	if (ward->pidfd == -1)
		return (kill(ward->pid, 0) == 0);
	return (poll(&ended, 1, 0) == 0);
}

/* How many agents are alive. */
static size_t
warden_look(void)
{
	size_t n = 0;

	for (size_t i = 0; i < count; i++)
		if (warden_lives(&wards[i]))
			alive[n++] = wards[i].pid;
	return (n);
}

/* Where /proc shows nothing, what is known by number dies at least. */
static void
warden_kill(size_t n)
{
	for (size_t i = 0; i < n; i++)
		kill(alive[i], SIGKILL);
}

void
warden_run(void *unused)
{
	sigset_t all;
	int64_t give_up_ns;
	size_t n;

	/* It ends with the master, and not with others before. */
	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, NULL);
	title_set("warden");
	warden_listen();
	give_up_ns = clock_now_ns() + LIMIT_MS * NS_PER_MS;
	while ((n = warden_look()) > 0 && clock_now_ns() < give_up_ns) {
		if (freeze_trees(alive, n) == -1)
			warden_kill(n);
		poll(NULL, 0, REST_MS);
	}
	_exit(0);
}
