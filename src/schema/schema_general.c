/*
 * Keywords about types, fixed values and numbers.  Called through the table
 * of keywords.  A keyword says nothing of values of a type that it is not
 * about.
 */

#include <json-c/json.h>
#include <stdio.h>
#include <string.h>

#include "schema/schema_check.h"
#include "schema/schema_impl.h"

/* The names in argument (a string or an array of them), with "or" between. */
static const char *
schema_type_names(struct json_object *argument, char *buf, size_t size)
{
	size_t i, count, used = 0;

	if (json_object_is_type(argument, json_type_string))
		return (json_object_get_string(argument));
	count = json_object_array_length(argument);
	for (i = 0; i < count && used < size; i++)
		used += (size_t)snprintf(buf + used, size - used, "%s%s",
		    i > 0 ? " or " : "",
		    json_object_get_string(
			json_object_array_get_idx(argument, i)));
	return (buf);
}

bool
schema_check_type(const struct schema_at *at, const struct schema_rule *rule)
{
	char names[128] = "";

	if ((rule->types & at->types) != 0)
		return (true);
	if (at->run->quiet)
		return (false);
	return (schema_fail(at->run, at->path, "must be %s, not %s",
	    schema_type_names(rule->argument, names, sizeof(names)),
	    schema_type_name(at->types)));
}

bool
schema_check_enum(const struct schema_at *at, const struct schema_rule *rule)
{
	size_t i, count = json_object_array_length(rule->argument);
	const char *text;
	size_t len;

	for (i = 0; i < count; i++)
		if (schema_equal(at, at->value,
			json_object_array_get_idx(rule->argument, i)))
			return (true);
	text = schema_argument_text(at, rule);
	len = strlen(text);
	/* Without the brackets. */
	return (schema_fail(at->run, at->path, "must be one of %.*s",
	    len > 2 ? (int)len - 2 : 0, text + (len > 0)));
}

bool
schema_check_const(const struct schema_at *at, const struct schema_rule *rule)
{
	return (schema_equal(at, at->value, rule->argument) ||
		schema_fail_argument(at, rule, "must be"));
}

static bool
is_number(const struct schema_at *at)
{
	return ((at->types & SCHEMA_TYPE_NUMBER) != 0);
}

bool
schema_check_minimum(const struct schema_at *at, const struct schema_rule *rule)
{
	return (!is_number(at) ||
		schema_compare(at->value, rule->argument) >= 0 ||
		schema_fail_argument(at, rule, "must be at least"));
}

bool
schema_check_maximum(const struct schema_at *at, const struct schema_rule *rule)
{
	return (!is_number(at) ||
		schema_compare(at->value, rule->argument) <= 0 ||
		schema_fail_argument(at, rule, "must be at most"));
}

bool
schema_check_exclusive_minimum(
    const struct schema_at *at, const struct schema_rule *rule)
{
	return (!is_number(at) ||
		schema_compare(at->value, rule->argument) > 0 ||
		schema_fail_argument(at, rule, "must be more than"));
}

bool
schema_check_exclusive_maximum(
    const struct schema_at *at, const struct schema_rule *rule)
{
	return (!is_number(at) ||
		schema_compare(at->value, rule->argument) < 0 ||
		schema_fail_argument(at, rule, "must be less than"));
}

/* In draft-04, a keyword beside the limit says whether it is allowed. */
static bool
schema_is_exclusive(const struct schema_rule *rule)
{
	return (rule->with[0] != NULL &&
		json_object_get_boolean(rule->with[0]->argument));
}

bool
schema_check_minimum_04(
    const struct schema_at *at, const struct schema_rule *rule)
{
	return (schema_is_exclusive(rule)
		    ? schema_check_exclusive_minimum(at, rule)
		    : schema_check_minimum(at, rule));
}

bool
schema_check_maximum_04(
    const struct schema_at *at, const struct schema_rule *rule)
{
	return (schema_is_exclusive(rule)
		    ? schema_check_exclusive_maximum(at, rule)
		    : schema_check_maximum(at, rule));
}

bool
schema_check_multiple_of(
    const struct schema_at *at, const struct schema_rule *rule)
{
	return (!is_number(at) ||
		schema_multiple(at, at->value, rule->argument) ||
		schema_fail_argument(at, rule, "must be a multiple of"));
}
