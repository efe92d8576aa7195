/*
 * The ways of a daemon: one instance, in the background, away from any
 * terminal.  The parent of the
 * fork stays until the daemon serves, so that a failed start has an exit status
 * and its messages have a terminal.
 */

#include "master/daemon.h"
#include "common/fd.h"
#include "common/log.h"
#include "common/safe.h"

#include <sys/file.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int pidfile = -1;
static const char *pidfile_path;
static int release_fd = -1;

/* False: it was removed since it was opened, by one that ended. */
static bool
daemon_has_pidfile(int fd)
{
	struct stat st, named;

	return (fstat(fd, &st) == 0 && stat(pidfile_path, &named) == 0 &&
		named.st_dev == st.st_dev && named.st_ino == st.st_ino);
}

/* It is ours, to be removed at the end, only once it is locked. */
static int
daemon_open_pidfile(void)
{
	char why[SAFE_WHY_SIZE], text[16] = "";
	struct stat st;
	int fd =
	    safe_open(pidfile_path, SAFE_TRUSTED, O_RDWR | O_CREAT, 0644, why);

	if (fd == -1)
		log_fatal("%s: %s", pidfile_path, why);
	if (fstat(fd, &st) == 0 && !S_ISREG(st.st_mode))
		log_fatal("%s: is no regular file", pidfile_path);
	if (flock(fd, LOCK_EX | LOCK_NB) == 0)
		return (fd);
	if (errno != EWOULDBLOCK)
		log_fatal("%s: %s", pidfile_path, strerror(errno));
	(void)!pread(fd, text, sizeof(text) - 1, 0); /* it may not say yet */
	log_fatal("%s: already running with pid %d", pidfile_path, atoi(text));
}

void
daemon_lock(const char *path)
{
	int fd;

	pidfile_path = path;
	while (!daemon_has_pidfile(fd = daemon_open_pidfile()))
		fd_close(&fd);
	/* What one that was killed has left is no process of ours. */
	if (ftruncate(fd, 0) == -1)
		log_fatal("%s: %s", path, strerror(errno));
	pidfile = fd;
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
	sigset_t none;
	pid_t child;

	if (pipe2(ends, O_CLOEXEC) == -1 || (child = fork()) == -1)
		log_fatal("cannot go into the background: %s", strerror(errno));
	if (child > 0) {
		sigemptyset(&none);
		sigprocmask(SIG_SETMASK, &none, NULL); /* ^C, say */
		close(ends[1]);
		daemon_wait(ends[0], child);
	}
	close(ends[0]);
	release_fd = ends[1];
	setsid();
	if (chdir("/") == -1)
		log_fatal("/: %s", strerror(errno));
}

void
daemon_release(void)
{
	int null;

	if (pidfile != -1 && dprintf(pidfile, "%d", (int)getpid()) < 0)
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
	if (pidfile != -1 && daemon_has_pidfile(pidfile))
		unlink(pidfile_path);
	fd_close(&pidfile);
}
