/*
 * The ways in which the arguments of keywords hold schemas.  Called through
 * the table of keywords when a schema is compiled.
 */

#include <json-c/json.h>

#include "schema/schema_arguments.h"
#include "schema/schema_compile.h"

static int
schema_children_keep(
    struct schema_compiler *c, struct schema_rule *rule, size_t count)
{
	rule->children = schema_keep(c, count * sizeof(*rule->children));
	return (rule->children == NULL ? -1 : 0);
}

static int
schema_child_add(struct schema_compiler *c, const struct schema_node *parent,
    struct schema_rule *rule, struct json_object *json,
    const struct schema_path *path)
{
	struct schema_child *child = &rule->children[rule->count++];

	child->name = path->name;
	child->node = schema_node_make(c, json, path, parent->resource);
	return (child->node == NULL ? -1 : 0);
}

int
schema_children_one(struct schema_compiler *c, const struct schema_node *node,
    struct schema_rule *rule, const struct schema_path *path)
{
	if (schema_children_keep(c, rule, 1) == -1)
		return (-1);
	return (schema_child_add(c, node, rule, rule->argument, path));
}

int
schema_children_array(struct schema_compiler *c, const struct schema_node *node,
    struct schema_rule *rule, const struct schema_path *path)
{
	size_t i, count = json_object_array_length(rule->argument);
	struct schema_path below;

	if (schema_children_keep(c, rule, count) == -1)
		return (-1);
	for (i = 0; i < count; i++) {
		below = schema_path_item(path, i);
		if (schema_child_add(c, node, rule,
			json_object_array_get_idx(rule->argument, i),
			&below) == -1)
			return (-1);
	}
	return (0);
}

int
schema_children_items(struct schema_compiler *c, const struct schema_node *node,
    struct schema_rule *rule, const struct schema_path *path)
{
	return (json_object_is_type(rule->argument, json_type_array)
		    ? schema_children_array(c, node, rule, path)
		    : schema_children_one(c, node, rule, path));
}

/* A schema, or the names of members. */
static int
schema_dependency_add(struct schema_compiler *c, const struct schema_node *node,
    struct schema_rule *rule, struct json_object *json,
    const struct schema_path *path)
{
	if (!json_object_is_type(json, json_type_array))
		return (schema_child_add(c, node, rule, json, path));
	if (!argument_names(json))
		return (schema_refuse(c, path, "must be an array of strings"));
	rule->children[rule->count++] =
	    (struct schema_child){.name = path->name, .names = json};
	return (0);
}

typedef int (*member_add)(struct schema_compiler *, const struct schema_node *,
    struct schema_rule *, struct json_object *, const struct schema_path *);

static int
schema_members_add(struct schema_compiler *c, const struct schema_node *node,
    struct schema_rule *rule, const struct schema_path *path, member_add add)
{
	if (schema_children_keep(c, rule,
		(size_t)json_object_object_length(rule->argument)) == -1)
		return (-1);
	json_object_object_foreach (rule->argument, name, json) {
		const struct schema_path below = schema_path_member(path, name);

		if (add(c, node, rule, json, &below) == -1)
			return (-1);
	}
	return (0);
}

int
schema_children_members(struct schema_compiler *c,
    const struct schema_node *node, struct schema_rule *rule,
    const struct schema_path *path)
{
	return (schema_members_add(c, node, rule, path, schema_child_add));
}

int
schema_children_dependencies(struct schema_compiler *c,
    const struct schema_node *node, struct schema_rule *rule,
    const struct schema_path *path)
{
	return (schema_members_add(c, node, rule, path, schema_dependency_add));
}
