/*
 * Between the files that compile schemas.
 */

#ifndef SCHEMA_SCHEMA_COMPILE_H
#define SCHEMA_SCHEMA_COMPILE_H

#include <stdbool.h>
#include <stddef.h>

#include "schema/schema_impl.h"

struct lh_table;

enum {
	SCHEMA_DRAFT_04 = 1,
	SCHEMA_DRAFT_06 = 2,
	SCHEMA_DRAFT_07 = 4,
	SCHEMA_DRAFT_2019 = 8,
	SCHEMA_DRAFT_2020 = 16,
	SCHEMA_DRAFT_ALL = 31,
	/* Those where nothing counts beside $ref, and $id may be an anchor. */
	SCHEMA_DRAFT_OLD = SCHEMA_DRAFT_04 | SCHEMA_DRAFT_06 | SCHEMA_DRAFT_07
};

struct schema {
	struct json_object *document;
	struct json_object *metas; /* referred to, an array; or NULL */
	const char *warning;	   /* or NULL */
	struct schema_node *root;
	struct schema_pattern *patterns;
	struct schema_block *blocks; /* of memory */
};

/* What is needed only until the schema is complete. */
struct schema_compiler {
	struct schema *schema;
	char *why;
	size_t why_size;
	bool out_of_memory;	/* which then is why */
	struct lh_table *nodes; /* by their JSON's address */
	struct lh_table *uris;	/* nodes by URI, anchors included */
	struct schema_ref *refs, **refs_end;
};

/* A reference that waits until all of the document is known. */
struct schema_ref {
	struct schema_ref *next;
	struct schema_node *node;
	struct schema_rule *rule;
	const char *pointer; /* where it stands */
};

/*
 * A keyword.  valid says whether the argument makes sense, and wanted says in
 * words what it asks for.  Then children compiles the schemas in it, and
 * prepare does what else is needed, when all keywords beside it are there;
 * both return 0, or -1 after schema_refuse().  check judges a value; NULL for
 * an annotation.
 */
struct schema_keyword {
	const char *name;
	unsigned drafts;
	bool (*valid)(struct json_object *argument);
	const char *wanted;
	int (*children)(struct schema_compiler *, const struct schema_node *,
	    struct schema_rule *, const struct schema_path *);
	int (*prepare)(struct schema_compiler *, struct schema_node *,
	    struct schema_rule *, const struct schema_path *);
	bool (*check)(const struct schema_at *, const struct schema_rule *);
	unsigned flags;
};

enum {
	SCHEMA_LATE = 1, /* after all others: needs what they noted */
	SCHEMA_HERE = 2	 /* its schemas are about the same value */
};

/* NULL when there is no such keyword in the draft. */
const struct schema_keyword *schema_keyword(const char *name, unsigned draft);

/* The i-th of the table; NULL when there are not so many. */
const struct schema_keyword *schema_keyword_at(size_t i);

/* The rule of a node with a keyword of that name, or NULL. */
struct schema_rule *schema_rule_find(
    const struct schema_node *, const char *name);

/*
 * The node of a JSON value, made when it is met for the first time; NULL
 * after schema_refuse().
 */
struct schema_node *schema_node_make(struct schema_compiler *,
    struct json_object *, const struct schema_path *, struct schema_resource *);

/* How arguments hold schemas: as struct schema_keyword has it. */
int schema_children_one(struct schema_compiler *, const struct schema_node *,
    struct schema_rule *, const struct schema_path *);
int schema_children_array(struct schema_compiler *, const struct schema_node *,
    struct schema_rule *, const struct schema_path *);
int schema_children_items(struct schema_compiler *, const struct schema_node *,
    struct schema_rule *, const struct schema_path *);
int schema_children_members(struct schema_compiler *,
    const struct schema_node *, struct schema_rule *,
    const struct schema_path *);
int schema_children_dependencies(struct schema_compiler *,
    const struct schema_node *, struct schema_rule *,
    const struct schema_path *);

/* Sets the node's resource, and registers its names. */
int schema_identify(struct schema_compiler *, struct schema_node *,
    const struct schema_path *, struct schema_resource *outer);

/* Notes a reference, and later finds what all of them are about. */
int schema_ref_note(struct schema_compiler *, struct schema_node *,
    struct schema_rule *, const struct schema_path *);
int schema_ref_resolve_all(struct schema_compiler *);

/* The node that a URI was registered for, with an anchor or without. */
struct schema_node *schema_uri_find(
    struct schema_compiler *, const char *uri, const char *anchor);

/* What the dynamic anchor is called that $recursiveAnchor makes. */
#define SCHEMA_RECURSIVE ""

/* The dynamic anchor of that name in a resource, or NULL. */
const struct schema_node *schema_anchor_find(
    const struct schema_resource *, const char *name);

/* The known node of a JSON value, or NULL. */
struct schema_node *schema_node_find(
    struct schema_compiler *, struct json_object *);

/* Refuses schemas that ask for themselves again, about the same value. */
int schema_loop_check(struct schema_compiler *);

/* A regular expression; the text, which a NUL ends too, must stay. */
struct schema_pattern *schema_pattern_new(struct schema_compiler *,
    const char *text, size_t len, const struct schema_path *);

/*
 * Writes a regular expression of ECMA-262 as PCRE2 has it, unless out is NULL.
 * Gives its length.
 */
size_t schema_dialect_translate(char *out, const char *text, size_t len);

/* Where the item of the text ends that an offset in its translation is in. */
size_t schema_dialect_offset(const char *text, size_t len, size_t offset);

void schema_pattern_free_all(struct schema *);

/* Says "POINTER: WORDS" in why.  Gives -1. */
int schema_refuse(struct schema_compiler *, const struct schema_path *,
    const char *fmt, ...) __attribute__((format(printf, 3, 4)));
int schema_refuse_at(struct schema_compiler *, const char *pointer,
    const char *fmt, ...) __attribute__((format(printf, 3, 4)));
int schema_refuse_memory(struct schema_compiler *);

/* Zeroed memory that lives as long as the schema; NULL: there is none. */
void *schema_keep(struct schema_compiler *, size_t size);
char *schema_keep_text(struct schema_compiler *, const char *, size_t len);

/* Whether an argument is of that kind; for the table of keywords. */
bool schema_argument_anchor(struct json_object *); /* a plain name */
bool schema_argument_any(struct json_object *);
bool schema_argument_array(struct json_object *);
bool schema_argument_boolean(struct json_object *);
bool schema_argument_count(struct json_object *); /* whole, not negative */
bool schema_argument_dependent_names(
    struct json_object *);			  /* an object of them */
bool schema_argument_id(struct json_object *);	  /* a URI without fragment */
bool schema_argument_names(struct json_object *); /* strings in an array */
bool schema_argument_number(struct json_object *);
bool schema_argument_object(struct json_object *);
bool schema_argument_positive(struct json_object *); /* a number */
bool schema_argument_root(struct json_object *);     /* "#" */
bool schema_argument_schemas(struct json_object *);  /* an array, not empty */
bool schema_argument_string(struct json_object *);
bool schema_argument_types(struct json_object *); /* one type, or an array */
bool schema_argument_uri(struct json_object *);

/* The bits of the types named, of what schema_argument_types() takes. */
unsigned schema_argument_type_bits(struct json_object *);

/* What each keyword works out when its schema is compiled; for the table. */
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

/* The SCHEMA_DRAFT_ bit that a "$schema" names; 0: none that is known. */
unsigned schema_meta_draft(const char *uri);

/* What the draft is called in messages. */
const char *schema_meta_name(unsigned draft);

/*
 * The node of the meta-schema that has that URI, made when it is first asked
 * for.  NULL when there is no such meta-schema, or after schema_refuse().
 */
struct schema_node *schema_meta_find(struct schema_compiler *, const char *uri);

/*
 * What reference means where the base is base, which may itself be relative
 * or empty.  To be freed; NULL when there is no memory.
 */
char *schema_uri_resolve(const char *base, const char *reference)
    __attribute__((warn_unused_result));

/*
 * Cuts the fragment off and gives it, decoded; it stands behind what is left
 * of uri, or is "" when there was none.
 */
char *schema_uri_cut(char *uri);

#endif
