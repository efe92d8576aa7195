/*
 * What a plugin may ask of agentd, as <agentd/tool.h> promises it.  Nothing
 * that plugins give is trusted to be text or JSON.
 */

#include <agentd/tool.h>

#include "agent/kinds/plugin.h"
#include "agent/tool.h"
#include "common/clock.h"
#include "common/json.h"
#include "common/log.h"
#include "common/utf8.h"

#include <json-c/json.h>

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define LINE_SIZE 1024

static void plugin_host_log(int, const char *, ...) AGENTD_PRINTF(2, 3);
static int plugin_host_fail(struct agentd_call *, const char *, ...)
    AGENTD_PRINTF(2, 3);

/* The tool whose code runs. */
static const char *host_tool = "plugin";

void
plugin_host_run(const char *tool)
{
	host_tool = tool;
}

/* A line of a log is one line, and tells who wrote it. */
static void
plugin_host_log(int severity, const char *format, ...)
{
	char line[LINE_SIZE];
	va_list ap;

	va_start(ap, format);
	vsnprintf(line, sizeof(line), format, ap);
	va_end(ap);
	for (char *at = line; *at != '\0'; at++)
		if (*at == '\n')
			*at = ' ';
	if (severity <= AGENTD_LOG_ERR)
		log_error("%s: %s", host_tool, line);
	else if (severity == AGENTD_LOG_WARNING)
		log_warn("%s: %s", host_tool, line);
	else if (severity <= AGENTD_LOG_INFO)
		log_info("%s: %s", host_tool, line);
	else
		log_debug("%s: %s", host_tool, line);
}

static int64_t
plugin_host_remaining_ns(const struct agentd_call *call)
{
	int64_t left = call->deadline_ns - clock_now_ns();

	return (left > 0 ? left : 0);
}

static int
plugin_host_cancelled(const struct agentd_call *call)
{
	return (tool_cancelled(call->own));
}

static void
plugin_host_progress(struct agentd_call *call, double done, const char *words)
{
	if (done >= 0 && done <= 1)
		tool_progress(call->own, done, 1, words);
	else
		tool_progress(call->own, 0, 0, words);
}

static struct json_object *
plugin_host_find(const struct agentd_call *call, const char *pointer)
{
	const struct tool_call *own = call->own;
	struct json_object *value = NULL;

	if (json_pointer_get(own->params, pointer, &value) != 0)
		return (NULL);
	return (value);
}

static const char *
plugin_host_param(struct agentd_call *call, const char *pointer, size_t *len)
{
	const struct tool_call *own = call->own;
	struct json_object *value = NULL;

	if (json_pointer_get(own->params, pointer, &value) != 0)
		return (NULL);
	return (json_text(value, len));
}

static const char *
plugin_host_param_string(
    struct agentd_call *call, const char *pointer, size_t *len)
{
	struct json_object *value = plugin_host_find(call, pointer);

	if (!json_object_is_type(value, json_type_string))
		return (NULL);
	*len = (size_t)json_object_get_string_len(value);
	return (json_object_get_string(value));
}

static int
plugin_host_param_int(
    const struct agentd_call *call, const char *pointer, int64_t *to)
{
	struct json_object *value = plugin_host_find(call, pointer);

	if (value == NULL || !json_is_int64(value))
		return (0);
	*to = json_object_get_int64(value);
	return (1);
}

static int
plugin_host_param_number(
    const struct agentd_call *call, const char *pointer, double *to)
{
	struct json_object *value = plugin_host_find(call, pointer);

	if (!json_object_is_type(value, json_type_int) &&
	    !json_object_is_type(value, json_type_double))
		return (0);
	*to = json_object_get_double(value);
	return (1);
}

static int
plugin_host_param_bool(
    const struct agentd_call *call, const char *pointer, int *to)
{
	struct json_object *value = plugin_host_find(call, pointer);

	if (!json_object_is_type(value, json_type_boolean))
		return (0);
	*to = json_object_get_boolean(value);
	return (1);
}

static int
plugin_host_fail(struct agentd_call *call, const char *format, ...)
{
	char words[TOOL_ERROR_SIZE];
	va_list ap;

	va_start(ap, format);
	vsnprintf(words, sizeof(words), format, ap);
	va_end(ap);
	tool_fail(call->own, "%s", words);
	return (-1);
}

/* A parsed JSON text; false: the call has failed. */
static bool
plugin_host_parse(struct agentd_call *call, const char *text, size_t len,
    struct json_object **value)
{
	char reason[JSON_REASON_SIZE];
	size_t mark = utf8_mark(text, len);

	if (json_parse(text + mark, len - mark, value, reason))
		return (true);
	plugin_host_fail(call, "the plugin's result is not JSON: %s", reason);
	return (false);
}

static int
plugin_host_result(struct agentd_call *call, const char *json, size_t len)
{
	struct json_object *value;

	if (!plugin_host_parse(call, json, len, &value))
		return (-1);
	tool_result(call->own, value);
	return (0);
}

static int
plugin_host_no_memory(struct agentd_call *call)
{
	struct tool_call *own = call->own;

	tool_no_memory(own);
	return (plugin_host_fail(call, "out of memory"));
}

/* Takes over value; NULL is null. */
static int
plugin_host_add_value(
    struct agentd_call *call, const char *name, struct json_object *value)
{
	struct tool_call *own = call->own;

	if (!json_object_is_type(own->result, json_type_object)) {
		json_object_put(value);
		return (plugin_host_fail(
		    call, "the plugin adds to a result that is no object"));
	}
	if (!utf8_valid(name, strlen(name))) {
		json_object_put(value);
		return (plugin_host_fail(
		    call, "the plugin's result has a name that is not UTF-8"));
	}
	if (json_object_object_add(own->result, name, value) == 0)
		return (0);
	json_object_put(value);
	return (plugin_host_no_memory(call));
}

/* Takes over value, which made by us is NULL for want of memory only. */
static int
plugin_host_add_made(
    struct agentd_call *call, const char *name, struct json_object *value)
{
	if (value == NULL)
		return (plugin_host_no_memory(call));
	return (plugin_host_add_value(call, name, value));
}

static int
plugin_host_add(
    struct agentd_call *call, const char *name, const char *json, size_t len)
{
	struct json_object *value;

	if (!plugin_host_parse(call, json, len, &value))
		return (-1);
	return (plugin_host_add_value(call, name, value));
}

static int
plugin_host_add_string(
    struct agentd_call *call, const char *name, const char *text, size_t len)
{
	if (len > INT32_MAX || !utf8_valid(text, len))
		return (plugin_host_fail(
		    call, "the plugin's result has text that is not UTF-8"));
	return (plugin_host_add_made(
	    call, name, json_object_new_string_len(text, (int)len)));
}

static int
plugin_host_add_int(struct agentd_call *call, const char *name, int64_t value)
{
	return (plugin_host_add_made(call, name, json_object_new_int64(value)));
}

static int
plugin_host_add_number(struct agentd_call *call, const char *name, double value)
{
	if (!isfinite(value))
		return (plugin_host_fail(call,
		    "the plugin's result has a number that is not finite"));
	return (plugin_host_add_made(call, name, json_number(value)));
}

static int
plugin_host_add_bool(struct agentd_call *call, const char *name, int value)
{
	return (
	    plugin_host_add_made(call, name, json_object_new_boolean(value)));
}

static const char *
plugin_host_header(
    const struct agentd_call *call, const char *name, size_t *len)
{
	const struct tool_call *own = call->own;

	if (own->headers == NULL)
		return (NULL);
	json_object_object_foreach (own->headers, key, value) {
		if (strcasecmp(key, name) != 0)
			continue;
		*len = (size_t)json_object_get_string_len(value);
		return (json_object_get_string(value));
	}
	return (NULL);
}

const struct agentd_host plugin_host = {
    .abi = AGENTD_ABI,
    .size = sizeof(struct agentd_host),
    .version = PACKAGE_VERSION,
    .log = plugin_host_log,
    .remaining_ns = plugin_host_remaining_ns,
    .cancelled = plugin_host_cancelled,
    .progress = plugin_host_progress,
    .param = plugin_host_param,
    .param_string = plugin_host_param_string,
    .param_int = plugin_host_param_int,
    .param_number = plugin_host_param_number,
    .param_bool = plugin_host_param_bool,
    .result = plugin_host_result,
    .add = plugin_host_add,
    .add_string = plugin_host_add_string,
    .add_int = plugin_host_add_int,
    .add_number = plugin_host_add_number,
    .add_bool = plugin_host_add_bool,
    .fail = plugin_host_fail,
    .header = plugin_host_header,
};
