/*
 * Words for the end of a child process: how it ended, which limit it broke as
 * far as that can be seen from outside, and what it said last.
 */

#include "agent/child/child_impl.h"
#include "conf/conf_units.h"

#include <sys/resource.h>
#include <sys/wait.h>

#include <signal.h>
#include <stdio.h>
#include <string.h>

/* A shell says so when what it ran was killed by a signal. */
#define SHELL_SIGNALED 128

/* Of the child itself, or of what a shell ran for it. */
static int
child_end_signal(const struct child *child)
{
	int status;

	if (WIFSIGNALED(child->status))
		return (WTERMSIG(child->status));
	status = WEXITSTATUS(child->status);
	return (status > SHELL_SIGNALED ? status - SHELL_SIGNALED : 0);
}

/* Where there is a cgroup, it is known what it was and what it was not. */
static bool
child_end_limit_of_group(const struct child *child, const struct policy *policy,
    char *text, size_t size)
{
	char number[CONF_UNITS_SIZE];

	if (!child->group.memory || child->group.oom_kills == 0)
		return (false);
	if (policy->memory_bytes > 0)
		conf_units_format_size(policy->memory_bytes, number);
	else
		conf_units_format_size(child_inherited(RLIMIT_DATA), number);
	snprintf(text, size, "the %s limit of %s was exceeded",
	    policy->memory_bytes > 0 ? "memory" : "agent_memory", number);
	return (true);
}

/* The limit that it broke, as far as that can be seen from outside. */
static bool
child_end_limit(const struct child *child, const struct policy *policy,
    char *text, size_t size)
{
	int64_t cpu_s = (policy->cpu_time_ms + 999) / 1000;
	int signo = child_end_signal(child);
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

/* One limit more in a list of them. */
static void
child_end_add_limit(char *text, size_t size, const char *name, int64_t bytes)
{
	size_t len = strlen(text);
	char number[CONF_UNITS_SIZE];

	if (bytes == 0 || len + 1 >= size)
		return;
	conf_units_format_size(bytes, number);
	snprintf(text + len, size - len, "%s%s limit of %s",
	    len == 0 ? " (" : ", ", name, number);
}

void
child_explain_memory(const struct policy *policy, char *text, size_t size)
{
	int64_t memory = policy == NULL ? 0 : policy->memory_bytes;
	int64_t space = policy == NULL ? 0 : policy->address_space_bytes;

	text[0] = '\0';
	if (memory > 0)
		child_end_add_limit(text, size, "memory", memory);
	else
		child_end_add_limit(
		    text, size, "agent_memory", child_inherited(RLIMIT_DATA));
	if (space > 0)
		child_end_add_limit(text, size, "address_space", space);
	else
		child_end_add_limit(text, size, "agent_address_space",
		    child_inherited(RLIMIT_AS));
	if (text[0] != '\0')
		strlcat(text, ")", size);
}

/* Runtimes that are refused memory mostly end like this; bugs mostly do not. */
static bool
child_end_is_abort(const struct child *child)
{
	int signo = child_end_signal(child);

	return (signo == SIGABRT || signo == SIGILL || signo == SIGTRAP);
}

/*
 * Whether it was the memory cannot be seen from outside: a process is refused
 * what it asks for, and that leaves no trace.  What it said of it is believed;
 * otherwise the limit is a hint, where its own policy has one or it aborted.
 */
static void
child_end_hint(const struct child *child, const struct policy *policy,
    const struct child_io *io, char *text, size_t size)
{
	bool said = io != NULL && child_io_starved(io);
	char limits[CHILD_LIMITS_SIZE];

	if (child->group.processes && child->group.forks_refused > 0) {
		snprintf(text, size,
		    " (the limit of %lld processes was reached)",
		    (long long)policy->processes);
		return;
	}
	child_explain_memory(policy, limits, sizeof(limits));
	/* In a group the kernel has counted, and it was not that. */
	if (limits[0] != '\0' && said)
		snprintf(text, size, ", out of memory%s", limits);
	else if (!child->group.memory &&
		 (policy->memory_bytes > 0 || policy->address_space_bytes > 0 ||
		     child_end_is_abort(child)))
		strlcpy(text, limits, size);
}

static void
child_end_status(const struct child *child, const struct policy *policy,
    const struct child_io *io, char *text, size_t size)
{
	int status = child->status;
	size_t len;

	if (child_end_limit_of_group(child, policy, text, size) ||
	    child_end_limit(child, policy, text, size))
		return;
	if (WIFSIGNALED(status))
		len =
		    (size_t)snprintf(text, size, "was killed by signal %d (%s)",
			WTERMSIG(status), strsignal(WTERMSIG(status)));
	else
		len = (size_t)snprintf(
		    text, size, "exited with status %d", WEXITSTATUS(status));
	if (len < size && status != 0)
		child_end_hint(child, policy, io, text + len, size - len);
}

void
child_explain(const struct child *child, enum child_end end,
    const struct policy *policy, const struct child_io *io, char *text,
    size_t size)
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
		child_end_status(child, policy, io, text, size);
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
