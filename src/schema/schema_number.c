/*
 * Types of JSON values, and numbers as JSON Schema sees them: numbers are
 * numbers whatever json-c keeps them in.  Called by the keywords; keeps no
 * state.
 */

#include <json-c/json.h>
#include <math.h>
#include <string.h>

#include "schema/schema_impl.h"

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

static unsigned
schema_number_types(struct json_object *value)
{
	double number = json_object_get_double(value);

	return (number == trunc(number)
		    ? SCHEMA_TYPE_NUMBER | SCHEMA_TYPE_INTEGER
		    : SCHEMA_TYPE_NUMBER);
}

unsigned
schema_types(struct json_object *value)
{
	static const unsigned types[] = {
	    [json_type_null] = SCHEMA_TYPE_NULL,
	    [json_type_boolean] = SCHEMA_TYPE_BOOLEAN,
	    [json_type_int] = SCHEMA_TYPE_NUMBER | SCHEMA_TYPE_INTEGER,
	    [json_type_object] = SCHEMA_TYPE_OBJECT,
	    [json_type_array] = SCHEMA_TYPE_ARRAY,
	    [json_type_string] = SCHEMA_TYPE_STRING,
	};
	enum json_type type = json_object_get_type(value);

	return (type == json_type_double ? schema_number_types(value)
					 : types[type]);
}

static struct number
schema_number_of_integer(struct json_object *value)
{
	int64_t whole = json_object_get_int64(value);

	if (whole < 0)
		return ((struct number){
		    .negative = true, .size = -(uint64_t)whole});
	return ((struct number){.size = json_object_get_uint64(value)});
}

static struct number
schema_number_of(struct json_object *value)
{
	struct number n = {0};
	double real, whole;

	if (json_object_is_type(value, json_type_int))
		return (schema_number_of_integer(value));
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
schema_compare_doubles(double a, double b)
{
	return ((a > b) - (a < b));
}

int
schema_compare(struct json_object *a, struct json_object *b)
{
	struct number x = schema_number_of(a), y = schema_number_of(b);
	int order;

	if (x.side != y.side)
		return (x.side - y.side);
	if (x.negative != y.negative)
		return (x.negative ? -1 : 1);
	order = (x.size > y.size) - (x.size < y.size);
	if (order != 0)
		return (x.negative ? -order : order);
	return (schema_compare_doubles(x.rest, y.rest));
}

/* What is equal has the same; -0.0 is made 0.0 by the addition. */
uint64_t
schema_number_hash(struct json_object *value)
{
	struct number n = schema_number_of(value);
	double rest = n.rest + 0.0;
	uint64_t bits;

	memcpy(&bits, &rest, sizeof(bits));
	return (
	    (n.size * 2 + n.negative) * UINT64_C(0x9e3779b97f4a7c15) ^ bits);
}
