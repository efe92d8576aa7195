/*
 * One call of a tool of any kind, as an agent would make it: without schemas,
 * since those are another matter, but with the sweep that follows a call.
 */

#include "kind_call.h"

#include "test.h"

#include <json-c/json.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agent/isolate.h"
#include "agent/kinds/kind.h"
#include "agent/registry.h"
#include "agent/run.h"
#include "agent/tool.h"
#include "common/clock.h"
#include "common/json.h"
#include "common/sweep.h"

static struct json_object *
parsed(const char *text)
{
	char reason[JSON_REASON_SIZE];
	struct json_object *value;

	if (!json_parse(text, strlen(text), &value, reason))
		fail_msg("%s: %s", text, reason);
	return (value);
}

const char *
kind_program(const char *name)
{
	static char path[PATH_MAX];
	char near[PATH_MAX];

	snprintf(near, sizeof(near), "%s/tests/bin/%s", test_builddir(), name);
	if (realpath(near, path) == NULL)
		fail_msg("there is no %s", near);
	return (path);
}

struct registry_entry *
kind_entry(const struct kind *kind, const char *base, const char *manifest)
{
	struct registry_entry *entry = calloc(1, sizeof(*entry));
	struct json_object *value = parsed(manifest);
	char why[512] = "";

	assert_non_null(entry);
	entry->name = strdup("tool");
	entry->kind = kind;
	entry->base = strdup(base);
	policy_init(&entry->policy);
	entry->policy.output_bytes = 1 << 20;
	entry->spec = kind->parse(value, base, why, sizeof(why));
	if (entry->spec == NULL)
		fail_msg("%s: %s", manifest, why);
	json_object_put(value);
	return (entry);
}

void
kind_entry_free(struct registry_entry *entry)
{
	entry->kind->free(entry->spec);
	policy_free(&entry->policy);
	free(entry->name);
	free(entry->base);
	free(entry);
}

void
kind_refuses(const struct kind *kind, const char *manifest, const char *reason)
{
	struct json_object *value = parsed(manifest);
	char why[512] = "";

	if (kind->parse(value, "/", why, sizeof(why)) != NULL)
		fail_msg("%s is not refused", manifest);
	assert_string_equal(why, reason);
	json_object_put(value);
}

static struct json_object *
outcome_of(const struct tool_call *call)
{
	struct json_object *outcome = json_object_new_object();

	if (call->outcome == TOOL_NO_MEMORY)
		fail_msg("out of memory");
	if (call->outcome == TOOL_OK)
		json_object_object_add(
		    outcome, "result", json_object_get(call->result));
	else
		json_object_object_add(outcome,
		    call->outcome == TOOL_EXPIRED ? "expired" : "error",
		    json_object_new_string(call->error));
	return (outcome);
}

struct json_object *
kind_call(struct registry_entry *entry, const char *params, int64_t timeout_ms)
{
	struct tool_call call = {.entry = entry,
	    .params = parsed(params),
	    .result = json_object_new_object(),
	    .deadline_ns = clock_now_ns() + timeout_ms * NS_PER_MS};
	struct json_object *outcome;

	if (run_needs_fork(entry))
		isolate_run(&call);
	else
		entry->kind->run(&call);
	assert_true(sweep_strays(KIND_CALL_MS) >= 0);
	outcome = outcome_of(&call);
	json_object_put(call.result);
	json_object_put(call.params);
	return (outcome);
}

void
kind_expect(
    struct registry_entry *entry, const char *params, const char *wanted)
{
	struct json_object *outcome = kind_call(entry, params, KIND_CALL_MS);
	size_t len;

	assert_string_equal(json_text(outcome, &len), wanted);
	json_object_put(outcome);
}
