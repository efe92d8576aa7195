/*
 * Keywords about arrays.
 */

#include <json-c/json.h>
#include <stdint.h>

#include "schema/schema_impl.h"

static bool
schema_is_array(const struct schema_at *at)
{
	return ((at->types & SCHEMA_TYPE_ARRAY) != 0);
}

bool
schema_check_min_items(
    const struct schema_at *at, const struct schema_rule *rule)
{
	return (
	    !schema_is_array(at) ||
	    json_object_array_length(at->value) >= rule->limit ||
	    schema_fail_argument(at, rule, "number of items must be at least"));
}

bool
schema_check_max_items(
    const struct schema_at *at, const struct schema_rule *rule)
{
	return (
	    !schema_is_array(at) ||
	    json_object_array_length(at->value) <= rule->limit ||
	    schema_fail_argument(at, rule, "number of items must be at most"));
}

bool
schema_check_unique_items(
    const struct schema_at *at, const struct schema_rule *rule)
{
	size_t one, other;

	if (!schema_is_array(at) || !json_object_get_boolean(rule->argument) ||
	    !schema_find_equal(at, &one, &other))
		return (true);
	return (schema_fail(at->run, at->path,
	    "items must differ, but %zu and %zu are equal", one, other));
}

static bool
schema_check_item(
    const struct schema_at *at, const struct schema_node *node, size_t i)
{
	const struct schema_path path = schema_path_item(at->path, i);

	return (schema_apply(at->run, node,
	    json_object_array_get_idx(at->value, i), &path, false));
}

/* A schema an item; what is further on is not this keyword's concern. */
bool
schema_check_prefix_items(
    const struct schema_at *at, const struct schema_rule *rule)
{
	size_t i, count;
	bool good = true;

	if (!schema_is_array(at))
		return (true);
	count = json_object_array_length(at->value);
	if (count > rule->count)
		count = rule->count;
	for (i = 0; i < count && (good || schema_goes_on(at->run)); i++)
		if (!schema_check_item(at, rule->children[i].node, i))
			good = false;
	return ((count == 0 || schema_see(at, 0, count - 1)) && good);
}

/* One schema for all items that come after those of prefixItems. */
bool
schema_check_items(const struct schema_at *at, const struct schema_rule *rule)
{
	size_t i = rule->with[0] != NULL ? rule->with[0]->count : 0, count;
	bool good = true;

	if (!schema_is_array(at))
		return (true);
	count = json_object_array_length(at->value);
	for (; i < count && (good || schema_goes_on(at->run)); i++)
		if (!schema_check_item(at, rule->children[0].node, i))
			good = false;
	return (schema_see_all(at) && good);
}

/* Before draft 2020-12, one keyword is both. */
bool
schema_check_items_07(
    const struct schema_at *at, const struct schema_rule *rule)
{
	return (json_object_is_type(rule->argument, json_type_array)
		    ? schema_check_prefix_items(at, rule)
		    : schema_check_items(at, rule));
}

/* Means something only beside an array of items. */
bool
schema_check_additional_items(
    const struct schema_at *at, const struct schema_rule *rule)
{
	return (rule->with[0] == NULL || schema_check_items(at, rule));
}

/* How many items fit; no more are counted than matter. */
static uint64_t
schema_count_fits(
    const struct schema_at *at, const struct schema_rule *rule, uint64_t enough)
{
	size_t i, count = json_object_array_length(at->value);
	struct schema_path path;
	uint64_t fits = 0;

	for (i = 0; i < count && !at->run->stopped; i++) {
		path = schema_path_item(at->path, i);
		if (!schema_fits_part(at->run, rule->children[0].node,
			json_object_array_get_idx(at->value, i), &path))
			continue;
		fits++;
		if (!schema_see(at, i, i) || (!at->tracked && fits >= enough))
			break;
	}
	return (fits);
}

bool
schema_check_contains(
    const struct schema_at *at, const struct schema_rule *rule)
{
	const struct schema_rule *min = rule->with[0], *max = rule->with[1];
	uint64_t fits, least = min != NULL ? min->limit : 1;

	if (!schema_is_array(at))
		return (true);
	fits = schema_count_fits(at, rule, max != NULL ? UINT64_MAX : least);
	if (fits < least)
		return (schema_fail(at->run, at->path,
		    "number of items that fit \"contains\" must be at least "
		    "%ju, not %ju",
		    (uintmax_t)least, (uintmax_t)fits));
	if (max != NULL && fits > max->limit)
		return (schema_fail(at->run, at->path,
		    "number of items that fit \"contains\" must be at most "
		    "%ju, not %ju",
		    (uintmax_t)max->limit, (uintmax_t)fits));
	return (true);
}

/* In draft 2019-09, an item that fits is not judged for unevaluatedItems. */
bool
schema_check_contains_19(
    const struct schema_at *at, const struct schema_rule *rule)
{
	struct schema_at untracked = *at;

	untracked.tracked = false;
	return (schema_check_contains(&untracked, rule));
}
