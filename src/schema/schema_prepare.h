/*
 * For the table of keywords: what each works out when its schema is compiled.
 */

#ifndef SCHEMA_SCHEMA_PREPARE_H
#define SCHEMA_SCHEMA_PREPARE_H

struct schema_compiler;
struct schema_node;
struct schema_path;
struct schema_rule;

#define SCHEMA_PREPARE(name)                                     \
	int name(struct schema_compiler *, struct schema_node *, \
	    struct schema_rule *, const struct schema_path *)

SCHEMA_PREPARE(schema_prepare_additional_items);
SCHEMA_PREPARE(schema_prepare_additional_properties);
SCHEMA_PREPARE(schema_prepare_contains);
SCHEMA_PREPARE(schema_prepare_count);
SCHEMA_PREPARE(schema_prepare_if);
SCHEMA_PREPARE(schema_prepare_items);
SCHEMA_PREPARE(schema_prepare_maximum_04);
SCHEMA_PREPARE(schema_prepare_members);
SCHEMA_PREPARE(schema_prepare_minimum_04);
SCHEMA_PREPARE(schema_prepare_names);
SCHEMA_PREPARE(schema_prepare_pattern);
SCHEMA_PREPARE(schema_prepare_patterns);
SCHEMA_PREPARE(schema_prepare_type);
SCHEMA_PREPARE(schema_prepare_unevaluated_items);
SCHEMA_PREPARE(schema_prepare_unevaluated_properties);

#undef SCHEMA_PREPARE

#endif
