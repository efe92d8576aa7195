/*
 * One call of a tool, as an agent would make it, for the tests of tools.
 */

#ifndef UNIT_CALL_H
#define UNIT_CALL_H

#include <stddef.h>

#include "agent/tool.h"

struct json_object;

/* A tool call of a table: params as JSON, and what it must give. */
struct call_sample {
	const char *params;
	const char *outcome;
};

/*
 * Runs the tool.  Gives {"result": {...}}, {"error": "..."}, or {"invalid":
 * [...]} when params fail the schema of the tool.  The caller puts it.
 */
struct json_object *call_tool(const struct tool *, const char *params);

/* The same with params that need not be text, and a time limit. */
struct json_object *call_tool_within(
    const struct tool *, struct json_object *params, int64_t timeout_ms);

/* The result of a call that must succeed. */
struct json_object *call_result(const struct tool *, const char *params);

/*
 * Calls with each sample and compares.  An outcome that starts with a brace
 * is a result; any other is an error, or a part of the list of failures.
 */
void call_samples(const struct tool *, const struct call_sample *, size_t n);

#endif
