/*
 * Times how long a daemon takes to get ready, as systemd sees it.
 *
 *	bench_start COMMAND [ARGUMENT ...]
 *
 * starts the command, waits for the READY=1 that it sends to NOTIFY_SOCKET,
 * prints the microseconds between the two, and ends it with SIGTERM.
 */

#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>

#include <err.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/clock.h"

/* A daemon that is not ready by then never will be. */
#define LIMIT_MS 10000

/* In the abstract namespace, so that there is no file to remove. */
static int
start_listen(char name[static 64])
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	int len = snprintf(name, 64, "@agentd-bench-%ld", (long)getpid());

	memcpy(address.sun_path + 1, name + 1, (size_t)len - 1);
	if (fd == -1 || bind(fd, (struct sockaddr *)&address,
			    (socklen_t)(offsetof(struct sockaddr_un, sun_path) +
					len)) == -1)
		err(1, "notification socket");
	return (fd);
}

static pid_t
start_command(char **argv, const char *name)
{
	pid_t pid = fork();

	if (pid == -1)
		err(1, "fork");
	if (pid > 0)
		return (pid);
	/* Interrupted, we leave nothing behind. */
	prctl(PR_SET_PDEATHSIG, SIGTERM);
	setenv("NOTIFY_SOCKET", name, 1);
	execvp(argv[0], argv);
	err(1, "%s", argv[0]);
}

/* Whether READY=1 is among the lines of the next message. */
static bool
start_is_ready(int fd)
{
	char message[1024];
	ssize_t got = recv(fd, message, sizeof(message) - 1, 0);

	if (got == -1)
		err(1, "recv");
	message[got] = '\0';
	return (strstr(message, "READY=1") != NULL);
}

/* False when the command has ended or the time is over. */
static bool
start_wait(int fd, pid_t pid, int64_t began_ns)
{
	struct pollfd pfd = {.fd = fd, .events = POLLIN};

	while (clock_now_ns() - began_ns < LIMIT_MS * NS_PER_MS) {
		if (poll(&pfd, 1, 100) == 1 && start_is_ready(fd))
			return (true);
		if (waitpid(pid, NULL, WNOHANG) == pid)
			return (false);
	}
	kill(pid, SIGKILL);
	return (false);
}

int
main(int argc, char **argv)
{
	char name[64];
	int64_t began_ns, ready_ns;
	pid_t pid;
	int fd;

	if (argc < 2)
		errx(2, "usage: bench_start command [argument ...]");
	fd = start_listen(name);
	began_ns = clock_now_ns();
	pid = start_command(argv + 1, name);
	if (!start_wait(fd, pid, began_ns))
		errx(1, "%s did not get ready", argv[1]);
	ready_ns = clock_now_ns();
	kill(pid, SIGTERM);
	waitpid(pid, NULL, 0);
	printf("%lld\n", (long long)((ready_ns - began_ns) / NS_PER_US));
	return (0);
}
