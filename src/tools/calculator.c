/*
 * calculator: one arithmetic operation on two numbers.  64-bit integers are
 * calculated exactly as long as the result is one; all else in doubles.
 */

#include <json-c/json.h>
#include <math.h>
#include <string.h>

#include "common/json.h"
#include "tools/tools.h"

static const char parameters[] =
    "{"
    "\"$schema\": \"https://json-schema.org/draft/2020-12/schema\","
    "\"type\": \"object\","
    "\"properties\": {"
    "  \"operation\": {"
    "    \"type\": \"string\","
    "    \"enum\": [\"add\", \"subtract\", \"multiply\", \"divide\"],"
    "    \"description\": \"What to do with a and b\""
    "  },"
    "  \"a\": {"
    "    \"type\": \"number\","
    "    \"description\": \"The first number\""
    "  },"
    "  \"b\": {"
    "    \"type\": \"number\","
    "    \"description\": \"The second number\""
    "  }"
    "},"
    "\"required\": [\"operation\", \"a\", \"b\"],"
    "\"additionalProperties\": false"
    "}";

static double
calculator_add(double a, double b)
{
	return (a + b);
}

static double
calculator_subtract(double a, double b)
{
	return (a - b);
}

static double
calculator_multiply(double a, double b)
{
	return (a * b);
}

static double
calculator_divide(double a, double b)
{
	return (a / b);
}

/* The same exactly; false when the result is no 64-bit integer. */
static bool
calculator_add_exact(int64_t a, int64_t b, int64_t *result)
{
	return (!__builtin_add_overflow(a, b, result));
}

static bool
calculator_subtract_exact(int64_t a, int64_t b, int64_t *result)
{
	return (!__builtin_sub_overflow(a, b, result));
}

static bool
calculator_multiply_exact(int64_t a, int64_t b, int64_t *result)
{
	return (!__builtin_mul_overflow(a, b, result));
}

static bool
calculator_divide_exact(int64_t a, int64_t b, int64_t *result)
{
	if (b == 0 || (a == INT64_MIN && b == -1) || a % b != 0)
		return (false);
	*result = a / b;
	return (true);
}

static const struct operation {
	const char *name;
	double (*run)(double, double);
	bool (*run_exact)(int64_t, int64_t, int64_t *);
} operations[] = {
    {"add", calculator_add, calculator_add_exact},
    {"subtract", calculator_subtract, calculator_subtract_exact},
    {"multiply", calculator_multiply, calculator_multiply_exact},
    {"divide", calculator_divide, calculator_divide_exact},
};

static const struct operation *
calculator_operation(const char *name)
{
	const struct operation *op = operations;

	/* The schema lets only these names through. */
	while (strcmp(op->name, name) != 0)
		op++;
	return (op);
}

/* A parameter as it is shown again: an integer as it came. */
static struct json_object *
calculator_shown(struct json_object *number)
{
	if (json_object_is_type(number, json_type_int))
		return (json_object_get(number));
	return (json_number(json_object_get_double(number)));
}

/* The result as JSON, or NULL and the call has failed. */
static struct json_object *
calculator_result(struct tool_call *call, const struct operation *op,
    struct json_object *a, struct json_object *b)
{
	int64_t exact;
	double result;

	if (json_is_int64(a) && json_is_int64(b) &&
	    op->run_exact(
		json_object_get_int64(a), json_object_get_int64(b), &exact))
		return (json_object_new_int64(exact));
	if (op->run == calculator_divide && json_object_get_double(b) == 0) {
		tool_fail(call, "division by zero");
		return (NULL);
	}
	result = op->run(json_object_get_double(a), json_object_get_double(b));
	if (!isfinite(result)) {
		tool_fail(call, "the result is too large");
		return (NULL);
	}
	return (json_number(result));
}

static void
calculator_run(struct tool_call *call)
{
	const char *name = tool_param_string(call, "operation", "", NULL);
	struct json_object *a = tool_param(call, "a");
	struct json_object *b = tool_param(call, "b");
	struct json_object *result;

	result = calculator_result(call, calculator_operation(name), a, b);
	if (call->outcome != TOOL_OK)
		return;
	tool_add_string(call, "operation", name);
	tool_add(call, "a", calculator_shown(a));
	tool_add(call, "b", calculator_shown(b));
	tool_add(call, "result", result);
}

const struct tool tool_calculator = {
    .name = "calculator",
    .description = "Adds, subtracts, multiplies or divides two numbers",
    .parameters = parameters,
    .run = calculator_run,
};
