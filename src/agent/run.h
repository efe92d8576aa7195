/*
 * Running one tool call.
 */

#ifndef AGENT_RUN_H
#define AGENT_RUN_H

#include "agent/foreign.h"
#include "common/wire.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct json_object;
struct registry;
struct registry_entry;

/* What a call came to; text is borrowed from value, which the caller puts. */
struct run_answer {
	enum wire_outcome outcome;
	enum wire_failure failure;
	struct json_object *value;
	const char *text;
	size_t len;
	struct fitness fitness; /* of this process, for another call */
	bool alone; /* only code of ours ran, which starts no process */
	/* A process of it lives on for as long, see child_linger(); 0: none. */
	int64_t lingers_ms;
};

/*
 * Finds the tool, checks the parameters (a JSON text) against its schema,
 * runs it and checks the result.  max_bytes is the longest result; a longer
 * one is a failure, as is one that the tool's own schema forbids.  Always
 * fills the answer; its text is NULL when there was no memory even for an
 * error message.  headers is a JSON object of strings that
 * go to the tool, too, or has no bytes.
 */
void run_call(struct run_answer *, const struct registry *, const char *tool,
    size_t tool_len, const char *params, size_t params_len, const char *headers,
    size_t headers_len, int64_t deadline_ns, size_t max_bytes);

/*
 * Checks params, an object, against the schema of the tool, if need be after
 * changes that its policy allows (lenient.h).  Returns how many failures are
 * left, or -1 when there is no memory; *errors are those failures, see
 * schema_validate(): the caller puts them in any case.
 */
int run_check(const struct registry_entry *, struct json_object *params,
    struct json_object **errors, int64_t deadline_ns)
    __attribute__((warn_unused_result));

/*
 * Whether the tool is none that can run in the agent itself, because its policy
 * needs a process: see isolate.h.
 */
bool run_needs_fork(const struct registry_entry *);

#endif
