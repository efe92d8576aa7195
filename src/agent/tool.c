/*
 * What a tool may ask of its call: parameters, results, failure, time.  Never
 * prints, and never fails by itself: want of memory is noted in the call, and
 * the one who runs it answers for it.
 *
 * Here is the kind of the tools that are part of this program, too: they come
 * from tools_table, never from a manifest.
 */

#include "agent/tool.h"
#include "agent/kinds/kind.h"
#include "agent/live.h"
#include "agent/registry_entry.h"
#include "common/clock.h"
#include "common/json.h"
#include "common/log.h"
#include "common/utf8.h"
#include "common/wire.h"

#include <json-c/json.h>

#include <sys/stat.h>

#include <errno.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* Cuts the last character of text when it is not whole. */
static void
tool_cut_utf8(char *text)
{
	size_t len = strlen(text), start = len, need;
	unsigned char lead;

	while (start > 0 && ((unsigned char)text[start - 1] & 0xc0) == 0x80)
		start--;
	if (start == 0)
		return;
	lead = text[start - 1];
	need = lead < 0x80 ? 1 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
	if (len - (start - 1) < need)
		text[start - 1] = '\0';
}

static void
tool_set_outcome(struct tool_call *call, enum tool_outcome outcome)
{
	if (outcome > call->outcome)
		call->outcome = outcome;
}

void
tool_fail(struct tool_call *call, const char *fmt, ...)
{
	va_list ap;

	tool_set_outcome(call, TOOL_FAILED);
	if (call->error[0] != '\0')
		return;
	va_start(ap, fmt);
	vsnprintf(call->error, sizeof(call->error), fmt, ap);
	va_end(ap);
	tool_cut_utf8(call->error);
	utf8_clean(call->error);
}

/* Whether there are threads here, which count as processes: none is ours. */
static bool
tool_has_threads(void)
{
	struct stat st;

	/* Two names, and a directory for each. */
	return (stat("/proc/self/task", &st) == 0 && st.st_nlink > 3);
}

void
tool_unable(struct tool_call *call, int error, const char *why)
{
	tool_fail(call, "%s", why);
	tool_set_outcome(call, error == EMFILE || error == ENOMEM ||
				       (error == EAGAIN && tool_has_threads())
				   ? TOOL_UNFIT
				   : TOOL_UNABLE);
}

void
tool_expire(struct tool_call *call)
{
	tool_set_outcome(call, TOOL_EXPIRED);
}

void
tool_blame_service(struct tool_call *call)
{
	tool_set_outcome(call, TOOL_HTTP_5XX);
}

void
tool_no_memory(struct tool_call *call)
{
	tool_set_outcome(call, TOOL_NO_MEMORY);
	tool_fail(call, "out of memory");
}

void
tool_add(struct tool_call *call, const char *name, struct json_object *value)
{
	if (value != NULL &&
	    json_object_object_add(call->result, name, value) == 0)
		return;
	json_object_put(value);
	tool_no_memory(call);
}

void
tool_add_string_len(
    struct tool_call *call, const char *name, const char *value, size_t len)
{
	tool_add(call, name, json_object_new_string_len(value, len));
}

void
tool_add_string(struct tool_call *call, const char *name, const char *value)
{
	tool_add_string_len(call, name, value, strlen(value));
}

void
tool_add_int(struct tool_call *call, const char *name, int64_t value)
{
	tool_add(call, name, json_object_new_int64(value));
}

void
tool_add_number(struct tool_call *call, const char *name, double value)
{
	tool_add(call, name, json_number(value));
}

void
tool_result(struct tool_call *call, struct json_object *value)
{
	json_object_put(call->result);
	call->result = value;
}

struct json_object *
tool_param(const struct tool_call *call, const char *name)
{
	return (json_object_object_get(call->params, name));
}

const char *
tool_param_string(const struct tool_call *call, const char *name,
    const char *absent, size_t *len)
{
	struct json_object *value = tool_param(call, name);

	if (len != NULL)
		*len = value != NULL ? (size_t)json_object_get_string_len(value)
		       : absent != NULL ? strlen(absent)
					: 0;
	return (value != NULL ? json_object_get_string(value) : absent);
}

int64_t
tool_param_int(const struct tool_call *call, const char *name, int64_t absent)
{
	struct json_object *value = tool_param(call, name);

	return (value != NULL ? json_object_get_int64(value) : absent);
}

double
tool_param_number(const struct tool_call *call, const char *name, double absent)
{
	struct json_object *value = tool_param(call, name);

	return (value != NULL ? json_object_get_double(value) : absent);
}

void
tool_progress(
    struct tool_call *call, double value, double total, const char *message)
{
	char words[WIRE_PROGRESS_MAX + 1] = "";

	log_debug("%s: progress %g of %g: %s", call->entry->name, value, total,
	    message == NULL ? "" : message);
	if (!isfinite(value) || !live_wants_progress())
		return;
	if (message != NULL)
		strlcpy(words, message, sizeof(words));
	tool_cut_utf8(words);
	utf8_clean(words);
	live_progress(value, isfinite(total) && total > 0 ? total : 0, words);
}

int64_t
tool_remaining_ms(const struct tool_call *call)
{
	int64_t left = call->deadline_ns - clock_now_ns();

	return (left > 0 ? left / NS_PER_MS : 0);
}

bool
tool_cancelled(const struct tool_call *call)
{
	return (live_cancelled() || tool_remaining_ms(call) <= LIVE_SOFT_MS);
}

static void
tool_setup(const struct registry_entry *entry, const struct conf *conf)
{
	const struct tool *tool = entry->spec;

	if (tool->setup != NULL)
		tool->setup(conf);
}

static void
tool_run(struct tool_call *call)
{
	const struct tool *tool = call->entry->spec;

	tool->run(call);
}

const struct kind kind_builtin = {
    .name = "builtin",
    .setup = tool_setup,
    .run = tool_run,
};
