/*
 * The parts that the document is made of.  For the files openapi*.c only.
 *
 * Each returns what its caller owns.  Where there is no memory the value is
 * NULL, which openapi_put() takes and remembers, so that only the whole must
 * be checked: openapi_broken().
 */

#ifndef FRONTEND_API_OPENAPI_PARTS_H
#define FRONTEND_API_OPENAPI_PARTS_H

#include <stdbool.h>

struct json_object;
struct tool_info;

/* Adds a member; takes over value.  Either may be NULL. */
void openapi_put(
    struct json_object *to, const char *name, struct json_object *value);

/* Adds an element; takes over value.  Either may be NULL. */
void openapi_append(struct json_object *list, struct json_object *value);

/* Whether any value was NULL since this was last asked. */
bool openapi_broken(void);

/* The object that is the member name, made when it is missing; borrowed. */
struct json_object *openapi_enter(struct json_object *, const char *name);

/* {"$ref": "#/components/PART/NAME"} */
struct json_object *openapi_ref(const char *part, const char *name);

/* {TYPE: {"schema": schema}}, which takes over schema. */
struct json_object *openapi_content(
    const char *type, struct json_object *schema);

/* {"required": true, "content": ...}: a body of JSON. */
struct json_object *openapi_body(struct json_object *schema, bool required);

/* Adds a good answer, and the problems by their status, ended by 0. */
void openapi_answers(struct json_object *operation, int status,
    struct json_object *schema, const unsigned short *problems);

/* The schemas and the problems that everything else refers to. */
struct json_object *openapi_components(void);

/* Adds the operation that calls a tool, as a path of its own. */
void openapi_tool(struct json_object *paths, const struct tool_info *);

#endif
