/*
 * The kind of tools that are coprocesses: a program that stays, one an agent,
 * and is handed call after call.  Started with the agent, or anew for the next
 * call when it is dead.  A call that it may have read is never given to
 * another.
 */

#include "agent/kinds/coprocess.h"
#include "agent/kinds/kind.h"
#include "agent/kinds/program.h"
#include "agent/registry_entry.h"
#include "agent/tool.h"
#include "common/log.h"
#include "common/sweep.h"

#include <json-c/json.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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
			kind_doubt(doubts,
			    "coprocess: %s stands for itself: a coprocess has "
			    "no places for parameters",
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
		log_info("%s: starting the coprocess anew", call->entry->name);
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
