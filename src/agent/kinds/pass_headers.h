/*
 * The headers of an HTTP request that a tool's manifest names, so that they
 * reach the tool with each call.
 */

#ifndef AGENT_KINDS_PASS_HEADERS_H
#define AGENT_KINDS_PASS_HEADERS_H

#include <stddef.h>

struct json_object;
struct tool_call;

/* The most names that one manifest may have, and the longest name. */
#define PASS_HEADERS_MAX 16
#define PASS_HEADERS_NAME_MAX 64

/* Of the variable that a program finds: AGENTD_HEADER_X_TENANT. */
#define PASS_HEADERS_VARIABLE "AGENTD_HEADER_"

/*
 * Checks the member "pass_headers" of a manifest.  0; or -1 with the reason in
 * why.
 */
int pass_headers_check(struct json_object *names, char *why, size_t why_size)
    __attribute__((warn_unused_result));

/* The first of names that headers, an object, has in any case; or NULL. */
const char *pass_headers_find(
    struct json_object *names, struct json_object *headers);

/* "NAME=value" for the environment, malloc'd; NULL: no memory. */
char *pass_headers_variable(const char *name, struct json_object *value);

#endif
