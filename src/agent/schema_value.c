/*
 * JSON values as JSON Schema sees them: numbers are numbers whatever json-c
 * keeps them in, and lengths are code points.  Called by the keywords; keeps
 * no state.
 */

#include <json-c/json.h>
#include <math.h>
#include <string.h>

#include "agent/schema_impl.h"

/*
 * A number in parts, so that integers and doubles compare without rounding.
 * Beyond the 64-bit integers, side tells the direction and rest is it all.
 */
struct number {
	int side;
	bool negative;
	uint64_t size; /* of the whole part, absolute */
	double rest;
};

bool
schema_is_number(struct json_object *value)
{
	return (json_object_is_type(value, json_type_int) ||
		json_object_is_type(value, json_type_double));
}

bool
schema_is_integer(struct json_object *value)
{
	double number;

	if (json_object_is_type(value, json_type_int))
		return (true);
	if (!json_object_is_type(value, json_type_double))
		return (false);
	number = json_object_get_double(value);
	return (number == trunc(number));
}

static struct number
number_of_integer(struct json_object *value)
{
	int64_t whole = json_object_get_int64(value);

	if (whole < 0)
		return ((struct number){
		    .negative = true, .size = -(uint64_t)whole});
	return ((struct number){.size = json_object_get_uint64(value)});
}

static struct number
number_of(struct json_object *value)
{
	struct number n = {0};
	double real, whole;

	if (json_object_is_type(value, json_type_int))
		return (number_of_integer(value));
	real = json_object_get_double(value);
	if (fabs(real) >= 0x1p64) {
		n.side = real < 0 ? -1 : 1;
		n.rest = real;
		return (n);
	}
	n.rest = modf(real, &whole);
	n.negative = whole < 0;
	n.size = (uint64_t)fabs(whole);
	return (n);
}

static int
compare_doubles(double a, double b)
{
	return ((a > b) - (a < b));
}

int
schema_compare(struct json_object *a, struct json_object *b)
{
	struct number x = number_of(a), y = number_of(b);
	int order;

	if (x.side != y.side)
		return (x.side - y.side);
	if (x.negative != y.negative)
		return (x.negative ? -1 : 1);
	order = (x.size > y.size) - (x.size < y.size);
	if (order != 0)
		return (x.negative ? -order : order);
	return (compare_doubles(x.rest, y.rest));
}

static bool
equal_arrays(struct json_object *a, struct json_object *b)
{
	size_t i, count = json_object_array_length(a);

	if (json_object_array_length(b) != count)
		return (false);
	for (i = 0; i < count; i++)
		if (!schema_equal(json_object_array_get_idx(a, i),
			json_object_array_get_idx(b, i)))
			return (false);
	return (true);
}

static bool
equal_objects(struct json_object *a, struct json_object *b)
{
	struct json_object *other;

	if (json_object_object_length(a) != json_object_object_length(b))
		return (false);
	json_object_object_foreach (a, name, member)
		if (!json_object_object_get_ex(b, name, &other) ||
		    !schema_equal(member, other))
			return (false);
	return (true);
}

/* Goes as deep as the values, which the parser bounds. */
bool
schema_equal(struct json_object *a, struct json_object *b)
{
	enum json_type type = json_object_get_type(a);

	if (schema_is_number(a) && schema_is_number(b))
		return (schema_compare(a, b) == 0);
	if (json_object_get_type(b) != type)
		return (false);
	if (type == json_type_array)
		return (equal_arrays(a, b));
	if (type == json_type_object)
		return (equal_objects(a, b));
	return (json_object_equal(a, b));
}

size_t
schema_length(struct json_object *string)
{
	const char *text = json_object_get_string(string);
	int i, len = json_object_get_string_len(string);
	size_t points = 0;

	for (i = 0; i < len; i++)
		points += ((unsigned char)text[i] & 0xc0) != 0x80;
	return (points);
}
