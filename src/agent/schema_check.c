/*
 * Checks of schemas themselves, so that a misspelt keyword is found when the
 * agent starts and not by the caller who is let through.  Called once a tool
 * at start; keeps no state.
 */

#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>

#include "agent/schema.h"
#include "agent/schema_impl.h"

struct checker {
	char *why;
	size_t size;
};

static int check_schema(const struct checker *, struct json_object *schema,
    const struct schema_path *);

static int
checker_fail(const struct checker *c, const struct schema_path *path,
    const char *wrong, const char *wanted)
{
	char *pointer = schema_path_pointer(path);

	snprintf(c->why, c->size, "%s: %s%s", pointer != NULL ? pointer : "",
	    wrong, wanted);
	free(pointer);
	return (-1);
}

static int
check_members(const struct checker *c, struct json_object *schemas,
    const struct schema_path *path)
{
	json_object_object_foreach (schemas, name, schema) {
		struct schema_path below = schema_path_member(path, name);

		if (check_schema(c, schema, &below) == -1)
			return (-1);
	}
	return (0);
}

static int
check_keyword(const struct checker *c, const char *name,
    struct json_object *argument, const struct schema_path *parent)
{
	const struct schema_path path = schema_path_member(parent, name);
	const struct schema_keyword *k = schema_keyword(name);

	if (k == NULL)
		return (checker_fail(c, &path, "unknown keyword", ""));
	if (!k->valid(argument))
		return (checker_fail(c, &path, "must be ", k->wanted));
	if (k->inner == INNER_SCHEMA)
		return (check_schema(c, argument, &path));
	if (k->inner == INNER_MEMBERS)
		return (check_members(c, argument, &path));
	return (0);
}

static int
check_schema(const struct checker *c, struct json_object *schema,
    const struct schema_path *path)
{
	if (path != NULL && path->depth > SCHEMA_MAX_DEPTH)
		return (checker_fail(c, path, "nested too deep", ""));
	if (json_object_is_type(schema, json_type_boolean))
		return (0);
	if (!json_object_is_type(schema, json_type_object))
		return (checker_fail(
		    c, path, "must be ", "an object or a boolean"));
	json_object_object_foreach (schema, name, argument)
		if (check_keyword(c, name, argument, path) == -1)
			return (-1);
	return (0);
}

int
schema_check(struct json_object *schema, char *why, unsigned long why_size)
{
	const struct checker c = {why, why_size};

	return (check_schema(&c, schema, NULL));
}
