/*
 * Finds and ends the processes that a tool left behind.  Used by an agent
 * after each call and in its TERM handler, and by the master after an agent's
 * death.  Only system calls that are safe in a signal handler are made.
 */

#include "common/sweep.h"
#include "common/clock.h"
#include "common/fd.h"

#include <sys/prctl.h>
#include <sys/wait.h>

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

int
sweep_enable(void)
{
	return (prctl(PR_SET_CHILD_SUBREAPER, 1));
}

/* Children that are to live on. */
static pid_t *kept;
static size_t kept_count, kept_size;

/* The list of our children, open as long as there are some to be kept. */
static int list_fd = -1;

static int
sweep_open(void)
{
	return (open("/proc/thread-self/children", O_RDONLY | O_CLOEXEC));
}

int
sweep_keep(pid_t pid)
{
	size_t size = kept_size == 0 ? 8 : 2 * kept_size;
	pid_t *pids;

	if (kept_count == kept_size) {
		if ((pids = reallocarray(kept, size, sizeof(*pids))) == NULL)
			return (-1);
		kept = pids;
		kept_size = size;
	}
	if (list_fd == -1 && (list_fd = sweep_open()) == -1)
		return (-1);
	kept[kept_count++] = pid;
	return (0);
}

void
sweep_drop(pid_t pid)
{
	for (size_t i = 0; i < kept_count; i++)
		if (kept[i] == pid) {
			kept[i] = kept[--kept_count];
			break;
		}
	if (kept_count == 0)
		fd_close(&list_fd);
}

static bool
sweep_keeps(pid_t pid)
{
	for (size_t i = 0; i < kept_count; i++)
		if (kept[i] == pid)
			return (true);
	return (false);
}

/* Visits what the kernel lists in fd, anew from its beginning. */
static int
sweep_read(int fd, void (*visit)(pid_t child, void *arg), void *arg)
{
	char buf[4096];
	off_t offset = 0;
	ssize_t got;
	pid_t pid = 0;
	int count = 0;

	while ((got = pread(fd, buf, sizeof(buf), offset)) > 0) {
		offset += got;
		for (ssize_t i = 0; i < got; i++) {
			if (buf[i] >= '0' && buf[i] <= '9') {
				pid = pid * 10 + (buf[i] - '0');
			} else if (pid != 0) {
				visit(pid, arg);
				pid = 0;
				count++;
			}
		}
	}
	return (got == -1 ? -1 : count);
}

/*
 * The kernel's list of our children, made by it as it is read.  All of them
 * are ours whichever thread forked: we have but one.
 */
int
sweep_children(void (*visit)(pid_t child, void *arg), void *arg)
{
	int fd = sweep_open(), count;

	if (fd == -1)
		return (-1);
	count = sweep_read(fd, visit, arg);
	close(fd);
	return (count);
}

static void
sweep_kill(pid_t child, void *arg)
{
	int *killed = arg;

	if (kill(child, SIGKILL) == 0)
		(*killed)++;
}

int
sweep_all(int limit_ms)
{
	int64_t give_up = clock_now_ns() + limit_ms * NS_PER_MS;
	int killed = 0;

	/* Most calls leave nothing: one system call says so. */
	while (waitpid(-1, NULL, WNOHANG) != -1 || errno != ECHILD) {
		if (sweep_children(sweep_kill, &killed) == -1)
			return (-1);
		if (clock_now_ns() > give_up) {
			errno = ETIMEDOUT;
			return (-1);
		}
		while (waitpid(-1, NULL, WNOHANG) > 0)
			;
		poll(NULL, 0, 1); /* a killed process needs its turn to die */
	}
	return (killed);
}

struct strays {
	int left, killed;
};

static void
sweep_stray(pid_t child, void *arg)
{
	struct strays *strays = arg;

	if (sweep_keeps(child))
		return;
	strays->left++;
	if (waitpid(child, NULL, WNOHANG) == 0 && kill(child, SIGKILL) == 0)
		strays->killed++;
}

int
sweep_strays(int limit_ms)
{
	int64_t give_up = clock_now_ns() + limit_ms * NS_PER_MS;
	struct strays strays = {0};

	if (kept_count == 0)
		return (sweep_all(limit_ms));
	/* What a stray leaves is ours at the next look. */
	while (sweep_read(list_fd, sweep_stray, &strays) != -1) {
		if (strays.left == 0)
			return (strays.killed);
		if (clock_now_ns() > give_up) {
			errno = ETIMEDOUT;
			return (-1);
		}
		strays.left = 0;
		poll(NULL, 0, 1);
	}
	return (-1);
}
