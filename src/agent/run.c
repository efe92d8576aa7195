/*
 * From a tool's name and parameters to an answer.  Knows nothing of frames.
 */

#include "agent/run.h"
#include "agent/child/child.h"
#include "agent/isolate.h"
#include "agent/kinds/kind.h"
#include "agent/lenient.h"
#include "agent/registry.h"
#include "agent/tool.h"
#include "common/json.h"
#include "common/log.h"
#include "schema/schema.h"

#include <errno.h>
#include <json-c/json.h>

#include <stdio.h>
#include <string.h>

/* Null is a result, but otherwise what there was no memory for: no text. */
static void
run_answer_set(struct run_answer *answer, enum wire_outcome outcome,
    struct json_object *value)
{
	answer->outcome = outcome;
	answer->value = value;
	answer->text = value == NULL && outcome != WIRE_OUTCOME_SUCCESS
			   ? NULL
			   : json_text(value, &answer->len);
}

static void
run_fail(struct run_answer *answer, const char *message)
{
	run_answer_set(
	    answer, WIRE_OUTCOME_FAILURE, json_object_new_string(message));
}

/* The tool has not been run. */
static void
run_no_memory(struct run_answer *answer)
{
	run_answer_set(answer, WIRE_OUTCOME_NO_MEMORY,
	    json_object_new_string("out of memory"));
}

int
run_check(const struct registry_entry *entry, struct json_object *params,
    struct json_object **errors, int64_t deadline_ns)
{
	int failures;

	if ((*errors = json_object_new_array()) == NULL)
		return (-1);
	failures = schema_validate(entry->parameters_schema, params, *errors);
	return (failures <= 0 ? failures
			      : lenient_mend(entry, params, errors, failures,
				    deadline_ns));
}

/* A result that the tool's author did not promise is a failure of the tool. */
static void
run_check_result(struct tool_call *call)
{
	struct json_object *errors = json_object_new_array(), *first;
	const char *where;
	int failures = errors == NULL
			   ? -1
			   : schema_validate(call->entry->result_schema,
				 call->result, errors);

	if (failures > 0) {
		first = json_object_array_get_idx(errors, 0);
		where = json_object_get_string(
		    json_object_object_get(first, "pointer"));
		tool_fail(call, "the result does not fit its schema: %s%s%s",
		    where, where[0] == '\0' ? "" : ": ",
		    json_object_get_string(
			json_object_object_get(first, "detail")));
	}
	if (failures == -1)
		tool_no_memory(call);
	json_object_put(errors);
}

/* The room for the message is large, and most calls need none of it. */
static void
run_call_init(struct tool_call *call, const struct registry_entry *entry,
    struct json_object *params, struct json_object *headers,
    int64_t deadline_ns)
{
	memset(call, 0, offsetof(struct tool_call, error));
	call->error[0] = '\0';
	call->entry = entry;
	call->params = params;
	call->headers = headers;
	call->deadline_ns = deadline_ns;
	call->result = json_object_new_object();
}

bool
run_needs_fork(const struct registry_entry *entry)
{
	const struct policy *p = &entry->policy;
	bool elsewhere =
	    p->directory != NULL &&
	    (entry->base == NULL || strcmp(p->directory, entry->base) != 0);

	if (entry->kind->own_process)
		return (false);
	return (elsewhere || p->user != NULL || p->group != NULL ||
		p->environment != NULL || p->nice > 0 || p->umask != 0077 ||
		p->memory_bytes > 0 || p->address_space_bytes > 0 ||
		p->cpu_time_ms > 0 || p->file_size_bytes >= 0 ||
		p->open_files > 0 ||
		(p->processes > 0 && p->processes != POLICY_PROCESSES));
}

/* Code that is not ours is watched. */
static void
run_kind(struct run_answer *answer, struct tool_call *call)
{
	const struct registry_entry *entry = call->entry;
	struct foreign foreign;

	if (run_needs_fork(entry))
		isolate_run(call);
	else if (!entry->kind->foreign) {
		answer->alone = !entry->kind->own_process;
		entry->kind->run(call);
	} else {
		foreign_begin(&foreign);
		entry->kind->run(call);
		foreign_end(&foreign, entry->name, &answer->fitness);
	}
	if (call->outcome != TOOL_UNFIT)
		return;
	answer->fitness.is = UNFIT;
	strlcpy(answer->fitness.why, call->error, sizeof(answer->fitness.why));
}

/* What the front end hears of it. */
static void
run_finish(struct run_answer *answer, const struct tool_call *call)
{
	static const enum wire_outcome outcomes[] = {
	    [TOOL_OK] = WIRE_OUTCOME_SUCCESS,
	    [TOOL_FAILED] = WIRE_OUTCOME_FAILURE,
	    [TOOL_HTTP_5XX] = WIRE_OUTCOME_FAILURE,
	    [TOOL_UNABLE] = WIRE_OUTCOME_UNABLE,
	    [TOOL_UNFIT] = WIRE_OUTCOME_UNABLE,
	    [TOOL_EXPIRED] = WIRE_OUTCOME_TIMEOUT,
	    [TOOL_NO_MEMORY] = WIRE_OUTCOME_FAILURE,
	};
	char limits[CHILD_LIMITS_SIZE], text[CHILD_LIMITS_SIZE + 16];
	struct json_object *value;

	if (call->outcome == TOOL_OK)
		value = json_object_get(call->result);
	else if (call->outcome == TOOL_EXPIRED && call->partial != NULL)
		value = json_object_get(call->partial);
	else if (call->outcome != TOOL_NO_MEMORY)
		value = json_object_new_string(call->error);
	else {
		child_explain_memory(NULL, limits, sizeof(limits));
		snprintf(text, sizeof(text), "out of memory%s", limits);
		value = json_object_new_string(text);
	}
	if (call->outcome == TOOL_HTTP_5XX)
		answer->failure = FAILURE_HTTP_5XX;
	if (call->outcome == TOOL_EXPIRED)
		answer->lingers_ms = child_linger_ms();
	run_answer_set(answer, outcomes[call->outcome], value);
}

static void
run_tool(struct run_answer *answer, const struct registry_entry *entry,
    struct json_object *params, struct json_object *headers,
    int64_t deadline_ns)
{
	struct tool_call call;

	if (entry->kind->prints || entry->policy.stderr_bytes == 0)
		log_tool(entry->name);
	run_call_init(&call, entry, params, headers, deadline_ns);
	if (call.result == NULL)
		tool_no_memory(&call);
	else
		run_kind(answer, &call);
	if (call.outcome == TOOL_OK && entry->result_schema != NULL)
		run_check_result(&call);
	run_finish(answer, &call);
	json_object_put(call.partial);
	json_object_put(call.result);
}

static void
run_with(struct run_answer *answer, const struct registry_entry *entry,
    struct json_object *params, struct json_object *headers,
    int64_t deadline_ns)
{
	struct json_object *errors;
	int failures = run_check(entry, params, &errors, deadline_ns);

	if (failures > 0) {
		run_answer_set(answer, WIRE_OUTCOME_INVALID, errors);
		return;
	}
	json_object_put(errors);
	if (failures == -1)
		run_no_memory(answer);
	else
		run_tool(answer, entry, params, headers, deadline_ns);
}

/* Why a text of ours is not as the front end wants it. */
static void
run_explain(const struct run_answer *answer, char *message, size_t size)
{
	struct json_object *value = NULL;
	char reason[JSON_REASON_SIZE] = "not valid";

	(void)!json_parse(answer->text, answer->len, &value, reason);
	json_object_put(value);
	snprintf(
	    message, size, "the result cannot be sent as JSON: %s", reason);
}

/* What cannot be sent is a failure, whatever it was. */
static void
run_limit(struct run_answer *answer, size_t max_bytes)
{
	char message[256] = "out of memory";

	if (answer->outcome != WIRE_OUTCOME_SUCCESS)
		max_bytes = WIRE_WORDS_MAX;
	if (answer->text != NULL && answer->len <= max_bytes &&
	    json_valid(answer->text, answer->len))
		return;
	if (answer->text != NULL && answer->len > max_bytes)
		snprintf(message, sizeof(message),
		    "the answer has %zu bytes, but at most %zu are allowed%s",
		    answer->len, max_bytes,
		    answer->outcome == WIRE_OUTCOME_SUCCESS ? " (max_result)"
							    : "");
	else if (answer->text != NULL)
		run_explain(answer, message, sizeof(message));
	json_object_put(answer->value);
	run_fail(answer, message);
}

/* Its manifest was good when it was loaded. */
static void
run_unready(struct run_answer *answer, const char *why)
{
	char message[REGISTRY_WHY_SIZE + 32];

	if (errno == ENOMEM) {
		run_no_memory(answer);
		return;
	}
	snprintf(
	    message, sizeof(message), "the tool cannot be set up: %s", why);
	run_fail(answer, message);
}

void
run_call(struct run_answer *answer, const struct registry *registry,
    const char *tool, size_t tool_len, const char *text, size_t len,
    const char *headers_text, size_t headers_len, int64_t deadline_ns,
    size_t max_bytes)
{
	const struct registry_entry *entry =
	    registry_find(registry, tool, tool_len);
	struct json_object *params = NULL, *headers = NULL;
	char reason[JSON_REASON_SIZE], why[REGISTRY_WHY_SIZE];

	if (entry == NULL)
		run_answer_set(answer, WIRE_OUTCOME_UNKNOWN_TOOL,
		    json_object_new_string_len(tool, (int)tool_len));
	else if (registry_ready(registry, entry, why) == -1)
		run_unready(answer, why);
	else if (headers_len > 0 &&
		 !json_parse(headers_text, headers_len, &headers, reason))
		run_no_memory(answer); /* they are ours, and valid */
	else if (json_parse(text, len, &params, reason))
		run_with(answer, entry, params, headers, deadline_ns);
	else if (errno == ENOMEM)
		run_no_memory(answer);
	else
		run_answer_set(answer, WIRE_OUTCOME_MALFORMED,
		    json_object_new_string(reason));
	json_object_put(params);
	json_object_put(headers);
	run_limit(answer, max_bytes);
}
