/*
 * What is in an answer, without trust in its form.
 */

#ifndef AGENTCTL_FIELD_H
#define AGENTCTL_FIELD_H

#include <stddef.h>
#include <stdint.h>

struct json_object;

/*
 * A member of an object.  NULL or 0 when it is not there, is of another type,
 * or object is none.  All stay part of the answer.
 */
struct json_object *field(struct json_object *object, const char *name);
struct json_object *field_list(struct json_object *object, const char *name);
const char *field_text(struct json_object *object, const char *name);
int64_t field_int(struct json_object *object, const char *name);

/* The same of a number of seconds, as nanoseconds. */
int64_t field_seconds_ns(struct json_object *object, const char *name);

/* How long a list is, and what is in it; NULL is an empty one. */
size_t field_count(struct json_object *list);
struct json_object *field_at(struct json_object *list, size_t i);

#endif
