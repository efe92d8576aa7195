/*
 * Keywords about strings.  Called through the table of keywords.
 */

#include <json-c/json.h>

#include "schema/schema_check.h"
#include "schema/schema_impl.h"

static bool
schema_is_string(const struct schema_at *at)
{
	return ((at->types & SCHEMA_TYPE_STRING) != 0);
}

/* Unicode code points, NUL among them. */
static size_t
schema_string_length(const struct schema_at *at)
{
	const char *text = json_object_get_string(at->value);
	int i, len = json_object_get_string_len(at->value);
	size_t points = 0;

	(void)schema_steps(at->run, at->path, SCHEMA_STEPS_TEXT((size_t)len));
	for (i = 0; i < len; i++)
		points += ((unsigned char)text[i] & 0xc0) != 0x80;
	return (points);
}

bool
schema_check_min_length(
    const struct schema_at *at, const struct schema_rule *rule)
{
	return (!schema_is_string(at) ||
		schema_string_length(at) >= rule->limit ||
		schema_fail_argument(at, rule, "length must be at least"));
}

bool
schema_check_max_length(
    const struct schema_at *at, const struct schema_rule *rule)
{
	return (!schema_is_string(at) ||
		schema_string_length(at) <= rule->limit ||
		schema_fail_argument(at, rule, "length must be at most"));
}

bool
schema_check_pattern(const struct schema_at *at, const struct schema_rule *rule)
{
	return (!schema_is_string(at) ||
		schema_pattern_match(at->run, at->path, rule->pattern,
		    json_object_get_string(at->value),
		    (size_t)json_object_get_string_len(at->value)) ||
		schema_fail(at->run, at->path, "must match the pattern %s",
		    schema_pattern_text(rule->pattern)));
}
