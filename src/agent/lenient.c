/*
 * Mends parameters that do not fit, where the tool's policy allows it: those
 * that fit are never changed.  Knows nothing of schemas: it changes one place,
 * and keeps that only if fewer failures are left.
 */

#include "agent/lenient.h"
#include "agent/registry_entry.h"
#include "common/clock.h"
#include "common/json.h"
#include "schema/schema.h"

#include <json-c/json.h>

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

/* Each change is judged by checking all parameters again. */
#define CHANGES_MAX 64

struct mending {
	const struct registry_entry *entry;
	struct json_object *params, *errors;
	int failures; /* or -1: no memory */
};

/* A member or an element: where it is, and what is there. */
struct place {
	struct json_object *parent, *value;
	char *name;   /* of a member, to be freed; NULL in an array */
	size_t index; /* in an array */
};

/* ~1 is a slash in a JSON Pointer, and ~0 a tilde. */
static void
lenient_place_unescape(char *name)
{
	char *to = name;

	for (const char *from = name; *from != '\0'; from++) {
		if (*from == '~' && (from[1] == '0' || from[1] == '1'))
			*to++ = *++from == '0' ? '~' : '/';
		else
			*to++ = *from;
	}
	*to = '\0';
}

/* Takes over pointer, which is cut at its last slash. */
static bool
lenient_place_find(
    struct place *place, struct json_object *params, char *pointer)
{
	char *slash = strrchr(pointer, '/');

	*place = (struct place){0};
	if (slash == NULL)
		return (false); /* the parameters as a whole */
	*slash = '\0';
	if (json_pointer_get(params, pointer, &place->parent) != 0)
		return (false);
	if (json_object_is_type(place->parent, json_type_array)) {
		place->index = strtoul(slash + 1, NULL, 10);
		place->value =
		    json_object_array_get_idx(place->parent, place->index);
		return (true);
	}
	place->name = slash + 1;
	lenient_place_unescape(place->name);
	return (json_object_object_get_ex(
	    place->parent, place->name, &place->value));
}

/* Takes over value; NULL is null.  False without memory. */
static bool
lenient_place_put(const struct place *place, struct json_object *value)
{
	int rc =
	    place->name == NULL
		? json_object_array_put_idx(place->parent, place->index, value)
		: json_object_object_add(place->parent, place->name, value);

	if (rc == -1)
		json_object_put(value);
	return (rc == 0);
}

/* "5" is 5, "[1]" is [1], "true" is true; NULL: it stays what it is. */
static struct json_object *
lenient_coerce_text(struct json_object *value)
{
	char reason[JSON_REASON_SIZE];
	struct json_object *other = NULL;

	if (!json_parse(json_object_get_string(value),
		(size_t)json_object_get_string_len(value), &other, reason) ||
	    !json_object_is_type(other, json_type_string))
		return (other);
	json_object_put(other);
	return (NULL);
}

static struct json_object *
lenient_coerce(struct json_object *value)
{
	switch (json_object_get_type(value)) {
	case json_type_string:
		return (lenient_coerce_text(value));
	case json_type_int:
	case json_type_double:
	case json_type_boolean:
		return (json_object_new_string(json_object_get_string(value)));
	default:
		return (NULL);
	}
}

/* Whether fewer failures are left, which then are those that are known. */
static bool
lenient_mending_helps(struct mending *m)
{
	struct json_object *errors = json_object_new_array();
	int failures = errors == NULL
			   ? -1
			   : schema_validate(m->entry->parameters_schema,
				 m->params, errors);

	if (failures == -1 || failures >= m->failures) {
		json_object_put(errors);
		if (failures == -1)
			m->failures = -1;
		return (false);
	}
	json_object_put(m->errors);
	m->errors = errors;
	m->failures = failures;
	return (true);
}

/* Whether a change was made, and stays. */
static bool
lenient_mending_place(struct mending *m, const struct place *place)
{
	const struct policy *policy = &m->entry->policy;
	struct json_object *before, *other = NULL;
	bool absent = place->value == NULL && place->name != NULL &&
		      policy->null_is_absent;

	if (place->value != NULL && policy->coerce)
		other = lenient_coerce(place->value);
	if (!absent && other == NULL)
		return (false);
	before = json_object_get(place->value);
	if (absent)
		json_object_object_del(place->parent, place->name);
	if ((absent || lenient_place_put(place, other)) &&
	    lenient_mending_helps(m)) {
		json_object_put(before);
		return (true);
	}
	if (!lenient_place_put(place, before))
		m->failures = -1;
	return (false);
}

/* The same for the place that an error is about. */
static bool
lenient_mending_error(struct mending *m, size_t i)
{
	struct json_object *error = json_object_array_get_idx(m->errors, i);
	char *pointer = strdup(
	    json_object_get_string(json_object_object_get(error, "pointer")));
	struct place place;
	bool mended;

	if (pointer == NULL) {
		m->failures = -1;
		return (false);
	}
	mended = lenient_place_find(&place, m->params, pointer) &&
		 lenient_mending_place(m, &place);
	free(pointer);
	return (mended);
}

int
lenient_mend(const struct registry_entry *entry, struct json_object *params,
    struct json_object **errors, int failures, int64_t deadline_ns)
{
	struct mending m = {.entry = entry,
	    .params = params,
	    .errors = *errors,
	    .failures = failures};
	size_t i = 0;

	if (!entry->policy.null_is_absent && !entry->policy.coerce)
		return (failures);
	for (int n = 0; n < CHANGES_MAX && m.failures > 0 &&
			i < json_object_array_length(m.errors) &&
			clock_now_ns() < deadline_ns;
	     n++)
		if (!lenient_mending_error(&m, i))
			i++; /* it stays; those behind a mended one move up */
	*errors = m.errors;
	return (m.failures);
}
