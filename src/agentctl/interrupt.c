/*
 * Signals as something to read.
 */

#include "agentctl/interrupt.h"

#include <sys/signalfd.h>

#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include "agentctl/message.h"

int
interrupt_open(const int *signals)
{
	sigset_t set;

	sigemptyset(&set);
	for (; *signals != 0; signals++)
		sigaddset(&set, *signals);
	if (sigprocmask(SIG_BLOCK, &set, NULL) == -1)
		return (-1);
	return (signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK));
}

int
interrupt_take(int fd)
{
	struct signalfd_siginfo info;

	if (read(fd, &info, sizeof(info)) != (ssize_t)sizeof(info))
		return (0);
	return ((int)info.ssi_signo);
}

void
interrupt_die(int number)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, number);
	signal(number, SIG_DFL);
	raise(number);
	sigprocmask(SIG_UNBLOCK, &set, NULL);
	/* Only if that signal does not end a process. */
	exit(CTL_SIGNAL + number);
}
