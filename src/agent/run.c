/*
 * From a tool's name and parameters to an answer.  Called by the agent's loop
 * for each request; knows nothing of frames.
 */

#include "agent/run.h"
#include "agent/registry.h"
#include "agent/tool.h"
#include "common/json.h"
#include "schema/schema.h"

#include <json-c/json.h>

#include <stdio.h>

static void
run_answer_set(struct run_answer *answer, enum wire_outcome outcome,
    struct json_object *value)
{
	answer->outcome = outcome;
	answer->value = value;
	answer->text = value == NULL ? NULL : json_text(value, &answer->len);
}

static void
run_fail(struct run_answer *answer, const char *message)
{
	run_answer_set(
	    answer, OUTCOME_FAILURE, json_object_new_string(message));
}

static void
run_tool(struct run_answer *answer, const struct tool *tool,
    struct json_object *params, int64_t deadline_ns)
{
	struct tool_call call = {
	    .tool = tool,
	    .params = params,
	    .deadline_ns = deadline_ns,
	    .result = json_object_new_object(),
	};

	if (call.result == NULL)
		call.out_of_memory = true;
	else
		tool->run(&call);
	if (call.out_of_memory)
		run_fail(answer, "out of memory");
	else if (call.failed)
		run_fail(answer, call.error);
	else
		run_answer_set(
		    answer, OUTCOME_SUCCESS, json_object_get(call.result));
	json_object_put(call.result);
}

/* Returns whether the parameters fit; otherwise the answer says why not. */
static bool
run_check(struct run_answer *answer, const struct schema *schema,
    struct json_object *params)
{
	struct json_object *errors = json_object_new_array();
	int failures =
	    errors == NULL ? -1 : schema_validate(schema, params, errors);

	if (failures > 0) {
		run_answer_set(answer, OUTCOME_INVALID, errors);
		return (false);
	}
	json_object_put(errors);
	if (failures == -1)
		run_fail(answer, "out of memory");
	return (failures == 0);
}

/* What cannot be sent is a failure, whatever it was. */
static void
run_limit(struct run_answer *answer, size_t max_bytes)
{
	char message[128] = "out of memory";

	if (answer->outcome != OUTCOME_SUCCESS)
		max_bytes = WIRE_WORDS_MAX;
	if (answer->text != NULL && answer->len <= max_bytes)
		return;
	if (answer->text != NULL)
		snprintf(message, sizeof(message),
		    "the answer has %zu bytes, but at most %zu are allowed%s",
		    answer->len, max_bytes,
		    answer->outcome == OUTCOME_SUCCESS ? " (max_result)" : "");
	json_object_put(answer->value);
	run_fail(answer, message);
}

void
run_call(struct run_answer *answer, const char *tool, size_t tool_len,
    const char *text, size_t len, int64_t deadline_ns, size_t max_bytes)
{
	const struct registry_entry *entry = registry_find(tool, tool_len);
	struct json_object *params = NULL;
	char reason[JSON_REASON_SIZE];

	if (entry == NULL)
		run_answer_set(answer, OUTCOME_UNKNOWN_TOOL,
		    json_object_new_string_len(tool, (int)tool_len));
	else if (!json_parse(text, len, &params, reason))
		run_answer_set(
		    answer, OUTCOME_MALFORMED, json_object_new_string(reason));
	else if (run_check(answer, entry->schema, params))
		run_tool(answer, entry->tool, params, deadline_ns);
	json_object_put(params);
	run_limit(answer, max_bytes);
}
