/*
 * Keeps the warden, and is what it does.  Whatever the master dies of, the
 * warden finds the end of a pipe that nobody else has open for writing, and it
 * knows all agents by what it was told through that pipe.  When the pipe is
 * full, or the warden is dead, another is started, and told of all agents anew.
 *
 * An agent would end by itself, but code of others runs in it and may have
 * blocked, ignored or changed whatever it needs for it.  Agents are subreapers,
 * so that all their tools' processes are below them as long as they live: that
 * is why the kernel stops them when the master dies, and does not kill them.
 */

#include "master/warden.h"
#include "common/clock.h"
#include "common/fd.h"
#include "common/log.h"
#include "common/sweep.h"
#include "common/title.h"
#include "master/globals.h"
#include "master/spawn.h"

#include <sys/pidfd.h>
#include <sys/wait.h>

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <event2/event.h>
#include <event2/event_struct.h>

/* At the end of the master. */
#define FINISH_LIMIT_MS 1000

/* What the kernel does not let go of, the warden leaves after so long. */
#define LIMIT_MS 10000

/* Below that many of its passes may come in a row. */
#define REST_MS 1

#define NOTES_FD 3

/* What the master writes to the warden's pipe, whole. */
struct note {
	int32_t pid;  /* of an agent */
	int32_t born; /* or reaped */
};

/* In the warden.  A descriptor knows a process even when its number is
 * another's. */
struct ward {
	pid_t pid;
	int pidfd; /* -1: the kernel has none to give */
};

static struct ward *wards;
static pid_t *alive;
static size_t count, size;

/* In the master. */
static pid_t warden = -1;
static int notes = -1;
static struct event again;

/* Without memory it ends, and the master starts another. */
static void
warden_add(pid_t pid)
{
	if (count == size) {
		size = size == 0 ? 16 : 2 * size;
		wards = reallocarray(wards, size, sizeof(*wards));
		alive = reallocarray(alive, size, sizeof(*alive));
		if (wards == NULL || alive == NULL)
			_exit(1);
	}
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
	struct note note;
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
		/* Without /proc, what is known by number dies at least. */
		if (sweep_freeze_trees(alive, n) == -1)
			while (n > 0)
				kill(alive[--n], SIGKILL);
		poll(NULL, 0, REST_MS);
	}
	_exit(0);
}

/* It is not waited for: a warden that does not read is replaced. */
static void
warden_tell(pid_t pid, bool born)
{
	struct note note = {.pid = pid, .born = born};

	if (notes == -1 || write(notes, &note, sizeof(note)) == sizeof(note))
		return;
	fd_close(&notes);
	kill(warden, SIGKILL);
}

void
warden_born(pid_t pid)
{
	warden_tell(pid, true);
}

void
warden_gone(pid_t pid)
{
	warden_tell(pid, false);
}

/* Returns what failed, with errno, or NULL. */
static const char *
warden_fork(void)
{
	int pipe[2], fds[2];

	if (fd_pipe(pipe) == -1)
		return ("pipe");
	fds[0] = open("/dev/null", O_WRONLY | O_CLOEXEC);
	fds[1] = pipe[0];
	if (fds[0] != -1 && fd_set_blocking(pipe[0]) == 0 &&
	    fd_prepare(pipe[1]) == 0)
		warden = spawn_child(ROLE_WARDEN, fds, NULL);
	fd_close(&fds[0]);
	fd_close(&pipe[0]);
	if (warden == -1) {
		fd_close(&pipe[1]);
		return ("fork");
	}
	notes = pipe[1];
	return (NULL);
}

static void
warden_start(evutil_socket_t fd, short what, void *arg)
{
	const char *failed = warden_fork();

	if (failed != NULL) {
		log_error(
		    "cannot start the warden: %s: %s", failed, strerror(errno));
		globals_arm(&again, spawn_pause_ms(ROLE_WARDEN, 1, false));
		return;
	}
	spawn_each(ROLE_AGENT, warden_born);
}

void
warden_init(void)
{
	evtimer_assign(&again, master.base, warden_start, NULL);
	warden_start(-1, 0, NULL);
}

void
warden_reaped(pid_t pid, int wait_status)
{
	warden = -1;
	fd_close(&notes);
	spawn_replace(ROLE_WARDEN, &again);
}

void
warden_finish(void)
{
	int64_t give_up = clock_now_ns() + FINISH_LIMIT_MS * NS_PER_MS;

	if (warden == -1)
		return;
	fd_close(&notes);
	while (waitpid(warden, NULL, WNOHANG) == 0 && clock_now_ns() < give_up)
		poll(NULL, 0, 1);
	warden = -1;
}
