/*
 * $ref, $dynamicRef and $recursiveRef at work.  Called through the table of
 * keywords; what they refer to was found when the schema was compiled.
 */

#include "schema/schema_check.h"
#include "schema/schema_compile.h"
#include "schema/schema_impl.h"

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
