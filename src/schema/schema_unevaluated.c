/*
 * Which items or members of a value were judged by some schema, and the
 * keywords that judge the rest.  Noted only where such a keyword is around.
 *
 * Notes are ranges in one list a run.  Who begins to judge a value remembers
 * how long the list was; what does not fit in the end is forgotten by cutting
 * the list again.  So what a keyword here finds from its mark on was noted by
 * schemas that fit, about its own value.
 */

#include <json-c/json.h>
#include <stdlib.h>
#include <string.h>

#include "schema/schema_check.h"
#include "schema/schema_impl.h"

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
