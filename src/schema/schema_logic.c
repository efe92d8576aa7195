/*
 * Keywords that ask other schemas about the same value, those that references
 * are about included.  What does not fit while alternatives are tried is no
 * failure; when none fits, the first failure of each is told.
 */

#include <stdio.h>
#include <string.h>

#include <json-c/json.h>

#include "schema/schema_compile.h"

static bool
schema_apply_here(const struct schema_at *at, const struct schema_node *node)
{
	return (schema_apply(at->run, node, at->value, at->path, at->tracked));
}

bool
schema_check_all_of(const struct schema_at *at, const struct schema_rule *rule)
{
	bool good = true;
	size_t i;

	for (i = 0; i < rule->count && (good || schema_goes_on(at->run)); i++)
		if (!schema_apply_here(at, rule->children[i].node))
			good = false;
	return (good);
}

/*
 * Each alternative is asked a second time, for its first failure.  That is
 * not done for alternatives within alternatives: it would double with each
 * level.
 */
static bool
schema_fail_alternatives(
    const struct schema_at *at, const struct schema_rule *rule)
{
	char all[SCHEMA_DETAIL_SIZE] = "", one[SCHEMA_DETAIL_SIZE];
	size_t i, used = 0;

	if (at->run->quiet || at->run->stopped)
		return (false);
	if (at->run->note != NULL || at->run->cut)
		return (schema_fail(at->run, at->path, "fits nothing in %s",
		    rule->keyword->name));
	for (i = 0; i < rule->count && used < sizeof(all); i++) {
		schema_explain(
		    at->run, rule->children[i].node, at->value, at->path, one);
		used += (size_t)snprintf(all + used, sizeof(all) - used, "%s%s",
		    i > 0 ? "; " : "", one);
	}
	return (schema_fail(at->run, at->path, "fits nothing in %s (%s)",
	    rule->keyword->name, all));
}

bool
schema_check_any_of(const struct schema_at *at, const struct schema_rule *rule)
{
	bool good = false;
	size_t i;

	for (i = 0; i < rule->count && !(good && !at->tracked); i++)
		if (schema_fits(at, rule->children[i].node))
			good = true;
	return (good || schema_fail_alternatives(at, rule));
}

bool
schema_check_one_of(const struct schema_at *at, const struct schema_rule *rule)
{
	size_t i, first = rule->count;

	for (i = 0; i < rule->count; i++) {
		if (!schema_fits(at, rule->children[i].node))
			continue;
		if (first < rule->count)
			return (schema_fail(at->run, at->path,
			    "must fit only one in oneOf, but fits %zu and %zu",
			    first, i));
		first = i;
	}
	return (first < rule->count || schema_fail_alternatives(at, rule));
}

bool
schema_check_not(const struct schema_at *at, const struct schema_rule *rule)
{
	size_t mark = at->run->seen_count;

	if (!schema_fits(at, rule->children[0].node))
		return (true);
	at->run->seen_count = mark;
	return (
	    schema_fail(at->run, at->path, "must not fit the schema in not"));
}

bool
schema_check_if(const struct schema_at *at, const struct schema_rule *rule)
{
	const struct schema_rule *branch =
	    rule->with[schema_fits(at, rule->children[0].node) ? 0 : 1];

	return (
	    branch == NULL || schema_apply_here(at, branch->children[0].node));
}

static bool
schema_check_dependency(
    const struct schema_at *at, const struct schema_child *child)
{
	if (!json_object_object_get_ex(at->value, child->name, NULL))
		return (true);
	if (child->node == NULL)
		return (schema_check_names(
		    at, child->names, SCHEMA_BESIDE, child->name));
	return (schema_apply_here(at, child->node));
}

/* dependentSchemas; draft-07's dependencies may name members instead. */
bool
schema_check_dependencies(
    const struct schema_at *at, const struct schema_rule *rule)
{
	const struct schema_child *child = rule->children;
	bool good = true;

	if ((at->types & SCHEMA_TYPE_OBJECT) == 0)
		return (true);
	if (!schema_steps(at->run, at->path, rule->steps))
		return (false);
	for (; child < rule->children + rule->count &&
	       (good || schema_goes_on(at->run));
	     child++) {
		if (!schema_check_dependency(at, child))
			good = false;
	}
	return (good);
}

/* The anchor of that name in the outermost resource that has one. */
static const struct schema_node *
schema_find_dynamic(const struct schema_at *at, const struct schema_rule *rule)
{
	const struct schema_node *found = rule->children[0].node, *node;
	const struct schema_scope *scope = at->run->scope;

	for (; scope != NULL &&
	       schema_steps(at->run, at->path, 1 + scope->resource->count);
	     scope = scope->outer)
		if ((node = schema_anchor_find(
			 scope->resource, rule->anchor)) != NULL)
			found = node;
	return (found);
}

bool
schema_check_ref(const struct schema_at *at, const struct schema_rule *rule)
{
	return (schema_apply(
	    at->run, rule->children[0].node, at->value, at->path, at->tracked));
}

bool
schema_check_dynamic_ref(
    const struct schema_at *at, const struct schema_rule *rule)
{
	if (rule->anchor == NULL)
		return (schema_check_ref(at, rule));
	return (schema_apply(at->run, schema_find_dynamic(at, rule), at->value,
	    at->path, at->tracked));
}
