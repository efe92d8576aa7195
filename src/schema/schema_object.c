/*
 * Keywords about objects; and which items or members of a value were judged by
 * some schema, with the keywords that judge the rest.
 *
 * What was judged is noted only where such a keyword is around, as ranges in
 * one list a run.  Who begins to judge a value remembers how long the list was;
 * what does not fit in the end is forgotten by cutting the list again.  So what
 * a keyword here finds from its mark on was noted by schemas that fit, about
 * its own value.
 */

#include "schema/schema_impl.h"

#include <stdlib.h>
#include <string.h>

#include <json-c/json.h>

static bool
schema_is_object(const struct schema_at *at)
{
	return ((at->types & SCHEMA_TYPE_OBJECT) != 0);
}

static size_t
schema_members(const struct schema_at *at)
{
	return ((size_t)json_object_object_length(at->value));
}

bool
schema_check_min_properties(
    const struct schema_at *at, const struct schema_rule *rule)
{
	return (!schema_is_object(at) || schema_members(at) >= rule->limit ||
		schema_fail_argument(
		    at, rule, "number of members must be at least"));
}

bool
schema_check_max_properties(
    const struct schema_at *at, const struct schema_rule *rule)
{
	return (!schema_is_object(at) || schema_members(at) <= rule->limit ||
		schema_fail_argument(
		    at, rule, "number of members must be at most"));
}

bool
schema_check_names(const struct schema_at *at, struct json_object *names,
    const char *because, const char *asking)
{
	size_t i, count = json_object_array_length(names);
	bool good = true;
	const char *name;

	for (i = 0; i < count && (good || schema_goes_on(at->run)); i++) {
		name =
		    json_object_get_string(json_object_array_get_idx(names, i));
		if (!json_object_object_get_ex(at->value, name, NULL))
			good = schema_fail(at->run, at->path,
			    "member \"%s\" is required%s%s%s", name, because,
			    asking, *asking != '\0' ? "\"" : "");
	}
	return (good);
}

bool
schema_check_required(
    const struct schema_at *at, const struct schema_rule *rule)
{
	return (!schema_is_object(at) ||
		(schema_steps(at->run, at->path, rule->steps) &&
		    schema_check_names(at, rule->argument, "", "")));
}

bool
schema_check_dependent_required(
    const struct schema_at *at, const struct schema_rule *rule)
{
	bool good = true;

	if (!schema_is_object(at))
		return (true);
	if (!schema_steps(at->run, at->path, rule->steps))
		return (false);
	json_object_object_foreach (rule->argument, name, names) {
		if (json_object_object_get_ex(at->value, name, NULL) &&
		    !schema_check_names(at, names, SCHEMA_BESIDE, name))
			good = false;
	}
	return (good);
}

static bool
schema_check_member(const struct schema_at *at, const struct schema_node *node,
    const char *name, struct json_object *member)
{
	const struct schema_path path = schema_path_member(at->path, name);

	return (schema_apply(at->run, node, member, &path, false));
}

bool
schema_check_properties(
    const struct schema_at *at, const struct schema_rule *rule)
{
	const struct schema_child *child = rule->children;
	const struct schema_child *end = child + rule->count;
	bool good = true;
	struct json_object *member;

	if (!schema_is_object(at))
		return (true);
	if (!schema_steps(at->run, at->path, rule->steps))
		return (false);
	for (; child < end && (good || schema_goes_on(at->run)); child++) {
		if (!json_object_object_get_ex(at->value, child->name, &member))
			continue;
		if (!schema_see_member(at, child->name) ||
		    !schema_check_member(at, child->node, child->name, member))
			good = false;
	}
	return (good);
}

static bool
schema_name_matches(const struct schema_at *at,
    const struct schema_child *child, const char *name)
{
	return (schema_pattern_match(
	    at->run, at->path, child->pattern, name, strlen(name)));
}

static bool
schema_check_matching(
    const struct schema_at *at, const struct schema_child *child)
{
	bool good = true;

	json_object_object_foreach (at->value, name, member) {
		if (!good && !schema_goes_on(at->run))
			return (false);
		if (schema_name_matches(at, child, name) &&
		    (!schema_see_member(at, name) ||
			!schema_check_member(at, child->node, name, member)))
			good = false;
	}
	return (good);
}

bool
schema_check_pattern_properties(
    const struct schema_at *at, const struct schema_rule *rule)
{
	bool good = true;
	size_t i;

	if (!schema_is_object(at))
		return (true);
	for (i = 0; i < rule->count && (good || schema_goes_on(at->run)); i++)
		if (!schema_check_matching(at, &rule->children[i]))
			good = false;
	return (good);
}

/* Whether properties or patternProperties beside the keyword have a name. */
static bool
schema_is_known(const struct schema_at *at, const struct schema_rule *rule,
    const char *name)
{
	const struct schema_rule *names = rule->with[0];
	const struct schema_rule *patterns = rule->with[1];
	size_t i;

	if (!schema_steps(at->run, at->path, SCHEMA_STEPS_TEXT(strlen(name))))
		return (false);
	if (names != NULL &&
	    json_object_object_get_ex(names->argument, name, NULL))
		return (true);
	for (i = 0; patterns != NULL && i < patterns->count; i++)
		if (schema_name_matches(at, &patterns->children[i], name))
			return (true);
	return (false);
}

bool
schema_check_rest(const struct schema_at *at, const struct schema_node *node,
    const char *name, struct json_object *member)
{
	const struct schema_path path = schema_path_member(at->path, name);

	if (node->never)
		return (schema_fail(at->run, &path, "unknown member"));
	return (schema_apply(at->run, node, member, &path, false));
}

bool
schema_check_additional_properties(
    const struct schema_at *at, const struct schema_rule *rule)
{
	bool good = true;

	if (!schema_is_object(at))
		return (true);
	json_object_object_foreach (at->value, name, member) {
		if (!good && !schema_goes_on(at->run))
			return (false);
		if (!schema_is_known(at, rule, name) &&
		    !schema_check_rest(
			at, rule->children[0].node, name, member))
			good = false;
	}
	return (schema_see_all(at) && good);
}

/* A name is judged as the string that it is. */
static bool
schema_check_name(const struct schema_at *at, const struct schema_node *node,
    const char *name)
{
	const struct schema_path path = schema_path_member(at->path, name);
	struct json_object *string = json_object_new_string(name);
	char why[SCHEMA_DETAIL_SIZE];
	bool good;

	if (string == NULL)
		return (schema_stop_memory(at->run));
	(void)schema_steps(at->run, at->path, SCHEMA_STEPS_TEXT(strlen(name)));
	good = schema_fits_part(at->run, node, string, &path);
	if (!good && !at->run->quiet) {
		schema_explain(at->run, node, string, &path, why);
		schema_fail(at->run, &path, "name %s", why);
	}
	json_object_put(string);
	return (good);
}

bool
schema_check_property_names(
    const struct schema_at *at, const struct schema_rule *rule)
{
	bool good = true;

	if (!schema_is_object(at))
		return (true);
	json_object_object_foreach (at->value, name, member) {
		(void)member;
		if (!good && !schema_goes_on(at->run))
			return (false);
		if (!schema_check_name(at, rule->children[0].node, name))
			good = false;
	}
	return (good);
}

static bool
schema_seen_grow(struct schema_run *run)
{
	size_t room = run->seen_room == 0 ? 64 : 2 * run->seen_room;
	struct schema_range *seen =
	    reallocarray(run->seen, room, sizeof(*seen));

	if (seen == NULL)
		return (schema_stop_memory(run));
	run->seen = seen;
	run->seen_room = room;
	return (true);
}

bool
schema_see(const struct schema_at *at, uintptr_t from, uintptr_t to)
{
	struct schema_run *run = at->run;

	if (!at->tracked)
		return (true);
	if (!schema_steps(run, at->path, 1) ||
	    (run->seen_count == run->seen_room && !schema_seen_grow(run)))
		return (false);
	run->seen[run->seen_count++] = (struct schema_range){from, to};
	return (true);
}

bool
schema_see_all(const struct schema_at *at)
{
	return (schema_see(at, 0, UINTPTR_MAX));
}

/* Where the name stands in the value: one place a member. */
static uintptr_t
schema_member_place(struct json_object *object, const char *name)
{
	const struct lh_entry *entry =
	    lh_table_lookup_entry(json_object_get_object(object), name);

	return ((uintptr_t)lh_entry_k(entry));
}

bool
schema_see_member(const struct schema_at *at, const char *name)
{
	uintptr_t place;

	if (!at->tracked)
		return (true);
	if (!schema_steps(at->run, at->path, SCHEMA_STEPS_TEXT(strlen(name))))
		return (false);
	place = schema_member_place(at->value, name);
	return (schema_see(at, place, place));
}

static int
schema_range_order(const void *a, const void *b)
{
	const struct schema_range *x = a, *y = b;

	return (x->from < y->from ? -1 : x->from > y->from);
}

/*
 * Sorts what was noted about the value, and joins ranges that overlap: they
 * then are in order with both of their ends.
 */
static void
schema_seen_sort(const struct schema_at *at)
{
	size_t i, last = 0, count = at->run->seen_count - at->mark;
	struct schema_range *seen;

	if (count == 0)
		return;
	seen = at->run->seen + at->mark;
	qsort(seen, count, sizeof(*seen), schema_range_order);
	for (i = 1; i < count; i++)
		if (seen[i].from > seen[last].to)
			seen[++last] = seen[i];
		else if (seen[i].to > seen[last].to)
			seen[last].to = seen[i].to;
	at->run->seen_count = at->mark + last + 1;
}

static int
schema_range_find(const void *key, const void *element)
{
	uintptr_t place = *(const uintptr_t *)key;
	const struct schema_range *range = element;

	return (place < range->from ? -1 : place > range->to);
}

static bool
schema_was_seen(const struct schema_at *at, size_t count, uintptr_t place)
{
	return (count > 0 &&
		bsearch(&place, at->run->seen + at->mark, count,
		    sizeof(struct schema_range), schema_range_find) != NULL);
}

bool
schema_check_unevaluated_items(
    const struct schema_at *at, const struct schema_rule *rule)
{
	size_t i, count, seen;
	struct schema_path path;
	bool good = true;

	if ((at->types & SCHEMA_TYPE_ARRAY) == 0)
		return (true);
	schema_seen_sort(at);
	seen = at->run->seen_count - at->mark;
	count = json_object_array_length(at->value);
	for (i = 0; i < count && (good || schema_goes_on(at->run)); i++) {
		path = schema_path_item(at->path, i);
		if (!schema_was_seen(at, seen, i) &&
		    !schema_apply(at->run, rule->children[0].node,
			json_object_array_get_idx(at->value, i), &path, false))
			good = false;
	}
	return (schema_see_all(at) && good);
}

bool
schema_check_unevaluated_properties(
    const struct schema_at *at, const struct schema_rule *rule)
{
	bool good = true;
	size_t seen;

	if ((at->types & SCHEMA_TYPE_OBJECT) == 0)
		return (true);
	schema_seen_sort(at);
	seen = at->run->seen_count - at->mark;
	json_object_object_foreach (at->value, name, member) {
		if (!good && !schema_goes_on(at->run))
			return (false);
		if (!schema_was_seen(at, seen, (uintptr_t)name) &&
		    !schema_check_rest(
			at, rule->children[0].node, name, member))
			good = false;
	}
	return (schema_see_all(at) && good);
}
