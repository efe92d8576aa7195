/*
 * A coprocess' life: started in every agent, kept from call to call, swept
 * with the agent.  Called by coprocess.c.
 */

#include "agent/kinds/coprocess.h"
#include "agent/live.h"
#include "agent/registry_entry.h"
#include "common/fd.h"
#include "common/log.h"
#include "common/sweep.h"

#include <sys/epoll.h>
#include <sys/resource.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Around the result in a message. */
#define MESSAGE_OVERHEAD 256

/* What stays allocated for the output between calls. */
#define BUFFER_KEPT (1 << 20)

/* Input, output, standard error, pidfd, and what tells whether it started. */
#define FILES_EACH 5

/* For the agent's own, and for what a call of another tool opens. */
#define FILES_RESERVE 32

/* What they leave behind may take so long to die. */
#define LEFT_LIMIT_MS 1000

/* Of this agent; the one used least lately comes first. */
static TAILQ_HEAD(coprocess_list, coprocess) running = TAILQ_HEAD_INITIALIZER(
    running);
static size_t running_count;

/* Readable when one of them has ended; -1: there is none. */
static int watch_fd = -1;

size_t
coprocess_most(int64_t files)
{
	int64_t most = (files - FILES_RESERVE) / FILES_EACH;

	return (most < 1 ? 1 : (size_t)most);
}

int64_t
coprocess_files(size_t count)
{
	return ((int64_t)count * FILES_EACH + FILES_RESERVE);
}

bool
coprocess_room(void)
{
	struct rlimit limit;

	return (getrlimit(RLIMIT_NOFILE, &limit) == -1 ||
		limit.rlim_cur > INT64_MAX ||
		running_count < coprocess_most((int64_t)limit.rlim_cur));
}

static void
coprocess_make_room(const char *who)
{
	struct coprocess *oldest;

	while (!coprocess_room() && (oldest = TAILQ_FIRST(&running)) != NULL) {
		log_debug("%s: stopping the coprocess %s, for room in "
			  "agent_files",
		    who, oldest->argv[0]);
		coprocess_stop(oldest);
	}
}

void
coprocess_touch(struct coprocess *coprocess)
{
	if (coprocess->kept == 0)
		return;
	TAILQ_REMOVE(&running, coprocess, running);
	TAILQ_INSERT_TAIL(&running, coprocess, running);
}

static int
coprocess_prepare(
    struct coprocess *coprocess, const struct registry_entry *entry)
{
	const struct policy *policy = &entry->policy;

	if (coprocess->ready) {
		child_words_end(&coprocess->io.words);
		coprocess->io.words.total = 0;
	} else if (child_io_init(&coprocess->io, entry->name,
		       (size_t)policy->output_bytes + MESSAGE_OVERHEAD,
		       (size_t)policy->stderr_bytes) == -1)
		return (-1);
	coprocess->ready = true;
	coprocess->stray = coprocess->io.words.starved = false;
	coprocess->io.output.len = coprocess->taken = coprocess->scanned = 0;
	return (0);
}

/* What it said last, and how it ended. */
static void
coprocess_life_explain(struct coprocess *coprocess)
{
	const struct registry_entry *entry = coprocess->entry;
	char text[CHILD_WHY_SIZE];

	(void)coprocess_catch_up(coprocess, entry);
	child_words_end(&coprocess->io.words);
	coprocess_stop(coprocess);
	child_explain(&coprocess->child, CHILD_FAILED, &entry->policy,
	    &coprocess->io, text, sizeof(text));
	log_info("%s: the coprocess %s between calls; the next one starts "
		 "another",
	    entry->name, text);
}

/*
 * No call is running, and one of them has ended.  What it left behind goes
 * with it, and does not wait for a call that may never come.
 */
static void
coprocess_life_ended(void)
{
	struct coprocess *coprocess, *next;

	for (coprocess = TAILQ_FIRST(&running); coprocess != NULL;
	     coprocess = next) {
		next = TAILQ_NEXT(coprocess, running);
		if (child_ended(&coprocess->child))
			coprocess_life_explain(coprocess);
	}
	(void)sweep_strays(LEFT_LIMIT_MS);
}

/* Failing that, the next call finds out. */
static void
coprocess_life_watch(struct coprocess *coprocess)
{
	struct epoll_event event = {.events = EPOLLIN};

	if (coprocess->child.pidfd == -1)
		return;
	if (watch_fd == -1) {
		watch_fd = epoll_create1(EPOLL_CLOEXEC);
		live_also(watch_fd, coprocess_life_ended);
	}
	if (watch_fd != -1)
		(void)epoll_ctl(
		    watch_fd, EPOLL_CTL_ADD, coprocess->child.pidfd, &event);
}

/* A copy of the descriptor may live on in another process. */
static void
coprocess_life_unwatch(const struct coprocess *coprocess)
{
	if (watch_fd == -1)
		return;
	if (coprocess->child.pidfd != -1)
		(void)epoll_ctl(
		    watch_fd, EPOLL_CTL_DEL, coprocess->child.pidfd, NULL);
	if (running_count > 0)
		return;
	fd_close(&watch_fd);
	live_also(-1, NULL);
}

int
coprocess_start(struct coprocess *coprocess, const struct registry_entry *entry,
    char *why, size_t why_size)
{
	struct child_spec spec = {.policy = &entry->policy,
	    .who = entry->name,
	    .argv = (const char *const *)coprocess->argv,
	    /* The log needs no help of ours when nobody wants the tail. */
	    .own_stderr = entry->policy.stderr_bytes == 0};
	int error;

	coprocess_make_room(entry->name);
	if (coprocess_prepare(coprocess, entry) == -1) {
		snprintf(why, why_size, "out of memory");
		errno = ENOMEM;
		return (-1);
	}
	if (spec.own_stderr)
		log_tool(entry->name);
	if (child_start(&coprocess->child, &spec, why, why_size) == -1)
		return (-1);
	if (sweep_keep(coprocess->child.pid) == 0) {
		coprocess->kept = coprocess->child.pid;
		coprocess->entry = entry;
		coprocess_life_watch(coprocess);
		TAILQ_INSERT_TAIL(&running, coprocess, running);
		running_count++;
		return (0);
	}
	error = errno;
	snprintf(why, why_size, "cannot keep a process: %s", strerror(error));
	child_kill(&coprocess->child);
	errno = error;
	return (-1);
}

void
coprocess_stop(struct coprocess *coprocess)
{
	struct child_buffer *output = &coprocess->io.output;

	/* The number may be another's as soon as this one is reaped. */
	if (coprocess->kept != 0) {
		sweep_drop(coprocess->kept);
		TAILQ_REMOVE(&running, coprocess, running);
		running_count--;
		coprocess_life_unwatch(coprocess);
	}
	coprocess->kept = 0;
	child_kill(&coprocess->child);
	output->len = coprocess->taken = coprocess->scanned = 0;
	if (output->size > BUFFER_KEPT) {
		free(output->data);
		output->data = NULL;
		output->size = 0;
	}
}
