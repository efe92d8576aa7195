/*
 * Finds schemas that would judge the same value again and again: those from
 * which references lead back without a step down into the value.  Called once
 * a schema is complete.  What $dynamicRef leads to is known only at work,
 * where SCHEMA_MAX_NESTING ends it.
 */

#include "schema/schema_compile.h"

/* Most schemas after one another about the same value. */
#define HEIGHT_MAX 256

/* While the schemas below one are looked at. */
#define HEIGHT_BUSY (-1)

static const char *schema_node_measure(struct schema_node *, int level);

static const char *
schema_rule_measure(const struct schema_rule *rule, int level, int *height)
{
	const char *wrong;
	size_t i;

	if ((rule->keyword->flags & SCHEMA_HERE) == 0)
		return (NULL);
	for (i = 0; i < rule->count; i++) {
		struct schema_node *node = rule->children[i].node;

		if (node == NULL)
			continue;
		if ((wrong = schema_node_measure(node, level + 1)) != NULL)
			return (wrong);
		if (node->height >= *height)
			*height = node->height + 1;
	}
	return (NULL);
}

/*
 * Sets how many schemas may be at work at once about a value that this one
 * judges.  NULL, or what is wrong.
 */
static const char *
schema_node_measure(struct schema_node *node, int level)
{
	const char *wrong;
	int height = 1;
	size_t i;

	if (node->height == HEIGHT_BUSY)
		return ("leads round in a circle");
	if (node->height > 0)
		return (NULL);
	if (level > HEIGHT_MAX)
		return ("is one of too many after another");
	node->height = HEIGHT_BUSY;
	for (i = 0; i < node->count; i++)
		if ((wrong = schema_rule_measure(
			 &node->rules[i], level, &height)) != NULL)
			return (wrong);
	node->height = height;
	return (
	    height > HEIGHT_MAX ? "is one of too many after another" : NULL);
}

/* No circle is without a reference. */
int
schema_loop_check(struct schema_compiler *c)
{
	const struct schema_ref *ref;
	const char *wrong;

	for (ref = c->refs; ref != NULL; ref = ref->next) {
		wrong = schema_node_measure(ref->node, 0);
		if (wrong != NULL)
			return (schema_refuse_at(c, ref->pointer, "%s", wrong));
	}
	return (0);
}
