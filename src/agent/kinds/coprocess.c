/*
 * The kind of tools that are coprocesses: a program that stays, one an agent,
 * and is handed call after call.  Started with the agent, or anew for the next
 * call when it is dead, and swept with the agent.  A call that it may have read
 * is never given to another.
 */

#include "agent/kinds/coprocess.h"
#include "agent/kinds/kind.h"
#include "agent/kinds/program.h"
#include "agent/live.h"
#include "agent/registry_entry.h"
#include "agent/tool.h"
#include "common/fd.h"
#include "common/log.h"
#include "common/sweep.h"

#include <json-c/json.h>

#include <sys/epoll.h>
#include <sys/resource.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Around the result in a message. */
#define MESSAGE_OVERHEAD 256

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

/* Whether one more may run in this agent without another's end. */
static bool
coprocess_room(void)
{
	struct rlimit limit;

	return (getrlimit(RLIMIT_NOFILE, &limit) == -1 ||
		limit.rlim_cur > INT64_MAX ||
		running_count < coprocess_most((int64_t)limit.rlim_cur));
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

/* Kills it; its end stays in child.status. */
static void
coprocess_stop(struct coprocess *coprocess)
{
	/* The number may be another's as soon as this one is reaped. */
	if (coprocess->kept != 0) {
		sweep_drop(coprocess->kept);
		TAILQ_REMOVE(&running, coprocess, running);
		running_count--;
		coprocess_life_unwatch(coprocess);
	}
	coprocess->kept = 0;
	child_kill(&coprocess->child);
	coprocess_forget_output(coprocess);
}

static void
coprocess_make_room(const char *who)
{
	struct coprocess *oldest;

	while (!coprocess_room() && (oldest = TAILQ_FIRST(&running)) != NULL) {
		log_debug("%s: stopping the coprocess %s to make room in "
			  "agent_files",
		    who, oldest->argv[0]);
		coprocess_stop(oldest);
	}
}

/* It is used now: of those that run, it is the last to make room. */
static void
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
	coprocess->io.words.starved = false;
	coprocess_forget_output(coprocess);
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
	log_info("%s: the coprocess %s between calls; the next call starts "
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

/*
 * Starts it without waiting; where there is no room, those go that were used
 * least lately.  0, or -1 with errno and the reason in why.
 */
static int
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

static void
coprocess_free(void *spec)
{
	struct coprocess *coprocess = spec;

	if (coprocess == NULL)
		return;
	coprocess_stop(coprocess);
	if (coprocess->ready)
		child_io_fini(&coprocess->io);
	program_free(coprocess->argv);
	free(coprocess);
}

static void *
coprocess_parse(
    struct json_object *manifest, const char *base, char *why, size_t why_size)
{
	struct coprocess *coprocess = calloc(1, sizeof(*coprocess));

	if (coprocess == NULL) {
		snprintf(why, why_size, "out of memory");
		return (NULL);
	}
	child_init(&coprocess->child);
	coprocess->argv =
	    program_parse(manifest, "coprocess", base, why, why_size);
	if (coprocess->argv != NULL)
		return (coprocess);
	coprocess_free(coprocess);
	return (NULL);
}

/* A coprocess is started before there is a call. */
static void
coprocess_doubt(const struct registry_entry *entry, struct kind_doubts *doubts)
{
	const struct coprocess *coprocess = entry->spec;
	struct json_object *properties =
	    json_object_object_get(entry->parameters, "properties");

	for (size_t i = 1; coprocess->argv[i] != NULL; i++) {
		const char *word = coprocess->argv[i];
		size_t len = strlen(word);
		char name[128];

		if (len < 3 || len >= sizeof(name) || word[0] != '{' ||
		    word[len - 1] != '}')
			continue;
		strlcpy(name, word + 1, len - 1);
		if (json_object_object_get_ex(properties, name, NULL))
			program_say_doubt(doubts,
			    "coprocess: %s is left as it is: a coprocess has "
			    "no placeholders",
			    word);
	}
	program_doubt(entry, "coprocess", coprocess->argv[0], doubts);
}

/*
 * Who calls it is told if that is so still.  Those that have no room yet wait
 * for their first call.
 */
static void
coprocess_setup(const struct registry_entry *entry, const struct conf *conf)
{
	char why[CHILD_WHY_SIZE];

	(void)conf;
	if (!coprocess_room())
		return;
	if (coprocess_start(entry->spec, entry, why, sizeof(why)) == -1)
		log_warn("%s: %s", entry->name, why);
}

/* Has a coprocess that is fit for a call, or fails the call. */
static bool
coprocess_have(struct coprocess *coprocess, struct tool_call *call)
{
	char why[CHILD_WHY_SIZE];

	if (coprocess_catch_up(coprocess, call->entry))
		goto started;
	if (coprocess->child.pid != -1)
		log_info("%s: starting the coprocess again", call->entry->name);
	coprocess_stop(coprocess);
	if (coprocess_start(coprocess, call->entry, why, sizeof(why)) == -1) {
		tool_unable(call, errno, why);
		return (false);
	}
started:
	if (child_await_start(
		&coprocess->child, call->deadline_ns, why, sizeof(why)) == 0)
		return (true);
	if (coprocess->child.late)
		tool_expire(call);
	coprocess_stop(coprocess);
	tool_fail(call, "%s", why);
	return (false);
}

/* Its stream is in doubt or at its end: the next call gets another. */
static void
coprocess_fail(
    struct coprocess *coprocess, struct tool_call *call, enum coprocess_end end)
{
	static const char *const when[] = {
	    [TALK_DEAD] = " during the call",
	    [TALK_UNDELIVERED] = " before it took the call",
	};
	const struct policy *policy = &call->entry->policy;
	static const char who[] = "the coprocess ";
	char text[TOOL_ERROR_SIZE];

	memcpy(text, who, sizeof(who));
	child_explain(&coprocess->child, CHILD_FAILED, policy, &coprocess->io,
	    text + strlen(who), sizeof(text) - strlen(who));
	strlcat(text, when[end], sizeof(text));
	child_explain_words(&coprocess->io.words, text, sizeof(text));
	tool_fail(call, "%s", text);
}

static void
coprocess_over(void *arg)
{
	coprocess_stop(arg);
}

/* After a call that failed, at its deadline perhaps. */
static void
coprocess_leave(struct coprocess *coprocess, const struct tool_call *call,
    enum coprocess_end end)
{
	struct child *child = &coprocess->child;

	if (end != TALK_EXPIRED || !child_lingers(child)) {
		coprocess_stop(coprocess);
		return;
	}
	child_signal(child, child->stop_signal);
	child_linger(child, call->entry->name, coprocess_over, coprocess);
}

static void
coprocess_end(
    struct coprocess *coprocess, struct tool_call *call, enum coprocess_end end)
{
	static const char *const words[] = {
	    [TALK_GARBLED] = "the answer of the coprocess is no JSON",
	    [TALK_CLOSED] = "the coprocess closed its output during the call",
	    [TALK_TOO_LONG] = "the coprocess printed a line that is longer "
			      "than the output limit",
	    [TALK_EXPIRED] = "the coprocess did not answer in time",
	};

	child_words_end(&coprocess->io.words);
	if (end == TALK_ANSWERED && !coprocess->stray) {
		sweep_adopt(coprocess->child.pid);
		return;
	}
	coprocess_leave(coprocess, call, end);
	if (end == TALK_ANSWERED)
		return;
	if (end == TALK_EXPIRED)
		tool_expire(call);
	if (end == TALK_NO_MEMORY)
		tool_no_memory(call);
	else if (end == TALK_DEAD || end == TALK_UNDELIVERED)
		coprocess_fail(coprocess, call, end);
	else
		tool_fail(call, "%s", words[end]);
}

static void
coprocess_run(struct tool_call *call)
{
	struct coprocess *coprocess = call->entry->spec;
	enum coprocess_end end = TALK_UNDELIVERED;

	coprocess_touch(coprocess);
	coprocess->io.words.starved = false;
	/* A call that it cannot have read may be given to another, once. */
	for (int i = 0; i < 2 && end == TALK_UNDELIVERED; i++) {
		if (i > 0)
			coprocess_stop(coprocess);
		if (!coprocess_have(coprocess, call))
			return;
		end = coprocess_talk(coprocess, call);
	}
	coprocess_end(coprocess, call, end);
}

const struct kind kind_coprocess = {
    .name = "coprocess",
    .own_process = true,
    .parse = coprocess_parse,
    .free = coprocess_free,
    .doubt = coprocess_doubt,
    .setup = coprocess_setup,
    .run = coprocess_run,
};
