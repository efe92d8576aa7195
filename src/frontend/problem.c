/*
 * The table of problems, and refusals, whose words may quote what a client
 * sent: they are made to be UTF-8 here.
 */

#include "frontend/problem.h"
#include "common/utf8.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

static const struct problem_kind kinds[PROBLEMS] = {
    [PROBLEM_BAD_REQUEST] = {400, "bad_request", "Bad request", false, NULL,
	false},
    [PROBLEM_FORBIDDEN_ORIGIN] = {403, "forbidden_origin", "Forbidden origin",
	false, NULL, false},
    [PROBLEM_UNKNOWN_TOOL] = {404, "unknown_tool", "Unknown tool", false, NULL,
	false},
    [PROBLEM_UNKNOWN_AGENT] = {404, "unknown_agent", "Unknown agent", false,
	NULL, false},
    [PROBLEM_NOT_FOUND] = {404, "not_found", "Not found", false, NULL, false},
    [PROBLEM_METHOD_NOT_ALLOWED] = {405, "method_not_allowed",
	"Method not allowed", false, NULL, false},
    [PROBLEM_CANCELLED_QUEUED] = {409, "cancelled", "Cancelled", true,
	"not_started", false},
    [PROBLEM_CANCELLED] = {409, "cancelled", "Cancelled", false, "unknown",
	false},
    [PROBLEM_INVALID_PARAMS] = {422, "invalid_params", "Invalid parameters",
	false, NULL, false},
    [PROBLEM_RELOAD_FAILED] = {422, "reload_failed", "Reload failed", false,
	NULL, false},
    [PROBLEM_REQUEST_TIMEOUT] = {408, "request_timeout", "Request timeout",
	true, "not_started", false},
    [PROBLEM_TOO_LARGE] = {413, "too_large", "Body too large", false, NULL,
	false},
    [PROBLEM_ENCODING] = {415, "unsupported_encoding", "Unsupported encoding",
	false, NULL, false},
    [PROBLEM_EXPECTATION] = {417, "expectation_failed", "Expectation failed",
	false, NULL, false},
    [PROBLEM_HEADERS_TOO_LARGE] = {431, "headers_too_large",
	"Header fields too large", false, NULL, false},
    [PROBLEM_RATE_LIMITED] = {429, "rate_limited", "Too many requests", true,
	"not_started", true},
    [PROBLEM_NOT_IMPLEMENTED] = {501, "not_implemented", "Not implemented",
	false, NULL, false},
    [PROBLEM_AGENT_CRASHED] = {502, "agent_crashed", "Agent crashed", false,
	"unknown", false},
    [PROBLEM_QUEUE_FULL] = {503, "queue_full", "Queue full", true,
	"not_started", true},
    [PROBLEM_CIRCUIT_OPEN] = {503, "circuit_open", "Circuit open", true,
	"not_started", true},
    [PROBLEM_DRAINING] = {503, "draining", "Shutting down", true, "not_started",
	true},
    [PROBLEM_DRAINING_RUNNING] = {503, "draining", "Shutting down", false,
	"unknown", true},
    [PROBLEM_NO_AGENT] = {503, "no_agent", "No agent", true, "not_started",
	true},
    [PROBLEM_NO_MEMORY] = {503, "no_memory", "Out of memory", true,
	"not_started", true},
    [PROBLEM_NO_MEMORY_RAN] = {503, "no_memory", "Out of memory", false,
	"unknown", true},
    [PROBLEM_TIMEOUT_QUEUED] = {504, "timeout", "Timeout", true, "not_started",
	false},
    [PROBLEM_TIMEOUT] = {504, "timeout", "Timeout", false, "unknown", false},
};

const struct problem_kind *
problem_kind(enum problem problem)
{
	return (&kinds[problem]);
}

int
problem_refuse(
    struct refusal *refusal, enum problem problem, const char *fmt, ...)
{
	va_list ap;

	refusal->problem = problem;
	refusal->retry_after_ns = 0;
	va_start(ap, fmt);
	vsnprintf(refusal->detail, sizeof(refusal->detail), fmt, ap);
	va_end(ap);
	utf8_clean(refusal->detail);
	return (-1);
}
