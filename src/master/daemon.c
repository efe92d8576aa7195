/*
 * The ways of a daemon: one instance, in the background, away from any
 * terminal.  The parent of the fork stays until the daemon serves, so that a
 * failed start has an exit status and its messages have a terminal.
 */

#include "master/daemon.h"
#include "common/fd.h"
#include "common/log.h"
#include "master/signals.h"

#include <sys/wait.h>

#include <errno.h>
#include <fcntl.h>
#include <libutil.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static struct pidfh *pidfile;
static int release_fd = -1;

void
daemon_lock(const char *path)
{
	pid_t other = 0;

	pidfile = pidfile_open(path, 0644, &other);
	if (pidfile != NULL)
		return;
	if (errno == EEXIST)
		fatal("%s: already running with pid %d", path, (int)other);
	fatal("%s: %s", path, strerror(errno));
}

/* In the parent: ends as the child says, or as it ends. */
static void
daemon_wait(int fd, pid_t child)
{
	char byte;
	int wait_status;
	ssize_t got;

	do
		got = read(fd, &byte, 1);
	while (got == -1 && errno == EINTR);
	if (got == 1)
		_exit(0);
	if (waitpid(child, &wait_status, 0) == child && WIFEXITED(wait_status))
		_exit(WEXITSTATUS(wait_status));
	_exit(1);
}

void
daemon_detach(void)
{
	int ends[2];
	pid_t child;

	if (pipe2(ends, O_CLOEXEC) == -1 || (child = fork()) == -1)
		fatal("cannot go into the background: %s", strerror(errno));
	if (child > 0) {
		signals_release(); /* to stop waiting for it */
		close(ends[1]);
		daemon_wait(ends[0], child);
	}
	close(ends[0]);
	release_fd = ends[1];
	setsid();
	if (chdir("/") == -1)
		fatal("/: %s", strerror(errno));
}

void
daemon_release(void)
{
	int null;

	if (pidfile != NULL && pidfile_write(pidfile) == -1)
		log_warn("cannot write the pidfile: %s", strerror(errno));
	if (release_fd == -1)
		return;
	if ((null = open("/dev/null", O_RDWR | O_CLOEXEC)) != -1) {
		dup2(null, STDIN_FILENO);
		dup2(null, STDOUT_FILENO);
		dup2(null, STDERR_FILENO);
		fd_close(&null);
	}
	if (write(release_fd, "", 1) == -1)
		log_warn("nobody waited for the start");
	fd_close(&release_fd);
}

void
daemon_unlock(void)
{
	if (pidfile != NULL)
		pidfile_remove(pidfile);
	pidfile = NULL;
}
