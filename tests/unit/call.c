/*
 * One call of a tool, as an agent would make it: schema first, then the run.
 * For the tests of tools.
 */

#include "call.h"

#include "test.h"

#include <json-c/json.h>
#include <string.h>

#include "common/clock.h"
#include "common/json.h"
#include "schema/schema.h"

static struct json_object *
parsed(const char *text)
{
	char reason[JSON_REASON_SIZE];
	struct json_object *value;

	if (!json_parse(text, strlen(text), &value, reason))
		fail_msg("%s: %s", text, reason);
	return (value);
}

static struct json_object *
named(const char *name, struct json_object *value)
{
	struct json_object *object = json_object_new_object();

	json_object_object_add(object, name, value);
	return (object);
}

/* The failures of params, or NULL when there are none. */
static struct json_object *
failures(const struct tool *tool, struct json_object *params)
{
	struct json_object *document = parsed(tool->parameters);
	struct json_object *errors = json_object_new_array();
	char why[256] = "";
	struct schema *schema = schema_compile(document, why, sizeof(why));

	json_object_put(document);
	if (schema == NULL)
		fail_msg("schema of %s: %s", tool->name, why);
	if (schema_validate(schema, params, errors) == 0) {
		json_object_put(errors);
		errors = NULL;
	}
	schema_free(schema);
	return (errors);
}

struct json_object *
call_tool_within(
    const struct tool *tool, struct json_object *params, int64_t timeout_ms)
{
	struct tool_call call = {
	    .params = params,
	    .result = json_object_new_object(),
	    .deadline_ns = clock_now_ns() + timeout_ms * NS_PER_MS,
	};

	tool->run(&call);
	if (call.outcome == TOOL_OK)
		return (named("result", call.result));
	json_object_put(call.result);
	return (named("error", json_object_new_string(call.error)));
}

struct json_object *
call_tool(const struct tool *tool, const char *params)
{
	struct json_object *value = parsed(params), *outcome;

	outcome = failures(tool, value);
	if (outcome != NULL)
		outcome = named("invalid", outcome);
	else
		outcome = call_tool_within(tool, value, 10000);
	json_object_put(value);
	return (outcome);
}

struct json_object *
call_result(const struct tool *tool, const char *params)
{
	struct json_object *outcome = call_tool(tool, params), *result;
	size_t len;

	if (!json_object_object_get_ex(outcome, "result", &result))
		fail_msg("%s: %s", params, json_text(outcome, &len));
	json_object_get(result);
	json_object_put(outcome);
	return (result);
}

static void
call_sample(const struct tool *tool, const struct call_sample *sample)
{
	struct json_object *outcome = call_tool(tool, sample->params), *value;
	const char *text = "";
	bool as_wanted = false;
	size_t len;

	if (json_object_object_get_ex(outcome, "result", &value)) {
		text = json_text(value, &len);
		as_wanted = strcmp(text, sample->outcome) == 0;
	} else if (json_object_object_get_ex(outcome, "error", &value)) {
		text = json_object_get_string(value);
		as_wanted = strcmp(text, sample->outcome) == 0;
	} else if (json_object_object_get_ex(outcome, "invalid", &value)) {
		text = json_text(value, &len);
		as_wanted = sample->outcome[0] != '\0' &&
			    strstr(text, sample->outcome) != NULL;
	}
	if (!as_wanted)
		fail_msg("%s %s: %s", tool->name, sample->params, text);
	json_object_put(outcome);
}

void
call_samples(
    const struct tool *tool, const struct call_sample *samples, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		call_sample(tool, &samples[i]);
}
