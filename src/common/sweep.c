/*
 * Finds and ends the processes that a tool left behind.  Used by an agent
 * after each call and in its TERM handler, and by the master after an agent's
 * death.  Only system calls that are safe in a signal handler are made.
 */

#include "common/sweep.h"
#include "common/clock.h"

#include <sys/prctl.h>
#include <sys/wait.h>

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <unistd.h>

int
sweep_enable(void)
{
	return (prctl(PR_SET_CHILD_SUBREAPER, 1));
}

/*
 * The kernel's list of our children, made by it as it is read.  All of them
 * are ours whichever thread forked: we have but one.
 */
int
sweep_children(void (*visit)(pid_t child, void *arg), void *arg)
{
	char buf[4096];
	ssize_t got;
	pid_t pid = 0;
	int fd, count = 0;

	fd = open("/proc/thread-self/children", O_RDONLY | O_CLOEXEC);
	if (fd == -1)
		return (-1);
	while ((got = read(fd, buf, sizeof(buf))) > 0) {
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
	close(fd);
	return (got == -1 ? -1 : count);
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
