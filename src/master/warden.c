/*
 * Keeps the warden.  Whatever the master dies of, the warden finds the end of
 * a pipe that nobody else has open for writing, and it knows all agents by
 * what it was told through that pipe.  When the pipe is full, or the warden is
 * dead, another is started, and told of all agents anew.
 */

#include "master/warden.h"
#include "common/clock.h"
#include "common/fd.h"
#include "common/log.h"
#include "master/globals.h"
#include "master/spawn.h"
#include "master/table.h"
#include "master/warden_run.h"

#include <sys/wait.h>

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include <event2/event.h>
#include <event2/event_struct.h>

/* Between the deaths of wardens. */
#define AGAIN_MS 1000

/* At the end of the master. */
#define FINISH_LIMIT_MS 1000

static pid_t warden = -1;
static int notes = -1;
static struct event again;

static void
warden_later(void)
{
	struct timeval tv = clock_timeval(AGAIN_MS);

	evtimer_add(&again, &tv);
}

/* It is not waited for: a warden that does not read is replaced. */
static void
warden_tell(pid_t pid, bool born)
{
	struct warden_note note = {.pid = pid, .born = born};

	if (notes == -1 || write(notes, &note, sizeof(note)) == sizeof(note))
		return;
	fd_close(&notes);
	kill(warden, SIGKILL);
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
		warden = spawn_child(&spawn_warden, fds, 2, warden_run, NULL);
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
		warden_later();
		return;
	}
	for (unsigned int i = 0; i < table.used; i++)
		if (table.slots[i].pid != -1)
			warden_tell(table.slots[i].pid, true);
}

void
warden_init(void)
{
	evtimer_assign(&again, master.base, warden_start, NULL);
	warden_start(-1, 0, NULL);
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

bool
warden_owns(pid_t pid)
{
	return (pid > 0 && pid == warden);
}

bool
warden_reaped(pid_t pid, int wait_status)
{
	if (!warden_owns(pid))
		return (false);
	warden = -1;
	fd_close(&notes);
	log_warn("the warden has died; another follows");
	warden_later();
	return (true);
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
