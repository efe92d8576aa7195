/*
 * Compiled schemas: for now, a schema is its own compiled form.
 */

#ifndef AGENT_SCHEMA_API_H
#define AGENT_SCHEMA_API_H

#include "agent/schema.h"

#include <json-c/json_object.h>
#include <stddef.h>

struct schema;

static inline struct schema *
schema_compile(struct json_object *document, char *why, size_t why_size)
{
	if (schema_check(document, why, why_size) == -1)
		return (NULL);
	return ((struct schema *)json_object_get(document));
}

static inline void
schema_free(struct schema *schema)
{
	json_object_put((struct json_object *)schema);
}

#define schema_validate(schema, value, errors) \
	schema_validate(                       \
	    (struct json_object *)(uintptr_t)(schema), value, errors)

#endif
