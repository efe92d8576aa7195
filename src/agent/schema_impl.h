/*
 * Between the files of the JSON Schema validator; see schema.h for its use.
 */

#ifndef AGENT_SCHEMA_IMPL_H
#define AGENT_SCHEMA_IMPL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct json_object;

/* Schemas and values nest no deeper than this. */
#define SCHEMA_MAX_DEPTH 64

/* What one run keeps. */
struct schema_run {
	struct json_object *errors;
	int failures;
	size_t listed_bytes;
	bool out_of_memory;
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
	struct json_object *schema; /* the one that has the keyword */
	struct json_object *value;
	const struct schema_path *path; /* NULL at the root */
};

/* What of a keyword's argument is a schema itself. */
enum schema_inner { INNER_NONE, INNER_SCHEMA, INNER_MEMBERS };

/*
 * A keyword: check judges a value (argument is the keyword's own); NULL for
 * an annotation.  valid says whether argument makes sense, and wanted says
 * in words what it asks for.
 */
struct schema_keyword {
	const char *name;
	void (*check)(const struct schema_at *, struct json_object *argument);
	bool (*valid)(struct json_object *argument);
	const char *wanted;
	enum schema_inner inner;
};

/* NULL when there is no such keyword. */
const struct schema_keyword *schema_keyword(const char *name);

/* Checks a value somewhere below the root. */
void schema_check_value(struct schema_run *, struct json_object *schema,
    struct json_object *value, const struct schema_path *);

/* Notes a failure at a place; fmt says what is wrong there. */
void schema_fail(struct schema_run *, const struct schema_path *,
    const char *fmt, ...) __attribute__((format(printf, 3, 4)));

/* The place of a member or an item of what is at a place. */
struct schema_path schema_path_member(
    const struct schema_path *, const char *name);
struct schema_path schema_path_item(const struct schema_path *, size_t index);

/* The JSON Pointer of a place, to be freed; NULL when there is no memory. */
char *schema_path_pointer(const struct schema_path *);

/* Numbers, compared by value: <0, 0, >0.  Both must be finite. */
int schema_compare(struct json_object *a, struct json_object *b);
bool schema_is_number(struct json_object *);
bool schema_is_integer(struct json_object *); /* 1.0 is one */

/* Equality as JSON has it: 1 is 1.0, and the order of members is nothing. */
bool schema_equal(struct json_object *a, struct json_object *b);

/* Unicode code points of a JSON string. */
size_t schema_length(struct json_object *string);

#endif
