/*
 * The parameters of a tool, out of their JSON Schema.
 */

#ifndef AGENTCTL_DESCRIBE_H
#define AGENTCTL_DESCRIBE_H

#include <stdbool.h>
#include <stdio.h>

struct json_object;
struct table;

/*
 * A table of name, type, whether it is needed, default and meaning of the
 * parameters that schema has on its first level.  The caller frees it.
 */
struct table *describe_table(struct json_object *schema);

/* Those parameters by name; NULL: there are none.  Part of schema. */
struct json_object *describe_properties(struct json_object *schema);

/* Whether schema needs the parameter of this name. */
bool describe_required(struct json_object *schema, const char *name);

/* A value as it stands behind "=" or ":=". */
void describe_put(FILE *, struct json_object *value);

/* A name as call takes it, with what would end it behind backslashes. */
void describe_put_name(FILE *, const char *name);

/* Whether the parameter is text, which call takes behind "=". */
bool describe_is_text(struct json_object *property);

/*
 * A command line that calls the tool, with the parameters that it needs, or
 * else the first.  To be freed.
 */
char *describe_example(const char *tool, struct json_object *schema);

#endif
