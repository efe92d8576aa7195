/*
 * Runs a tool of ours in a forked child under its policy.  The child writes
 * its answer to its standard output: a byte, the outcome, and then the JSON
 * result or the message.
 */

#include "agent/isolate.h"
#include "agent/child/child.h"
#include "agent/kinds/kind.h"
#include "agent/live.h"
#include "agent/registry_entry.h"
#include "agent/tool.h"
#include "common/json.h"

#include <json-c/json.h>

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

static bool
isolate_write(int fd, const char *data, size_t len)
{
	while (len > 0) {
		ssize_t sent = write(fd, data, len);

		if (sent == -1 && errno != EINTR)
			return (false);
		if (sent > 0) {
			data += sent;
			len -= (size_t)sent;
		}
	}
	return (true);
}

static void
isolate_say(int fd, enum tool_outcome outcome, const char *text, size_t len)
{
	char how = (char)outcome;

	if (!isolate_write(fd, &how, 1) || !isolate_write(fd, text, len))
		_exit(1);
}

/* Standard output is where the answer goes: the tool gets another one. */
static int
isolate_take_output(void)
{
	int out = fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
	int null = open("/dev/null", O_WRONLY | O_CLOEXEC);

	if (out == -1 || null == -1 || dup2(null, STDOUT_FILENO) == -1)
		_exit(1);
	close(null);
	return (out);
}

/* In the child. */
static void
isolate_child(void *arg)
{
	struct tool_call *call = arg;
	int out = isolate_take_output();
	const char *text = NULL;
	size_t len = 0;

	signal(SIGPIPE, SIG_IGN); /* as in an agent */
	live_mute();
	call->entry->kind->run(call);
	if (call->outcome == TOOL_OK)
		text = json_text(call->result, &len);
	if (text != NULL)
		isolate_say(out, TOOL_OK, text, len);
	else if (call->outcome != TOOL_OK && call->outcome != TOOL_NO_MEMORY)
		isolate_say(
		    out, call->outcome, call->error, strlen(call->error));
	else
		isolate_say(out, TOOL_NO_MEMORY, NULL, 0);
}

static void
isolate_result(struct tool_call *call, const char *text, size_t len)
{
	char reason[JSON_REASON_SIZE];
	struct json_object *value;

	if (json_parse(text, len, &value, reason))
		tool_result(call, value);
	else
		tool_fail(
		    call, "the result cannot be sent as JSON: %s", reason);
}

static void
isolate_take(struct tool_call *call, const char *text, size_t len)
{
	int outcome = len == 0 ? -1 : text[0];
	char limits[CHILD_LIMITS_SIZE];

	if (outcome == TOOL_OK) {
		isolate_result(call, text + 1, len - 1);
	} else if (outcome == TOOL_NO_MEMORY) {
		child_explain_memory(
		    &call->entry->policy, limits, sizeof(limits));
		tool_fail(call, "out of memory%s", limits);
	} else if (outcome == -1) {
		tool_fail(call, "the tool ended without an answer");
	} else {
		if (outcome == TOOL_EXPIRED)
			tool_expire(call);
		if (outcome == TOOL_HTTP_5XX)
			tool_blame_service(call);
		tool_fail(call, "%.*s", (int)len - 1, text + 1);
	}
}

static void
isolate_wait(struct tool_call *call, struct child *child, struct child_io *io)
{
	enum child_end end = child_run(child, io, call->deadline_ns);
	char text[TOOL_ERROR_SIZE];

	if (end == CHILD_EXITED) {
		isolate_take(call, io->output.data, io->output.len);
		return;
	}
	if (end == CHILD_EXPIRED)
		tool_expire(call);
	child_explain(
	    child, end, &call->entry->policy, NULL, text, sizeof(text));
	tool_fail(call, "%s", text);
}

void
isolate_run(struct tool_call *call)
{
	const struct policy *policy = &call->entry->policy;
	struct child_spec spec = {.policy = policy,
	    .who = call->entry->name,
	    .function = isolate_child,
	    .arg = call,
	    .own_stderr = true};
	static struct child child; /* may linger */
	struct child_io io;
	char why[CHILD_WHY_SIZE];

	if (child_io_init(&io, call->entry->name,
		(size_t)policy->output_bytes + TOOL_ERROR_SIZE, 0) == -1)
		tool_unable(call, ENOMEM, "out of memory");
	else if (child_start(&child, &spec, why, sizeof(why)) == -1)
		tool_unable(call, errno, why);
	else if (child_await_start(
		     &child, call->deadline_ns, why, sizeof(why)) == -1) {
		if (child.late)
			tool_expire(call);
		tool_fail(call, "%s", why);
	} else
		isolate_wait(call, &child, &io);
	child_io_fini(&io);
}
