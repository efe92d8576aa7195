/*
 * multipleOf: divides numbers as the digits in the text say them, since in
 * binary 4.35 is no multiple of 0.01.  Called by the keyword; keeps no state
 * and allocates nothing.
 */

#include <float.h>
#include <inttypes.h>
#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "schema/schema_impl.h"

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
