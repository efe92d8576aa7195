/*
 * What a coprocess writes: waiting for it, cutting it into lines, and catching
 * up with what came between calls.  A line is an answer or a notification of
 * JSON-RPC 2.0.  Whatever else it prints is logged and skipped, unless it was
 * meant to be the answer that a call waits for.
 */

#include "agent/kinds/coprocess.h"
#include "agent/live.h"
#include "agent/registry_entry.h"
#include "agent/tool.h"
#include "common/json.h"
#include "common/log.h"
#include "common/utf8.h"

#include <json-c/json.h>

#include <errno.h>
#include <poll.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What stays allocated for the output between calls. */
#define BUFFER_KEPT (1 << 20)

/* As much of a line as is logged. */
#define SHOWN_BYTES 200

/* Between two looks at a process for which the kernel has no descriptor. */
#define LOOK_MS 10

static void
coprocess_message_show(
    char shown[static SHOWN_BYTES + 1], const char *line, size_t len)
{
	if (len > SHOWN_BYTES)
		len = SHOWN_BYTES;
	for (size_t i = 0; i < len; i++)
		shown[i] = (unsigned char)line[i] < ' ' ? '?' : line[i];
	shown[len] = '\0';
	utf8_clean(shown);
}

static void
coprocess_message_skip(const struct coprocess_talk *talk, const char *why,
    const char *line, size_t len)
{
	char shown[SHOWN_BYTES + 1];

	coprocess_message_show(shown, line, len);
	log_info("%s: %s: %s", talk->entry->name, why, shown);
}

static const char *
coprocess_member_string(struct json_object *object, const char *name)
{
	struct json_object *value = json_object_object_get(object, name);

	return (json_object_is_type(value, json_type_string)
		    ? json_object_get_string(value)
		    : NULL);
}

static void
coprocess_notified_progress(
    const struct coprocess_talk *talk, struct json_object *params)
{
	if (talk->call != NULL)
		tool_progress(talk->call,
		    json_object_get_double(
			json_object_object_get(params, "value")),
		    json_object_get_double(
			json_object_object_get(params, "total")),
		    coprocess_member_string(params, "message"));
}

static void
coprocess_notified_log(
    const struct coprocess_talk *talk, struct json_object *params)
{
	static const struct {
		const char *name;
		int level;
	} levels[] = {{"error", LOG_ERR}, {"warning", LOG_WARNING},
	    {"info", LOG_INFO}, {"debug", LOG_DEBUG}};
	const char *message = coprocess_member_string(params, "message");
	const char *name = coprocess_member_string(params, "level");
	int level = LOG_INFO;

	for (size_t i = 0; name != NULL && i < sizeof(levels) / sizeof(*levels);
	     i++)
		if (strcmp(levels[i].name, name) == 0)
			level = levels[i].level;
	if (message != NULL)
		log_line(level, talk->entry->name, message);
}

static const struct notification {
	const char *method;
	void (*take)(const struct coprocess_talk *, struct json_object *params);
} notifications[] = {
    {"progress", coprocess_notified_progress},
    {"log", coprocess_notified_log},
};

static void
coprocess_message_notify(const struct coprocess_talk *talk, const char *method,
    struct json_object *params)
{
	if (!json_object_is_type(params, json_type_object))
		params = NULL;
	for (size_t i = 0; i < sizeof(notifications) / sizeof(notifications[0]);
	     i++)
		if (strcmp(notifications[i].method, method) == 0) {
			notifications[i].take(talk, params);
			return;
		}
	log_debug("%s: unknown method \"%s\"", talk->entry->name, method);
}

/* {"code": ..., "message": ...} */
static void
coprocess_message_error(struct tool_call *call, struct json_object *error)
{
	const char *message = coprocess_member_string(error, "message");
	struct json_object *code = json_object_object_get(error, "code");

	if (message != NULL && message[0] != '\0')
		tool_fail(call, "%s", message);
	else
		tool_fail(call, "error %s without a message",
		    code == NULL ? "" : json_object_get_string(code));
}

static void
coprocess_message_answer(
    struct coprocess_talk *talk, struct json_object *message)
{
	struct tool_call *call = talk->call;
	struct json_object *result, *error;
	bool has_result, has_error;

	has_result = json_object_object_get_ex(message, "result", &result);
	has_error = json_object_object_get_ex(message, "error", &error);
	/* Some write "error": null beside a result. */
	if (has_result && (!has_error || error == NULL))
		tool_result(call, json_object_get(result));
	else if (json_object_is_type(error, json_type_object))
		coprocess_message_error(call, error);
	else
		tool_fail(call,
		    "the answer of the coprocess has neither result nor error");
	talk->answered = true;
}

/* With the id null it says that it could not read the call. */
static bool
coprocess_message_is_answer(const struct coprocess_talk *talk,
    struct json_object *id, struct json_object *message)
{
	if (talk->call == NULL || talk->answered)
		return (false);
	if (id == NULL)
		return (json_object_object_get_ex(message, "error", NULL));
	return (json_object_is_type(id, json_type_int) &&
		json_object_get_int64(id) == talk->id);
}

/* As good as the answer: nothing else will come. */
static const char *
coprocess_message_take_bare(
    struct coprocess_talk *talk, struct json_object *message)
{
	struct json_object *id;

	if (!json_object_object_get_ex(message, "id", &id) || id == NULL ||
	    !coprocess_message_is_answer(talk, id, message) ||
	    (!json_object_object_get_ex(message, "result", NULL) &&
		!json_object_object_get_ex(message, "error", NULL)))
		return ("not JSON-RPC 2.0");
	tool_fail(talk->call,
	    "the answer of the coprocess lacks \"jsonrpc\": \"2.0\"");
	talk->answered = true;
	return (NULL);
}

/*
 * It answers what it was not asked, or once more: it may be out of step, and
 * is not asked again.
 */
static void
coprocess_message_stray(struct coprocess_talk *talk, struct json_object *id,
    struct json_object *message)
{
	if (id == NULL || talk->coprocess->stray ||
	    (!json_object_object_get_ex(message, "result", NULL) &&
		!json_object_object_get_ex(message, "error", NULL)))
		return;
	talk->coprocess->stray = true;
	log_warn("%s: the coprocess answered a call that it was not given; the "
		 "next call gets another",
	    talk->entry->name);
}

static const char *
coprocess_message_take(struct coprocess_talk *talk, struct json_object *message)
{
	const char *version = coprocess_member_string(message, "jsonrpc");
	const char *method = coprocess_member_string(message, "method");
	struct json_object *id = NULL;

	if (version == NULL || strcmp(version, "2.0") != 0)
		return (coprocess_message_take_bare(talk, message));
	if (method != NULL) {
		coprocess_message_notify(
		    talk, method, json_object_object_get(message, "params"));
		return (NULL);
	}
	if (!json_object_object_get_ex(message, "id", &id) ||
	    !coprocess_message_is_answer(talk, id, message)) {
		coprocess_message_stray(talk, id, message);
		return ("an answer to no call");
	}
	coprocess_message_answer(talk, message);
	return (NULL);
}

/* What can be read of a line that is no JSON. */
struct glimpse {
	int64_t id; /* of the call */
	bool other; /* it answers nothing, or another call */
};

static bool
coprocess_glimpse_member(void *arg, const char *name, size_t name_len,
    const char *value, size_t value_len)
{
	struct glimpse *glimpse = arg;
	char id[32];
	int len = snprintf(id, sizeof(id), "%lld", (long long)glimpse->id);

	if (name_len == 6 && memcmp(name, "method", 6) == 0)
		glimpse->other = true;
	if (name_len == 2 && memcmp(name, "id", 2) == 0 &&
	    (value_len != (size_t)len || memcmp(value, id, value_len) != 0))
		glimpse->other = true;
	return (!glimpse->other);
}

/* {"jsonrpc or {"id or {"result or {"error, or nothing but {. */
static bool
coprocess_message_begins(const char *line, size_t len)
{
	static const char *const names[] = {
	    "\"jsonrpc\"", "\"id\"", "\"result\"", "\"error\""};
	const char *end = line + len;

	while (line < end && (*line == ' ' || *line == '\t'))
		line++;
	if (line == end || *line++ != '{')
		return (false);
	while (line < end && (*line == ' ' || *line == '\t'))
		line++;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		size_t n = strlen(names[i]);

		if ((size_t)(end - line) < n)
			n = (size_t)(end - line);
		if (memcmp(line, names[i], n) == 0)
			return (true);
	}
	return (false);
}

/* Whether a line that cannot be read is what the call waits for. */
static bool
coprocess_message_would_answer(
    const struct coprocess_talk *talk, const char *line, size_t len)
{
	struct glimpse glimpse = {.id = talk->id};

	if (talk->call == NULL || talk->answered || talk->garbled ||
	    !coprocess_message_begins(line, len))
		return (false);
	(void)!json_walk(line, len, coprocess_glimpse_member, &glimpse);
	return (!glimpse.other);
}

static void
coprocess_message_garbled(struct coprocess_talk *talk, const char *reason,
    const char *line, size_t len)
{
	char shown[SHOWN_BYTES + 1];

	coprocess_message_show(shown, line, len);
	talk->garbled = true;
	tool_fail(talk->call, "the answer of the coprocess is no JSON: %s: %s",
	    reason, shown);
}

void
coprocess_take_line(struct coprocess_talk *talk, const char *line, size_t len)
{
	char reason[JSON_REASON_SIZE];
	struct json_object *message;
	const char *why = "not JSON-RPC 2.0";
	size_t mark = utf8_mark(line, len);

	line += mark;
	len -= mark;
	if (len > 0 && line[len - 1] == '\r')
		len--;
	if (len == 0)
		return;
	if (!json_parse(line, len, &message, reason)) {
		bool no_memory = errno == ENOMEM;

		if (!coprocess_message_would_answer(talk, line, len))
			coprocess_message_skip(talk, reason, line, len);
		else if (no_memory)
			talk->no_memory = true;
		else
			coprocess_message_garbled(talk, reason, line, len);
		return;
	}
	if (json_object_is_type(message, json_type_object))
		why = coprocess_message_take(talk, message);
	if (why != NULL)
		coprocess_message_skip(talk, why, line, len);
	json_object_put(message);
}

void
coprocess_forget_output(struct coprocess *coprocess)
{
	struct child_buffer *output = &coprocess->io.output;

	coprocess->stray = false;
	output->len = coprocess->taken = coprocess->scanned = 0;
	if (output->size > BUFFER_KEPT) {
		free(output->data);
		output->data = NULL;
		output->size = 0;
	}
}

/* The next whole line of what was read, or NULL. */
static const char *
coprocess_read_line(struct coprocess *coprocess, size_t *len)
{
	struct child_buffer *buffer = &coprocess->io.output;
	char *line = buffer->data + coprocess->taken, *end;

	end = buffer->len == coprocess->scanned
		  ? NULL
		  : memchr(buffer->data + coprocess->scanned, '\n',
			buffer->len - coprocess->scanned);
	if (end == NULL) {
		coprocess->scanned = buffer->len;
		return (NULL);
	}
	*len = (size_t)(end - line);
	coprocess->taken = coprocess->scanned = *len + 1 + coprocess->taken;
	return (line);
}

static void
coprocess_read_lines(struct coprocess_talk *talk)
{
	struct coprocess *coprocess = talk->coprocess;
	struct child_buffer *buffer = &coprocess->io.output;
	const char *line;
	size_t len;

	while ((line = coprocess_read_line(coprocess, &len)) != NULL)
		coprocess_take_line(talk, line, len);
	buffer->len -= coprocess->taken;
	if (buffer->len > 0 && coprocess->taken > 0)
		memmove(
		    buffer->data, buffer->data + coprocess->taken, buffer->len);
	coprocess->scanned = buffer->len;
	coprocess->taken = 0;
}

enum child_read
coprocess_read(struct coprocess_talk *talk)
{
	struct coprocess *coprocess = talk->coprocess;
	struct child_buffer *buffer = &coprocess->io.output;
	enum child_read rc = child_buffer_read(buffer, &coprocess->child.out);

	if (rc == CHILD_READ_SOME || rc == CHILD_READ_LIMIT)
		coprocess_read_lines(talk);
	/* Only one line may be too long, not several together. */
	return (rc == CHILD_READ_LIMIT && buffer->len <= buffer->limit
		    ? CHILD_READ_SOME
		    : rc);
}

int
coprocess_poll(struct coprocess *coprocess, struct pollfd *fds, bool writing,
    int live, int timeout_ms)
{
	const struct child *child = &coprocess->child;

	fds[COPROCESS_IN] =
	    (struct pollfd){writing ? child->in : -1, POLLOUT, 0};
	fds[COPROCESS_OUT] = (struct pollfd){child->out, POLLIN, 0};
	fds[COPROCESS_ERR] = (struct pollfd){child->err, POLLIN, 0};
	fds[COPROCESS_PID] = (struct pollfd){child->pidfd, POLLIN, 0};
	fds[COPROCESS_LIVE] = (struct pollfd){live, POLLIN, 0};
	if (child->pidfd == -1 && timeout_ms > LOOK_MS)
		timeout_ms = LOOK_MS;
	return (live_poll(fds, COPROCESS_FDS, timeout_ms));
}

bool
coprocess_dead(const struct coprocess *coprocess, const struct pollfd *fds)
{
	return (coprocess->child.pidfd == -1 ? child_ended(&coprocess->child)
					     : fds[COPROCESS_PID].revents != 0);
}

bool
coprocess_catch_up(
    struct coprocess *coprocess, const struct registry_entry *entry)
{
	struct coprocess_talk talk = {.coprocess = coprocess, .entry = entry};
	enum child_read rc = CHILD_READ_SOME;
	struct pollfd fds[COPROCESS_FDS];

	if (coprocess->child.pid == -1)
		return (false);
	if (coprocess_poll(coprocess, fds, false, -1, 0) == 0)
		return (true);
	for (int i = 0; i < COPROCESS_READS_MAX && rc == CHILD_READ_SOME; i++)
		rc = coprocess_read(&talk);
	for (int i = 0;
	     i < COPROCESS_READS_MAX && fds[COPROCESS_ERR].revents != 0; i++)
		if (!child_words_read(
			&coprocess->io.words, &coprocess->child.err))
			break;
	/* One that will not stop talking will not listen either. */
	return (rc == CHILD_READ_LATER && !coprocess->stray &&
		!coprocess_dead(coprocess, fds));
}
