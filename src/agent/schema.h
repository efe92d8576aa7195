/*
 * JSON Schema validation, for the parameters of every tool.
 */

#ifndef AGENT_SCHEMA_H
#define AGENT_SCHEMA_H

struct json_object;

/*
 * Checks value against schema and appends to the array errors, for every
 * failure, {"pointer": JSON Pointer (RFC 6901) into value, "detail": words}.
 * Returns the number of failures, or -1 when there is no memory.
 */
int schema_validate(struct json_object *schema, struct json_object *value,
    struct json_object *errors) __attribute__((warn_unused_result));

/*
 * Checks that schema uses only keywords that are understood, each with a
 * value of the right kind.  Returns 0, or -1 with the reason in why (of
 * why_size bytes).  Called for every tool at start.
 */
int schema_check(struct json_object *schema, char *why, unsigned long why_size)
    __attribute__((warn_unused_result));

#endif
