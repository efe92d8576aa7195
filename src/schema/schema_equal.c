/*
 * Equality of JSON values, and the search for equal items in an array: by hash,
 * so that a long array takes no longer than it must.  Keeps no state.
 */

#include <json-c/json.h>
#include <stdlib.h>
#include <string.h>

#include "schema/schema_impl.h"

/* Up to so many items are compared each with each. */
#define FEW_ITEMS 8

static bool schema_equal_values(const struct schema_at *, struct json_object *a,
    struct json_object *b, int depth);

static bool
schema_equal_arrays(const struct schema_at *at, struct json_object *a,
    struct json_object *b, int depth)
{
	size_t i, count = json_object_array_length(a);

	if (json_object_array_length(b) != count)
		return (false);
	for (i = 0; i < count; i++)
		if (!schema_equal_values(at, json_object_array_get_idx(a, i),
			json_object_array_get_idx(b, i), depth))
			return (false);
	return (true);
}

static bool
schema_equal_objects(const struct schema_at *at, struct json_object *a,
    struct json_object *b, int depth)
{
	struct json_object *other;

	if (json_object_object_length(a) != json_object_object_length(b))
		return (false);
	json_object_object_foreach (a, name, member)
		if (!schema_steps(
			at->run, at->path, SCHEMA_STEPS_TEXT(strlen(name))) ||
		    !json_object_object_get_ex(b, name, &other) ||
		    !schema_equal_values(at, member, other, depth))
			return (false);
	return (true);
}

static bool
schema_equal_strings(
    const struct schema_at *at, struct json_object *a, struct json_object *b)
{
	size_t len = (size_t)json_object_get_string_len(a);

	return (len == (size_t)json_object_get_string_len(b) &&
		schema_steps(at->run, at->path, len / 256) &&
		memcmp(json_object_get_string(a), json_object_get_string(b),
		    len) == 0);
}

static bool
schema_is_number(enum json_type type)
{
	return (type == json_type_int || type == json_type_double);
}

static bool
schema_equal_values(const struct schema_at *at, struct json_object *a,
    struct json_object *b, int depth)
{
	enum json_type type = json_object_get_type(a);

	if (!schema_steps(at->run, at->path, 1))
		return (false);
	if (depth > SCHEMA_MAX_DEPTH)
		return (schema_stop(at->run, at->path, "is nested too deep"));
	if (schema_is_number(type) && schema_is_number(json_object_get_type(b)))
		return (schema_compare(a, b) == 0);
	if (json_object_get_type(b) != type)
		return (false);
	if (type == json_type_string)
		return (schema_equal_strings(at, a, b));
	if (type == json_type_array)
		return (schema_equal_arrays(at, a, b, depth + 1));
	if (type == json_type_object)
		return (schema_equal_objects(at, a, b, depth + 1));
	return (json_object_equal(a, b));
}

bool
schema_equal(
    const struct schema_at *at, struct json_object *a, struct json_object *b)
{
	return (schema_equal_values(at, a, b, 0));
}

static uint64_t
schema_hash_mix(uint64_t hash)
{
	hash = (hash ^ hash >> 31) * UINT64_C(0x9e3779b97f4a7c15);
	return (hash ^ hash >> 29);
}

static uint64_t
schema_hash_bytes(const struct schema_at *at, const char *text, size_t len)
{
	uint64_t hash = UINT64_C(0xcbf29ce484222325);
	size_t i;

	(void)schema_steps(at->run, at->path, SCHEMA_STEPS_TEXT(len));
	for (i = 0; i < len; i++)
		hash =
		    (hash ^ (unsigned char)text[i]) * UINT64_C(0x100000001b3);
	return (schema_hash_mix(hash));
}

static uint64_t schema_hash_value(
    const struct schema_at *, struct json_object *, int depth);

static uint64_t
schema_hash_array(
    const struct schema_at *at, struct json_object *array, int depth)
{
	size_t i, count = json_object_array_length(array);
	uint64_t hash = count;

	for (i = 0; i < count; i++)
		hash = schema_hash_mix(hash) +
		       schema_hash_value(
			   at, json_object_array_get_idx(array, i), depth);
	return (schema_hash_mix(hash ^ json_type_array));
}

/* A sum, since the order of members is nothing. */
static uint64_t
schema_hash_object(
    const struct schema_at *at, struct json_object *object, int depth)
{
	uint64_t hash = 0;

	json_object_object_foreach (object, name, member)
		hash +=
		    schema_hash_mix(schema_hash_bytes(at, name, strlen(name)) +
				    3 * schema_hash_value(at, member, depth));
	return (schema_hash_mix(hash ^ json_type_object));
}

static uint64_t
schema_hash_value(
    const struct schema_at *at, struct json_object *value, int depth)
{
	enum json_type type = json_object_get_type(value);

	if (!schema_steps(at->run, at->path, 1) || depth > SCHEMA_MAX_DEPTH)
		return (0);
	if (schema_is_number(type))
		return (schema_hash_mix(schema_number_hash(value)));
	if (type == json_type_string)
		return (schema_hash_bytes(at, json_object_get_string(value),
		    (size_t)json_object_get_string_len(value)));
	if (type == json_type_array)
		return (schema_hash_array(at, value, depth + 1));
	if (type == json_type_object)
		return (schema_hash_object(at, value, depth + 1));
	return (schema_hash_mix(
	    (uint64_t)type << 8 |
	    (type == json_type_boolean && json_object_get_boolean(value))));
}

struct hashed {
	uint64_t hash;
	size_t index;
};

static int
schema_hashed_order(const void *a, const void *b)
{
	const struct hashed *x = a, *y = b;

	if (x->hash != y->hash)
		return (x->hash < y->hash ? -1 : 1);
	return (x->index < y->index ? -1 : x->index > y->index);
}

static bool
schema_items_equal(const struct schema_at *at, size_t one, size_t other)
{
	return (schema_equal(at, json_object_array_get_idx(at->value, one),
	    json_object_array_get_idx(at->value, other)));
}

static bool
schema_find_among_few(
    const struct schema_at *at, size_t count, size_t *one, size_t *other)
{
	for (*other = 1; *other < count; (*other)++)
		for (*one = 0; *one < *other; (*one)++)
			if (schema_items_equal(at, *one, *other))
				return (true);
	return (false);
}

/* Items of the same hash stand together. */
static bool
schema_find_among_sorted(const struct schema_at *at, const struct hashed *items,
    size_t count, size_t *one, size_t *other)
{
	size_t i, k;

	for (i = 0; i < count; i++)
		for (k = i + 1; k < count && items[k].hash == items[i].hash &&
				!at->run->stopped;
		     k++) {
			*one = items[i].index;
			*other = items[k].index;
			if (schema_items_equal(at, *one, *other))
				return (true);
		}
	return (false);
}

bool
schema_find_equal(const struct schema_at *at, size_t *one, size_t *other)
{
	size_t i, count = json_object_array_length(at->value);
	struct hashed *items;
	bool found;

	if (count <= FEW_ITEMS)
		return (schema_find_among_few(at, count, one, other));
	if ((items = calloc(count, sizeof(*items))) == NULL)
		return (schema_stop_memory(at->run));
	for (i = 0; i < count; i++)
		items[i] = (struct hashed){
		    schema_hash_value(
			at, json_object_array_get_idx(at->value, i), 0),
		    i};
	qsort(items, count, sizeof(*items), schema_hashed_order);
	found = schema_find_among_sorted(at, items, count, one, other);
	free(items);
	return (found);
}
