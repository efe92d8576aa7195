/*
 * The end of a child process: noticing it, bringing it about, reaping, and
 * words for it.
 */

#include "agent/child_impl.h"
#include "common/conf_units.h"
#include "common/fd.h"

#include <sys/resource.h>
#include <sys/wait.h>

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

/* A shell says so when what it ran was killed by a signal. */
#define SHELL_SIGNALED 128

bool
child_ended(const struct child *child)
{
	siginfo_t info = {0};

	return (child->pid == -1 || (waitid(P_PID, (id_t)child->pid, &info,
					 WEXITED | WNOHANG | WNOWAIT) == 0 &&
					info.si_pid == child->pid));
}

void
child_signal(const struct child *child, int signo)
{
	if (signo == SIGKILL)
		child_cgroup_kill(&child->group);
	if (child->pid > 0 && kill(-child->pid, signo) == -1)
		kill(child->pid, signo); /* it has no group yet */
}

void
child_kill(struct child *child)
{
	struct rusage usage = {0};
	int status = 0;

	fd_close(&child->in);
	fd_close(&child->out);
	fd_close(&child->err);
	fd_close(&child->started);
	fd_close(&child->pidfd);
	if (child->pid == -1)
		return;
	/* Before it is reaped, since then the number is free for others. */
	child_signal(child, SIGKILL);
	while (wait4(child->pid, &status, 0, &usage) == -1 && errno == EINTR)
		;
	child->pid = -1;
	child_cgroup_end(&child->group);
	child->status = status;
	child->cpu_ms =
	    (usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 1000 +
	    (usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1000;
}

/* Of the child itself, or of what a shell ran for it. */
static int
end_signal(const struct child *child)
{
	int status;

	if (WIFSIGNALED(child->status))
		return (WTERMSIG(child->status));
	status = WEXITSTATUS(child->status);
	return (status > SHELL_SIGNALED ? status - SHELL_SIGNALED : 0);
}

/* Where there is a cgroup, it is known what it was and what it was not. */
static bool
end_limit_of_group(const struct child *child, const struct policy *policy,
    char *text, size_t size)
{
	char number[CONF_UNITS_SIZE];

	if (!child->group.memory || child->group.oom_kills == 0)
		return (false);
	conf_units_format_size(policy->memory_bytes, number);
	snprintf(text, size, "the memory limit of %s was exceeded", number);
	return (true);
}

/* The limit that it broke, as far as that can be seen from outside. */
static bool
end_limit(const struct child *child, const struct policy *policy, char *text,
    size_t size)
{
	int64_t cpu_s = (policy->cpu_time_ms + 999) / 1000;
	int signo = end_signal(child);
	char number[CONF_UNITS_SIZE];

	if (cpu_s > 0 &&
	    (signo == SIGXCPU ||
		(signo == SIGKILL && child->cpu_ms >= cpu_s * 1000))) {
		conf_units_format_duration(cpu_s * 1000, number);
		snprintf(text, size, "the cpu time limit of %s was exceeded",
		    number);
		return (true);
	}
	if (policy->file_size_bytes >= 0 && signo == SIGXFSZ) {
		conf_units_format_size(policy->file_size_bytes, number);
		snprintf(text, size, "the file size limit of %s was exceeded",
		    number);
		return (true);
	}
	return (false);
}

/* Whether it was the memory cannot be seen from outside: it is a hint. */
static void
end_hint(const struct child *child, const struct policy *policy, char *text,
    size_t size)
{
	char number[CONF_UNITS_SIZE];

	if (child->group.processes && child->group.forks_refused > 0) {
		snprintf(text, size,
		    " (the limit of %lld processes was reached)",
		    (long long)policy->processes);
		return;
	}
	if (policy->memory_bytes == 0 || child->group.memory)
		return;
	conf_units_format_size(policy->memory_bytes, number);
	snprintf(text, size, " (memory limit of %s)", number);
}

static void
end_status(const struct child *child, const struct policy *policy, char *text,
    size_t size)
{
	int status = child->status;
	size_t len;

	if (end_limit_of_group(child, policy, text, size) ||
	    end_limit(child, policy, text, size))
		return;
	if (WIFSIGNALED(status))
		len =
		    (size_t)snprintf(text, size, "was killed by signal %d (%s)",
			WTERMSIG(status), strsignal(WTERMSIG(status)));
	else
		len = (size_t)snprintf(
		    text, size, "exited with status %d", WEXITSTATUS(status));
	if (len < size && status != 0)
		end_hint(child, policy, text + len, size - len);
}

void
child_explain(const struct child *child, enum child_end end,
    const struct policy *policy, char *text, size_t size)
{
	char number[CONF_UNITS_SIZE];

	switch (end) {
	case CHILD_FLOODED:
		conf_units_format_size(policy->output_bytes, number);
		snprintf(
		    text, size, "the output limit of %s was exceeded", number);
		break;
	case CHILD_EXPIRED:
		strlcpy(text, "did not end before its deadline", size);
		break;
	case CHILD_NO_MEMORY:
		strlcpy(text, "out of memory", size);
		break;
	default:
		end_status(child, policy, text, size);
	}
}

void
child_explain_words(const struct child_words *words, char *text, size_t size)
{
	size_t len = strlen(text);

	if (words->tail_size == 0 || len + 3 > size)
		return;
	child_words_tail(words, text + len + 2, size - len - 2);
	if (text[len + 2] != '\0')
		memcpy(text + len, ": ", 2);
}

/* As much of either is shown. */
void
child_explain_io(const struct child_io *io, char *text, size_t size)
{
	static const char label[] = "\nstandard output: ";
	size_t before = strlen(text), len, skip;

	child_explain_words(&io->words, text, size);
	len = strlen(text);
	skip = len == before ? 2 : sizeof(label) - 1;
	if (io->words.tail_size == 0 || len + skip + 1 >= size)
		return;
	child_buffer_tail(&io->output, io->words.tail_size, text + len + skip,
	    size - len - skip);
	if (text[len + skip] != '\0')
		memcpy(text + len, len == before ? ": " : label, skip);
}
