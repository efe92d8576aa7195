/*
 * Looks into answers.  What is not as it should be is as if it were not there.
 */

#include "agentctl/field.h"

#include <json-c/json.h>

#include "common/clock.h"

struct json_object *
field(struct json_object *object, const char *name)
{
	struct json_object *value;

	if (!json_object_is_type(object, json_type_object) ||
	    !json_object_object_get_ex(object, name, &value))
		return (NULL);
	return (value);
}

struct json_object *
field_list(struct json_object *object, const char *name)
{
	struct json_object *value = field(object, name);

	return (json_object_is_type(value, json_type_array) ? value : NULL);
}

const char *
field_text(struct json_object *object, const char *name)
{
	struct json_object *value = field(object, name);

	if (!json_object_is_type(value, json_type_string))
		return (NULL);
	return (json_object_get_string(value));
}

int64_t
field_int(struct json_object *object, const char *name)
{
	struct json_object *value = field(object, name);

	if (!json_object_is_type(value, json_type_int) &&
	    !json_object_is_type(value, json_type_double))
		return (0);
	return (json_object_get_int64(value));
}

int64_t
field_seconds_ns(struct json_object *object, const char *name)
{
	struct json_object *value = field(object, name);
	double seconds = json_object_get_double(value);

	if (!json_object_is_type(value, json_type_int) &&
	    !json_object_is_type(value, json_type_double))
		return (0);
	if (!(seconds > 0 && seconds < (double)(INT64_MAX / NS_PER_SEC)))
		return (0);
	return ((int64_t)(seconds * (double)NS_PER_SEC));
}

size_t
field_count(struct json_object *list)
{
	return (list == NULL ? 0 : json_object_array_length(list));
}

struct json_object *
field_at(struct json_object *list, size_t i)
{
	return (list == NULL ? NULL : json_object_array_get_idx(list, i));
}
