/*
 * For the table of keywords: what kinds of argument they take.
 */

#ifndef SCHEMA_SCHEMA_ARGUMENTS_H
#define SCHEMA_SCHEMA_ARGUMENTS_H

#include <stdbool.h>

struct json_object;

bool argument_anchor(struct json_object *); /* a plain name */
bool argument_any(struct json_object *);
bool argument_array(struct json_object *);
bool argument_boolean(struct json_object *);
bool argument_count(struct json_object *);	     /* whole, not negative */
bool argument_dependent_names(struct json_object *); /* an object of them */
bool argument_id(struct json_object *);	   /* a URI without fragment */
bool argument_names(struct json_object *); /* strings in an array */
bool argument_number(struct json_object *);
bool argument_object(struct json_object *);
bool argument_positive(struct json_object *); /* a number */
bool argument_root(struct json_object *);     /* "#" */
bool argument_schemas(struct json_object *);  /* an array, not empty */
bool argument_string(struct json_object *);
bool argument_types(struct json_object *); /* one type, or an array */
bool argument_uri(struct json_object *);

/* The bits of the types named, of what argument_types() takes. */
unsigned argument_type_bits(struct json_object *);

#endif
