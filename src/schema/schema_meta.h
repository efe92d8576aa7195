/*
 * The drafts of JSON Schema by name, and the schema of each draft's schemas.
 */

#ifndef SCHEMA_SCHEMA_META_H
#define SCHEMA_SCHEMA_META_H

#include <stddef.h>

struct schema_compiler;
struct schema_node;

/* The SCHEMA_DRAFT_ bit that a "$schema" names; 0: none that is known. */
unsigned schema_meta_draft(const char *uri);

/* What the draft is called in messages. */
const char *schema_meta_name(unsigned draft);

/*
 * The node of the meta-schema that has that URI, made when it is first asked
 * for.  NULL when there is no such meta-schema, or after schema_refuse().
 */
struct schema_node *schema_meta_find(struct schema_compiler *, const char *uri);

#endif
