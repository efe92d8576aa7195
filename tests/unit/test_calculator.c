/*
 * calculator: arithmetic, the numbers it prints, and what it refuses.
 */

#include "test.h"

#include "call.h"
#include "tools/tools.h"

#define OP(op, a, b) "{\"operation\":\"" op "\",\"a\":" a ",\"b\":" b "}"
#define GIVES(op, a, b, result)                                                \
	"{\"operation\":\"" op "\",\"a\":" a ",\"b\":" b ",\"result\":" result \
	"}"
/* Parameters that are shown again as they were written. */
#define CASE(op, a, b, result)                        \
	{                                             \
		OP(op, a, b), GIVES(op, a, b, result) \
	}

static const struct call_sample arithmetic[] = {
    CASE("add", "10", "5", "15"),
    CASE("add", "0.1", "0.2", "0.30000000000000004"),
    CASE("add", "1.5", "1.5", "3"),
    CASE("add", "-1", "1", "0"),
    CASE("subtract", "10", "5", "5"),
    CASE("subtract", "0", "0.5", "-0.5"),
    CASE("multiply", "6", "7", "42"),
    CASE("multiply", "0", "-5", "0"),
    CASE("divide", "10", "4", "2.5"),
    CASE("divide", "12", "4", "3"),
    CASE("divide", "1", "3", "0.3333333333333333"),
    CASE("divide", "0", "5", "0"),
    {OP("add", "10.0", "5e0"), GIVES("add", "10", "5", "15")},
    {OP("divide", "-0.0", "5"), GIVES("divide", "0", "5", "0")},
};

static const struct call_sample large[] = {
    CASE("add", "9007199254740993", "0", "9007199254740993"),
    CASE("add", "9223372036854775806", "1", "9223372036854775807"),
    CASE("add", "9223372036854775807", "1", "9.223372036854776e+18"),
    CASE("add", "18446744073709551615", "0", "1.8446744073709552e+19"),
    CASE("subtract", "-9223372036854775808", "1", "-9.223372036854776e+18"),
    CASE("multiply", "3037000500", "3037000500", "9.22337203700025e+18"),
    CASE("divide", "-9223372036854775808", "-1", "9.223372036854776e+18"),
    CASE("divide", "-9223372036854775808", "2", "-4611686018427387904"),
    CASE("divide", "9007199254740993", "3", "3002399751580331"),
};

static const struct call_sample failures[] = {
    {OP("divide", "1", "0"), "division by zero"},
    {OP("divide", "0", "0"), "division by zero"},
    {OP("divide", "1.5", "-0.0"), "division by zero"},
    {OP("multiply", "1e300", "1e300"), "the result is too large"},
    {OP("divide", "1e300", "1e-300"), "the result is too large"},
    {OP("add", "1.7e308", "1.7e308"), "the result is too large"},
};

static const struct call_sample invalid[] = {
    {"{}", "member \\\"operation\\\" is required"},
    {"{}", "member \\\"b\\\" is required"},
    {OP("power", "1", "2"), "\"pointer\":\"/operation\""},
    {OP("add", "\"1\"", "2"), "\"pointer\":\"/a\""},
    {OP("add", "1", "null"), "must be number, not null"},
    {"{\"operation\":\"add\",\"a\":1,\"b\":2,\"c\":3}",
	"\"pointer\":\"/c\",\"detail\":\"unknown member\""},
    {"[]", "must be object, not array"},
};

static void
test_arithmetic(void **state)
{
	call_samples(&tool_calculator, arithmetic, COUNT(arithmetic));
}

static void
test_large_numbers(void **state)
{
	call_samples(&tool_calculator, large, COUNT(large));
}

static void
test_failures(void **state)
{
	call_samples(&tool_calculator, failures, COUNT(failures));
}

static void
test_invalid_params(void **state)
{
	call_samples(&tool_calculator, invalid, COUNT(invalid));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_arithmetic),
	    cmocka_unit_test(test_large_numbers),
	    cmocka_unit_test(test_failures),
	    cmocka_unit_test(test_invalid_params),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
