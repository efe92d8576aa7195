/*
 * Between the files that validate; see schema.h for their use.  What is
 * needed only to compile is in schema_compile.h.
 */

#ifndef SCHEMA_SCHEMA_IMPL_H
#define SCHEMA_SCHEMA_IMPL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct json_object;
struct schema_at;
struct schema_keyword;
struct schema_node;
struct schema_pattern;
struct schema_rule;

/* Schemas and values nest no deeper than this. */
#define SCHEMA_MAX_DEPTH 160

/* Most schemas at work within one another, references followed included. */
#define SCHEMA_MAX_NESTING 1000

/* Steps of one validation; some hundred milliseconds' worth. */
#define SCHEMA_MAX_STEPS 10000000

/* Room for the words of one failure. */
#define SCHEMA_DETAIL_SIZE 256

/* A schema, or what else stands for one, within a keyword's argument. */
struct schema_child {
	const char *name;		/* of the member; NULL in an array */
	struct schema_node *node;	/* NULL: the argument is names */
	struct json_object *names;	/* draft-07 dependencies */
	struct schema_pattern *pattern; /* patternProperties */
};

/* A keyword with its argument. */
struct schema_rule {
	bool (*check)(const struct schema_at *, const struct schema_rule *);
	const struct schema_keyword *keyword;
	struct json_object *argument; /* the document's */
	struct schema_child *children;
	size_t count; /* of children */
	size_t steps; /* that it takes to look up the names in it */
	const struct schema_rule *with[2]; /* other keywords that it looks at */
	struct schema_pattern *pattern;
	const char *anchor; /* of $dynamicRef; NULL: static */
	uint64_t limit;	    /* minLength and such */
	unsigned types;	    /* SCHEMA_TYPE_ bits */
};

/* A compiled schema object or boolean. */
struct schema_node {
	struct json_object *json;
	struct schema_resource *resource;
	struct schema_rule *rules; /* the first active ones have a check */
	size_t count, active;
	unsigned watched; /* types whose parts unevaluated... wants noted */
	bool never;	  /* false, as a schema */
	int height;	  /* see schema_compile.c */
};

/* A part of the document that has a URI of its own. */
struct schema_resource {
	const char *uri; /* "" when it has none */
	unsigned draft;	 /* a SCHEMA_DRAFT_ bit */
	struct schema_anchor *anchors;
	size_t count; /* of anchors */
};

/* A $dynamicAnchor. */
struct schema_anchor {
	struct schema_anchor *next;
	const char *name;
	struct schema_node *node;
};

/* The types of a value, as bits: an integer is a number too. */
enum {
	SCHEMA_TYPE_NULL = 1,
	SCHEMA_TYPE_BOOLEAN = 2,
	SCHEMA_TYPE_INTEGER = 4,
	SCHEMA_TYPE_NUMBER = 8,
	SCHEMA_TYPE_STRING = 16,
	SCHEMA_TYPE_ARRAY = 32,
	SCHEMA_TYPE_OBJECT = 64
};

/*
 * Items or members that were judged: indices, or the addresses of names in
 * the value.
 */
struct schema_range {
	uintptr_t from, to;
};

/* Resources entered, innermost first: what $dynamicRef looks through. */
struct schema_scope {
	const struct schema_scope *outer;
	const struct schema_resource *resource;
};

/* What one run keeps. */
struct schema_run {
	struct json_object *errors;
	struct schema_note
	    *note; /* takes the first failure; NULL: all listed */
	const struct schema_scope *scope;
	struct schema_range *seen; /* see schema_object.c */
	size_t seen_count, seen_room;
	size_t listed_bytes;
	long steps; /* left */
	int failures, nesting;
	bool quiet; /* only whether it fits is asked */
	bool cut;   /* the list of errors */
	bool stopped, out_of_memory;
};

/* Where a failure is put down that may not count in the end. */
struct schema_note {
	const struct schema_path *from; /* pointers are relative to this */
	char detail[SCHEMA_DETAIL_SIZE];
};

/* A place in the value that is checked: the way up to its root. */
struct schema_path {
	const struct schema_path *parent;
	const char *name; /* of a member; NULL in an array */
	size_t index;	  /* in an array */
	int depth;
};

/* What a keyword needs to judge value. */
struct schema_at {
	struct schema_run *run;
	const struct schema_node *node; /* the one that has the keyword */
	struct json_object *value;
	const struct schema_path *path; /* NULL at the root */
	unsigned types;
	bool tracked; /* parts that are judged must be noted */
	size_t mark;  /* what is noted from here on is about value */
};

/*
 * Whether value fits a schema.  tracked: a schema around this one, about the
 * same value, must know which parts were judged.
 */
bool schema_apply(struct schema_run *, const struct schema_node *,
    struct json_object *value, const struct schema_path *, bool tracked);

/* The same for the value at hand, quietly. */
bool schema_fits(const struct schema_at *, const struct schema_node *);

/* The same for a part of the value, whose parts are nobody's concern. */
bool schema_fits_part(struct schema_run *, const struct schema_node *,
    struct json_object *, const struct schema_path *);

/* Whether further failures are wanted after the first. */
bool schema_goes_on(const struct schema_run *);

/* Notes a failure at a place; fmt says what is wrong there.  Gives false. */
bool schema_fail(struct schema_run *, const struct schema_path *,
    const char *fmt, ...) __attribute__((format(printf, 3, 4)));

/* The argument of a keyword, for a failure; "" when nobody will read it. */
const char *schema_argument_text(
    const struct schema_at *, const struct schema_rule *);

/* Fails with "MUST ARGUMENT", the argument being the keyword's. */
bool schema_fail_argument(
    const struct schema_at *, const struct schema_rule *, const char *must);

/* Ends the run: what is found then is neither fit nor unfit. */
bool schema_stop(struct schema_run *, const struct schema_path *,
    const char *fmt, ...) __attribute__((format(printf, 3, 4)));
bool schema_stop_memory(struct schema_run *);

/* Takes steps from those that are left; false when the run has ended. */
bool schema_steps(struct schema_run *, const struct schema_path *, size_t);

/* How many steps it takes to read so many bytes. */
#define SCHEMA_STEPS_TEXT(len) ((len) / 32)

/* Why a value does not fit, as the first failure says it. */
void schema_explain(struct schema_run *, const struct schema_node *,
    struct json_object *value, const struct schema_path *,
    char detail[static SCHEMA_DETAIL_SIZE]);

/* The place of a member or an item of what is at a place. */
struct schema_path schema_path_member(
    const struct schema_path *, const char *name);
struct schema_path schema_path_item(const struct schema_path *, size_t index);

/*
 * The JSON Pointer of a place below from, to be freed; NULL when there is no
 * memory.
 */
char *schema_path_pointer(
    const struct schema_path *, const struct schema_path *from);

/* The bits of the types of value, and the narrowest one's name. */
unsigned schema_types(struct json_object *value);
const char *schema_type_name(unsigned types);

/* Numbers, compared by value: <0, 0, >0.  Both must be finite. */
int schema_compare(struct json_object *a, struct json_object *b);
uint64_t schema_number_hash(struct json_object *);

/* Whether a is divisible by b (more than 0), as the digits say it. */
bool schema_multiple(
    const struct schema_at *, struct json_object *a, struct json_object *b);

/* Equality as JSON has it: 1 is 1.0, and the order of members is nothing. */
bool schema_equal(
    const struct schema_at *, struct json_object *a, struct json_object *b);

/* Finds two equal items of the array at hand. */
bool schema_find_equal(const struct schema_at *, size_t *one, size_t *other);

/* Whether a string of len bytes has a match; false too when the run ends. */
bool schema_pattern_match(struct schema_run *, const struct schema_path *,
    const struct schema_pattern *, const char *text, size_t len);
const char *schema_pattern_text(const struct schema_pattern *);

/* Parts that are judged, of the value at hand. */
bool schema_see(const struct schema_at *, uintptr_t from, uintptr_t to);
bool schema_see_all(const struct schema_at *);
bool schema_see_member(const struct schema_at *, const char *name);

#define SCHEMA_CHECK(name) \
	bool name(const struct schema_at *, const struct schema_rule *)

/* What each keyword asks of a value; for the table in schema_keywords.c. */
/* schema_number.c */
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

SCHEMA_CHECK(schema_check_dynamic_ref);
SCHEMA_CHECK(schema_check_ref);

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
