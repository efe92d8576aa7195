/*
 * What a keyword works out once, when its schema is compiled: the schemas in
 * its argument, numbers, sets of types, regular expressions, the keywords
 * beside it that it looks at.
 */

#include "schema/schema_compile.h"

#include <string.h>

#include <json-c/json.h>

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
	if (!schema_argument_names(json))
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

int
schema_prepare_type(struct schema_compiler *c, struct schema_node *node,
    struct schema_rule *rule, const struct schema_path *path)
{
	rule->types = schema_argument_type_bits(rule->argument);
	return (0);
}

int
schema_prepare_count(struct schema_compiler *c, struct schema_node *node,
    struct schema_rule *rule, const struct schema_path *path)
{
	if (json_object_get_double(rule->argument) >= 0x1p64)
		rule->limit = UINT64_MAX;
	else if (json_object_is_type(rule->argument, json_type_double))
		rule->limit = (uint64_t)json_object_get_double(rule->argument);
	else
		rule->limit = json_object_get_uint64(rule->argument);
	return (0);
}

int
schema_prepare_pattern(struct schema_compiler *c, struct schema_node *node,
    struct schema_rule *rule, const struct schema_path *path)
{
	const char *text = json_object_get_string(rule->argument);
	size_t len = (size_t)json_object_get_string_len(rule->argument);

	rule->pattern = schema_pattern_new(c, text, len, path);
	return (rule->pattern == NULL ? -1 : 0);
}

int
schema_prepare_patterns(struct schema_compiler *c, struct schema_node *node,
    struct schema_rule *rule, const struct schema_path *path)
{
	struct schema_child *child = rule->children;
	struct schema_path below;

	for (; child < rule->children + rule->count; child++) {
		below = schema_path_member(path, child->name);
		child->pattern = schema_pattern_new(
		    c, child->name, strlen(child->name), &below);
		if (child->pattern == NULL)
			return (-1);
	}
	return (0);
}

/* How many steps it takes to look up the names in an argument. */
static size_t
schema_names_steps(struct json_object *names)
{
	size_t i, steps = 1;

	if (json_object_is_type(names, json_type_string))
		return (1 + SCHEMA_STEPS_TEXT(
				(size_t)json_object_get_string_len(names)));
	if (json_object_is_type(names, json_type_array))
		for (i = 0; i < json_object_array_length(names); i++)
			steps += schema_names_steps(
			    json_object_array_get_idx(names, i));
	return (steps);
}

int
schema_prepare_names(struct schema_compiler *c, struct schema_node *node,
    struct schema_rule *rule, const struct schema_path *path)
{
	rule->steps = schema_names_steps(rule->argument);
	return (0);
}

int
schema_prepare_members(struct schema_compiler *c, struct schema_node *node,
    struct schema_rule *rule, const struct schema_path *path)
{
	json_object_object_foreach (rule->argument, name, argument)
		rule->steps += SCHEMA_STEPS_TEXT(strlen(name)) +
			       schema_names_steps(argument);
	return (0);
}

static int
schema_beside(struct schema_node *node, struct schema_rule *rule,
    const char *first, const char *second)
{
	rule->with[0] = schema_rule_find(node, first);
	if (second != NULL)
		rule->with[1] = schema_rule_find(node, second);
	return (0);
}

int
schema_prepare_additional_properties(struct schema_compiler *c,
    struct schema_node *node, struct schema_rule *rule,
    const struct schema_path *path)
{
	return (schema_beside(node, rule, "properties", "patternProperties"));
}

int
schema_prepare_items(struct schema_compiler *c, struct schema_node *node,
    struct schema_rule *rule, const struct schema_path *path)
{
	return (schema_beside(node, rule, "prefixItems", NULL));
}

int
schema_prepare_additional_items(struct schema_compiler *c,
    struct schema_node *node, struct schema_rule *rule,
    const struct schema_path *path)
{
	const struct schema_rule *items = schema_rule_find(node, "items");

	if (items != NULL && schema_argument_array(items->argument))
		rule->with[0] = items;
	return (0);
}

int
schema_prepare_contains(struct schema_compiler *c, struct schema_node *node,
    struct schema_rule *rule, const struct schema_path *path)
{
	return (schema_beside(node, rule, "minContains", "maxContains"));
}

int
schema_prepare_if(struct schema_compiler *c, struct schema_node *node,
    struct schema_rule *rule, const struct schema_path *path)
{
	return (schema_beside(node, rule, "then", "else"));
}

int
schema_prepare_minimum_04(struct schema_compiler *c, struct schema_node *node,
    struct schema_rule *rule, const struct schema_path *path)
{
	return (schema_beside(node, rule, "exclusiveMinimum", NULL));
}

int
schema_prepare_maximum_04(struct schema_compiler *c, struct schema_node *node,
    struct schema_rule *rule, const struct schema_path *path)
{
	return (schema_beside(node, rule, "exclusiveMaximum", NULL));
}

int
schema_prepare_unevaluated_items(struct schema_compiler *c,
    struct schema_node *node, struct schema_rule *rule,
    const struct schema_path *path)
{
	node->watched |= SCHEMA_TYPE_ARRAY;
	return (0);
}

int
schema_prepare_unevaluated_properties(struct schema_compiler *c,
    struct schema_node *node, struct schema_rule *rule,
    const struct schema_path *path)
{
	node->watched |= SCHEMA_TYPE_OBJECT;
	return (0);
}
