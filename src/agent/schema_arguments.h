/*
 * For schema_keywords.c: what kinds of argument keywords take, and the names
 * of the types.
 */

#ifndef AGENT_SCHEMA_ARGUMENTS_H
#define AGENT_SCHEMA_ARGUMENTS_H

#include <stdbool.h>

struct json_object;

bool argument_any(struct json_object *);
bool argument_array(struct json_object *);
bool argument_count(struct json_object *); /* whole, not negative */
bool argument_names(struct json_object *); /* strings in an array */
bool argument_number(struct json_object *);
bool argument_object(struct json_object *);
bool argument_string(struct json_object *);
bool argument_types(struct json_object *); /* one type, or an array */

/* Whether value is of the type that JSON Schema calls name. */
bool schema_type_has(const char *name, struct json_object *value);

/* The narrowest name for the type of value. */
const char *schema_type_of(struct json_object *value);

#endif
