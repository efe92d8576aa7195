/*
 * Keywords about objects.  Called through the table of keywords.
 */

#include <json-c/json.h>
#include <string.h>

#include "schema/schema_check.h"
#include "schema/schema_impl.h"

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
