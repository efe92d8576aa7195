/*
 * JSON Schema validation: walks compiled schema and value side by side and
 * asks each keyword.  Called for every call, and by the keywords that hold
 * schemas.  Knows no keyword by itself, and allocates nothing.
 */

#include "schema/schema.h"

#include <stdlib.h>

#include "schema/schema_compile.h"
#include "schema/schema_impl.h"

bool
schema_goes_on(const struct schema_run *run)
{
	return (!run->quiet && run->note == NULL && !run->stopped);
}

/* Whether there is room for one schema more within the others. */
static bool
schema_enter(struct schema_run *run, const struct schema_path *path)
{
	if (!schema_steps(run, path, 1))
		return (false);
	if (path != NULL && path->depth > SCHEMA_MAX_DEPTH)
		return (schema_stop(run, path, "is nested too deep"));
	if (run->nesting >= SCHEMA_MAX_NESTING)
		return (schema_stop(
		    run, path, "is checked by schemas nested too deep"));
	return (true);
}

static bool
schema_apply_rules(const struct schema_at *at)
{
	const struct schema_node *node = at->node;
	bool good = true;
	size_t i;

	for (i = 0; i < node->active; i++) {
		if (node->rules[i].check(at, &node->rules[i]))
			continue;
		good = false;
		if (!schema_goes_on(at->run))
			break;
	}
	return (good);
}

bool
schema_apply(struct schema_run *run, const struct schema_node *node,
    struct json_object *value, const struct schema_path *path, bool tracked)
{
	const struct schema_scope *outer = run->scope;
	const struct schema_scope scope = {outer, node->resource};
	struct schema_at at = {run, node, value, path};
	bool good;

	if (!schema_enter(run, path))
		return (false);
	if (node->never)
		return (schema_fail(run, path, "is not allowed"));
	at.types = schema_types(value);
	at.mark = run->seen_count;
	at.tracked = tracked || (node->watched & at.types) != 0;
	if (outer == NULL || outer->resource != node->resource)
		run->scope = &scope;
	run->nesting++;
	good = schema_apply_rules(&at);
	run->nesting--;
	run->scope = outer;
	if (!tracked)
		run->seen_count = at.mark;
	return (good && !run->stopped);
}

bool
schema_fits(const struct schema_at *at, const struct schema_node *node)
{
	struct schema_run *run = at->run;
	size_t mark = run->seen_count;
	bool good, quiet = run->quiet;

	run->quiet = true;
	good = schema_apply(run, node, at->value, at->path, at->tracked);
	run->quiet = quiet;
	if (!good)
		run->seen_count = mark;
	return (good);
}

bool
schema_fits_part(struct schema_run *run, const struct schema_node *node,
    struct json_object *value, const struct schema_path *path)
{
	bool good, quiet = run->quiet;

	run->quiet = true;
	good = schema_apply(run, node, value, path, false);
	run->quiet = quiet;
	return (good);
}

int
schema_validate(const struct schema *schema, struct json_object *value,
    struct json_object *errors)
{
	struct schema_run run = {.errors = errors, .steps = SCHEMA_MAX_STEPS};

	(void)schema_apply(&run, schema->root, value, NULL, false);
	free(run.seen);
	return (run.out_of_memory ? -1 : run.failures);
}
