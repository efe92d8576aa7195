/*
 * The pauses between attempts, the budget of retries, and what an answer says
 * of both.  What retries do to calls is in tests/e2e/test_retries.c.
 */

#include "test.h"

#include <string.h>

#include "common/clock.h"
#include "frontend/router/call.h"
#include "frontend/router/retry.h"

#define START (1000 * NS_PER_SEC)

static uint32_t asked;

static uint32_t
random_most(uint32_t below)
{
	asked = below;
	return (below - 1);
}

static uint32_t
random_least(uint32_t below)
{
	return (0);
}

static void
test_backoff(void **state)
{
	static const struct {
		unsigned int attempts;
		int64_t backoff_ms, max_ms, limit_ms;
	} cases[] = {
	    {1, 100, 10000, 100},
	    {2, 100, 10000, 200},
	    {3, 100, 10000, 400},
	    {7, 100, 10000, 6400},
	    {8, 100, 10000, 10000},
	    {9, 100, 10000, 10000},
	    {1000, 100, 10000, 10000},
	    {1, 500, 200, 200},
	    {11, 1, 3600000, 1024},
	    {100, 3600000, 3600000, 3600000},
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		retry_random = random_most;
		assert_int_equal(retry_delay_ns(cases[i].attempts,
				     cases[i].backoff_ms, cases[i].max_ms),
		    cases[i].limit_ms * NS_PER_MS);
		assert_int_equal(asked, cases[i].limit_ms * 1000 + 1);
		retry_random = random_least;
		assert_int_equal(retry_delay_ns(cases[i].attempts,
				     cases[i].backoff_ms, cases[i].max_ms),
		    0);
	}
}

/* The jitter is full: all of the range is used. */
static void
test_jitter(void **state)
{
	uint32_t (*real)(uint32_t) = retry_random;
	int parts[10] = {0};
	int64_t delay;

	assert_non_null(real);
	for (int i = 0; i < 10000; i++) {
		delay = retry_delay_ns(3, 100, 10000);
		assert_in_range(delay, 0, 400 * NS_PER_MS);
		parts[delay / (40 * NS_PER_MS + 1)]++;
	}
	for (size_t i = 0; i < COUNT(parts); i++)
		assert_in_range(parts[i], 700, 1300); /* ten sigma */
}

static void
calls(struct retry_budget *budget, int n, int64_t at_ns)
{
	for (int i = 0; i < n; i++)
		retry_budget_call(budget, START + at_ns);
}

/* As many as it allows. */
static int
retries(struct retry_budget *budget, int64_t percent, int64_t at_ns)
{
	int n = 0;

	while (retry_budget_allows(budget, percent, START + at_ns)) {
		retry_budget_retry(budget, START + at_ns);
		n++;
		assert_in_range(n, 0, 100000);
	}
	return (n);
}

static void
test_budget_share(void **state)
{
	static const struct {
		int calls;
		int64_t percent;
		int retries;
	} cases[] = {
	    {1000, 20, 200},
	    {1004, 20, 200},
	    {1005, 20, 201},
	    {1000, 100, 1000},
	    {100, 1000, 1000},
	    {1000, 0, 0},
	    {0, 20, RETRY_BUDGET_LEAST},
	    {50, 20, RETRY_BUDGET_LEAST},
	    {55, 20, 11},
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct retry_budget budget = {0};

		calls(&budget, cases[i].calls, 0);
		assert_int_equal(
		    retries(&budget, cases[i].percent, 0), cases[i].retries);
	}
}

/* Ten seconds later it is as if nothing had been. */
static void
test_budget_slides(void **state)
{
	struct retry_budget budget = {0};

	calls(&budget, 500, 0);
	calls(&budget, 500, 5 * NS_PER_SEC);
	assert_int_equal(retries(&budget, 20, 5 * NS_PER_SEC), 200);
	assert_int_equal(retries(&budget, 20, 10 * NS_PER_SEC - 1), 0);
	/* The first 500 calls have gone, the retries have not. */
	assert_int_equal(retries(&budget, 20, 10 * NS_PER_SEC), 0);
	calls(&budget, 510, 14 * NS_PER_SEC);
	assert_int_equal(retries(&budget, 20, 14 * NS_PER_SEC), 2);
	assert_int_equal(retries(&budget, 20, 15 * NS_PER_SEC), 100);
	assert_int_equal(
	    retries(&budget, 20, 60 * NS_PER_SEC), RETRY_BUDGET_LEAST);
}

static void
test_members(void **state)
{
	struct call call = {.work.started_ns = 5};
	char text[RETRY_TEXT_SIZE];

	assert_int_equal(retry_members(&call, text), 13);
	assert_string_equal(text, ",\"attempts\":1");
	call.work.started_ns = 0;
	retry_members(&call, text);
	assert_string_equal(text, ",\"attempts\":0");
	call.tries = 1;
	call.causes[0] = POLICY_CRASH;
	retry_members(&call, text);
	assert_string_equal(text, ",\"attempts\":1,\"causes\":[\"crash\"]");
	call.work.started_ns = 5;
	call.tries = 2;
	call.causes[1] = POLICY_HTTP_5XX;
	retry_members(&call, text);
	assert_string_equal(
	    text, ",\"attempts\":3,\"causes\":[\"crash\",\"http_5xx\"]");
	call.tries = POLICY_RETRIES_MAX;
	memset(call.causes, POLICY_HTTP_5XX, sizeof(call.causes));
	assert_in_range(retry_members(&call, text), 100, sizeof(text) - 1);
	assert_string_equal(text + strlen(text) - 3, "x\"]");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_jitter),
	    cmocka_unit_test(test_backoff),
	    cmocka_unit_test(test_budget_share),
	    cmocka_unit_test(test_budget_slides),
	    cmocka_unit_test(test_members),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
