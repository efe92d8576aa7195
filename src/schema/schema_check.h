/*
 * What each keyword asks of a value; for the table in schema_keywords.c.
 */

#ifndef SCHEMA_SCHEMA_CHECK_H
#define SCHEMA_SCHEMA_CHECK_H

#include <stdbool.h>

struct json_object;
struct schema_at;
struct schema_node;
struct schema_rule;

#define SCHEMA_CHECK(name) \
	bool name(const struct schema_at *, const struct schema_rule *)

/* schema_general.c: of any value */
SCHEMA_CHECK(schema_check_const);
SCHEMA_CHECK(schema_check_enum);
SCHEMA_CHECK(schema_check_exclusive_maximum);
SCHEMA_CHECK(schema_check_exclusive_minimum);
SCHEMA_CHECK(schema_check_maximum);
SCHEMA_CHECK(schema_check_maximum_04);
SCHEMA_CHECK(schema_check_minimum);
SCHEMA_CHECK(schema_check_minimum_04);
SCHEMA_CHECK(schema_check_multiple_of);
SCHEMA_CHECK(schema_check_type);

/* schema_string.c */
SCHEMA_CHECK(schema_check_max_length);
SCHEMA_CHECK(schema_check_min_length);
SCHEMA_CHECK(schema_check_pattern);

/* schema_array.c */
SCHEMA_CHECK(schema_check_additional_items);
SCHEMA_CHECK(schema_check_contains);
SCHEMA_CHECK(schema_check_contains_19);
SCHEMA_CHECK(schema_check_items);
SCHEMA_CHECK(schema_check_items_07);
SCHEMA_CHECK(schema_check_max_items);
SCHEMA_CHECK(schema_check_min_items);
SCHEMA_CHECK(schema_check_prefix_items);
SCHEMA_CHECK(schema_check_unique_items);

/* schema_object.c */
SCHEMA_CHECK(schema_check_additional_properties);
SCHEMA_CHECK(schema_check_dependent_required);
SCHEMA_CHECK(schema_check_max_properties);
SCHEMA_CHECK(schema_check_min_properties);
SCHEMA_CHECK(schema_check_pattern_properties);
SCHEMA_CHECK(schema_check_properties);
SCHEMA_CHECK(schema_check_property_names);
SCHEMA_CHECK(schema_check_required);

/* schema_logic.c: of the same value, by other schemas */
SCHEMA_CHECK(schema_check_all_of);
SCHEMA_CHECK(schema_check_any_of);
SCHEMA_CHECK(schema_check_dependencies);
SCHEMA_CHECK(schema_check_if);
SCHEMA_CHECK(schema_check_not);
SCHEMA_CHECK(schema_check_one_of);

/* schema_reference.c */
SCHEMA_CHECK(schema_check_dynamic_ref);
SCHEMA_CHECK(schema_check_ref);

/* schema_unevaluated.c */
SCHEMA_CHECK(schema_check_unevaluated_items);
SCHEMA_CHECK(schema_check_unevaluated_properties);

#undef SCHEMA_CHECK

#define SCHEMA_BESIDE " beside \""

/*
 * Whether all of names are there; a failure adds the words because, with the
 * name of the member that asks for the others, or both are "".
 */
bool schema_check_names(const struct schema_at *, struct json_object *names,
    const char *because, const char *asking);

/* A member that no keyword but the last, for the rest, has judged. */
bool schema_check_rest(const struct schema_at *, const struct schema_node *,
    const char *name, struct json_object *member);

#endif
