/*
 * JSON Schema validation: walks schema and value side by side, finds the
 * keywords in their table, and lists what fails.  Called by the agent for
 * every call, and once a tool at start.  Knows no keyword by itself: those
 * are in schema_keywords.c.
 */

#include "agent/schema.h"

#include <json-c/json.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agent/schema_impl.h"

/*
 * A small value can fail in very many places with long pointers: beyond this
 * much text failures are counted, but no longer listed.
 */
#define SCHEMA_LIST_BYTES 65536

#define DETAIL_SIZE 256

/* Adds one entry to the list; takes over neither string. */
static void
schema_list(struct schema_run *run, const char *pointer, const char *detail)
{
	struct json_object *error = json_object_new_object();

	if (error == NULL || pointer == NULL ||
	    json_object_object_add(
		error, "pointer", json_object_new_string(pointer)) != 0 ||
	    json_object_object_add(
		error, "detail", json_object_new_string(detail)) != 0 ||
	    json_object_array_add(run->errors, error) != 0) {
		json_object_put(error);
		run->out_of_memory = true;
		return;
	}
	run->listed_bytes += strlen(pointer) + strlen(detail);
}

/* Cuts what vsnprintf() cut in the middle of a character. */
static void
detail_end(char *detail)
{
	size_t len = strlen(detail);

	if (len < DETAIL_SIZE - 1)
		return;
	for (len -= 3; len > 0 && (detail[len] & 0xc0) == 0x80; len--)
		;
	strlcpy(detail + len, "...", DETAIL_SIZE - len);
}

void
schema_fail(struct schema_run *run, const struct schema_path *path,
    const char *fmt, ...)
{
	char detail[DETAIL_SIZE], *pointer;
	va_list ap;

	run->failures++;
	if (run->listed_bytes >= SCHEMA_LIST_BYTES)
		return;
	va_start(ap, fmt);
	vsnprintf(detail, sizeof(detail), fmt, ap);
	va_end(ap);
	detail_end(detail);
	pointer = schema_path_pointer(path);
	schema_list(run, pointer, detail);
	free(pointer);
	if (run->listed_bytes >= SCHEMA_LIST_BYTES)
		schema_list(run, "", "further failures are not listed");
}

void
schema_check_value(struct schema_run *run, struct json_object *schema,
    struct json_object *value, const struct schema_path *path)
{
	const struct schema_at at = {run, schema, value, path};
	const struct schema_keyword *k;

	if (path != NULL && path->depth > SCHEMA_MAX_DEPTH) {
		schema_fail(run, path, "is nested too deep");
		return;
	}
	if (json_object_is_type(schema, json_type_boolean)) {
		if (!json_object_get_boolean(schema))
			schema_fail(run, path, "is not allowed");
		return;
	}
	json_object_object_foreach (schema, name, argument) {
		k = schema_keyword(name);
		if (k != NULL && k->check != NULL)
			k->check(&at, argument);
	}
}

int
schema_validate(struct json_object *schema, struct json_object *value,
    struct json_object *errors)
{
	struct schema_run run = {.errors = errors};

	schema_check_value(&run, schema, value, NULL);
	return (run.out_of_memory ? -1 : run.failures);
}
