/*
 * Types of JSON values, and the keywords about types, fixed values, numbers and
 * strings.  Numbers are numbers whatever json-c keeps them in.  A keyword says
 * nothing of values of a type that it is not about.
 */

#include "schema/schema_impl.h"

#include <float.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <json-c/json.h>

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

/* Further out every exponent is as good as another. */
#define EXPONENT_MAX INT64_C(1000000000000)

/* So many decimal digits fit an uint64_t, whatever they are. */
#define DIGITS_MAX 19

/* The digits from first to end, a point maybe among them, times 10^exponent. */
struct decimal {
	const char *first, *end; /* the same: zero */
	size_t digits;
	int64_t exponent;
	char text[32]; /* where the number has no text of its own */
};

/* As few digits as read back as the same double. */
static void
schema_decimal_print(double real, char text[static 32])
{
	int digits = DBL_DIG;

	do
		snprintf(text, 32, "%.*e", digits - 1, real);
	while (digits++ < DBL_DECIMAL_DIG && strtod(text, NULL) != real);
}

/* The number as it was written, which json-c keeps for doubles. */
static const char *
schema_decimal_text(struct decimal *d, struct json_object *number)
{
	const char *own = NULL;

	if (json_object_is_type(number, json_type_double)) {
		own = json_object_get_userdata(number);
		if (own == NULL)
			schema_decimal_print(
			    json_object_get_double(number), d->text);
	} else if (json_object_get_int64(number) < 0)
		snprintf(d->text, sizeof(d->text), "%" PRId64,
		    json_object_get_int64(number));
	else
		snprintf(d->text, sizeof(d->text), "%" PRIu64,
		    json_object_get_uint64(number));
	return (own != NULL ? own : d->text);
}

static int64_t
schema_decimal_exponent(const char *text)
{
	int64_t exponent;

	if (*text != 'e' && *text != 'E')
		return (0);
	exponent = strtoll(text + 1, NULL, 10);
	if (exponent > EXPONENT_MAX)
		return (EXPONENT_MAX);
	return (exponent < -EXPONENT_MAX ? -EXPONENT_MAX : exponent);
}

/* Takes the digits of text from the first to the last that is not zero. */
static void
schema_decimal_read(struct decimal *d, const char *text)
{
	const char *digits = text + (*text == '-');
	const char *end = digits + strspn(digits, "0123456789.");
	const char *point = memchr(digits, '.', (size_t)(end - digits));
	const char *last = end;

	if (point == NULL)
		point = end;
	d->first = digits + strspn(digits, "0.");
	while (last > d->first && (last[-1] == '0' || last[-1] == '.'))
		last--;
	d->end = last;
	d->digits =
	    (size_t)(last - d->first) - (d->first < point && point < last);
	d->exponent = schema_decimal_exponent(end) +
		      (last <= point ? point - last : point + 1 - last);
}

static uint64_t
schema_multiply_modulo(uint64_t a, uint64_t b, uint64_t modulus)
{
	return ((uint64_t)((unsigned __int128)a * b % modulus));
}

/* 10^exponent */
static uint64_t
schema_power_modulo(int64_t exponent, uint64_t modulus)
{
	uint64_t power = 1 % modulus, square = 10 % modulus;

	for (; exponent > 0; exponent >>= 1) {
		if (exponent & 1)
			power = schema_multiply_modulo(power, square, modulus);
		square = schema_multiply_modulo(square, square, modulus);
	}
	return (power);
}

/* The digits, as a whole number; one that is too long needs a modulus. */
static uint64_t
schema_decimal_modulo(const struct decimal *d, uint64_t modulus)
{
	unsigned __int128 rest = 0;
	const char *p;

	for (p = d->first; p < d->end; p++)
		if (*p != '.')
			rest = (rest * 10 + (unsigned)(*p - '0')) % modulus;
	return ((uint64_t)rest);
}

bool
schema_multiple(
    const struct schema_at *at, struct json_object *a, struct json_object *b)
{
	struct decimal x = {0}, y = {0};
	uint64_t divisor;

	schema_decimal_read(&x, schema_decimal_text(&x, a));
	schema_decimal_read(&y, schema_decimal_text(&y, b));
	if (x.first == x.end)
		return (true);
	if (y.digits > DIGITS_MAX) {
		schema_decimal_print(json_object_get_double(b), y.text);
		schema_decimal_read(&y, y.text);
	}
	/* The last digit of a is not zero. */
	if (x.exponent < y.exponent)
		return (false);
	if (!schema_steps(at->run, at->path, x.digits / 16))
		return (true);
	divisor = schema_decimal_modulo(&y, UINT64_MAX);
	return (schema_multiply_modulo(schema_decimal_modulo(&x, divisor),
		    schema_power_modulo(x.exponent - y.exponent, divisor),
		    divisor) == 0);
}

/* The names in argument (a string or an array of them), with "or" between. */
static const char *
schema_type_names(struct json_object *argument, char *buf, size_t size)
{
	size_t i, count, used = 0;

	if (json_object_is_type(argument, json_type_string))
		return (json_object_get_string(argument));
	count = json_object_array_length(argument);
	for (i = 0; i < count && used < size; i++)
		used += (size_t)snprintf(buf + used, size - used, "%s%s",
		    i > 0 ? " or " : "",
		    json_object_get_string(
			json_object_array_get_idx(argument, i)));
	return (buf);
}

bool
schema_check_type(const struct schema_at *at, const struct schema_rule *rule)
{
	char names[128] = "";

	if ((rule->types & at->types) != 0)
		return (true);
	if (at->run->quiet)
		return (false);
	return (schema_fail(at->run, at->path, "must be %s, not %s",
	    schema_type_names(rule->argument, names, sizeof(names)),
	    schema_type_name(at->types)));
}

bool
schema_check_enum(const struct schema_at *at, const struct schema_rule *rule)
{
	size_t i, count = json_object_array_length(rule->argument);
	const char *text;
	size_t len;

	for (i = 0; i < count; i++)
		if (schema_equal(at, at->value,
			json_object_array_get_idx(rule->argument, i)))
			return (true);
	text = schema_argument_text(at, rule);
	len = strlen(text);
	/* Without the brackets. */
	return (schema_fail(at->run, at->path, "must be one of %.*s",
	    len > 2 ? (int)len - 2 : 0, text + (len > 0)));
}

bool
schema_check_const(const struct schema_at *at, const struct schema_rule *rule)
{
	return (schema_equal(at, at->value, rule->argument) ||
		schema_fail_argument(at, rule, "must be"));
}

static bool
schema_is_number(const struct schema_at *at)
{
	return ((at->types & SCHEMA_TYPE_NUMBER) != 0);
}

bool
schema_check_minimum(const struct schema_at *at, const struct schema_rule *rule)
{
	return (!schema_is_number(at) ||
		schema_compare(at->value, rule->argument) >= 0 ||
		schema_fail_argument(at, rule, "must be at least"));
}

bool
schema_check_maximum(const struct schema_at *at, const struct schema_rule *rule)
{
	return (!schema_is_number(at) ||
		schema_compare(at->value, rule->argument) <= 0 ||
		schema_fail_argument(at, rule, "must be at most"));
}

bool
schema_check_exclusive_minimum(
    const struct schema_at *at, const struct schema_rule *rule)
{
	return (!schema_is_number(at) ||
		schema_compare(at->value, rule->argument) > 0 ||
		schema_fail_argument(at, rule, "must be more than"));
}

bool
schema_check_exclusive_maximum(
    const struct schema_at *at, const struct schema_rule *rule)
{
	return (!schema_is_number(at) ||
		schema_compare(at->value, rule->argument) < 0 ||
		schema_fail_argument(at, rule, "must be less than"));
}

/* In draft-04, a keyword beside the limit says whether it is allowed. */
static bool
schema_is_exclusive(const struct schema_rule *rule)
{
	return (rule->with[0] != NULL &&
		json_object_get_boolean(rule->with[0]->argument));
}

bool
schema_check_minimum_04(
    const struct schema_at *at, const struct schema_rule *rule)
{
	return (schema_is_exclusive(rule)
		    ? schema_check_exclusive_minimum(at, rule)
		    : schema_check_minimum(at, rule));
}

bool
schema_check_maximum_04(
    const struct schema_at *at, const struct schema_rule *rule)
{
	return (schema_is_exclusive(rule)
		    ? schema_check_exclusive_maximum(at, rule)
		    : schema_check_maximum(at, rule));
}

bool
schema_check_multiple_of(
    const struct schema_at *at, const struct schema_rule *rule)
{
	return (!schema_is_number(at) ||
		schema_multiple(at, at->value, rule->argument) ||
		schema_fail_argument(at, rule, "must be a multiple of"));
}

static bool
schema_is_string(const struct schema_at *at)
{
	return ((at->types & SCHEMA_TYPE_STRING) != 0);
}

/* Unicode code points, NUL among them. */
static size_t
schema_string_length(const struct schema_at *at)
{
	const char *text = json_object_get_string(at->value);
	int i, len = json_object_get_string_len(at->value);
	size_t points = 0;

	(void)schema_steps(at->run, at->path, SCHEMA_STEPS_TEXT((size_t)len));
	for (i = 0; i < len; i++)
		points += ((unsigned char)text[i] & 0xc0) != 0x80;
	return (points);
}

bool
schema_check_min_length(
    const struct schema_at *at, const struct schema_rule *rule)
{
	return (!schema_is_string(at) ||
		schema_string_length(at) >= rule->limit ||
		schema_fail_argument(at, rule, "length must be at least"));
}

bool
schema_check_max_length(
    const struct schema_at *at, const struct schema_rule *rule)
{
	return (!schema_is_string(at) ||
		schema_string_length(at) <= rule->limit ||
		schema_fail_argument(at, rule, "length must be at most"));
}

bool
schema_check_pattern(const struct schema_at *at, const struct schema_rule *rule)
{
	return (!schema_is_string(at) ||
		schema_pattern_match(at->run, at->path, rule->pattern,
		    json_object_get_string(at->value),
		    (size_t)json_object_get_string_len(at->value)) ||
		schema_fail(at->run, at->path, "must match the pattern %s",
		    schema_pattern_text(rule->pattern)));
}
