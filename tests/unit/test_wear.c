/*
 * When an agent has served long enough.
 */

#include "test.h"

#include <string.h>

#include "agent/agent.h"
#include "conf/conf.h"

/* How many calls an agent runs until it says so; it says it once. */
static int64_t
life(const struct conf *conf, char reason[static AGENT_REASON_SIZE])
{
	struct agent_wear wear;
	int64_t calls = 1;

	agent_wear_init(&wear, conf);
	while (!agent_wear_call(&wear, reason))
		if (++calls > 100000)
			return (-1);
	for (int i = 0; i < 1000; i++)
		assert_false(agent_wear_call(&wear, reason));
	return (calls);
}

static void
test_calls(void **state)
{
	static const struct {
		int64_t max, least;
	} cases[] = {{1, 1}, {2, 2}, {9, 9}, {10, 9}, {20, 18}, {1000, 900}};
	char reason[AGENT_REASON_SIZE];

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct conf conf = {.max_calls = cases[i].max};

		for (int n = 0; n < 50; n++)
			assert_in_range(
			    life(&conf, reason), cases[i].least, cases[i].max);
		assert_non_null(strstr(reason, "(max_calls)"));
	}
}

/* Of many that start together not all have the same limit. */
static void
test_jitter(void **state)
{
	struct conf conf = {.max_calls = 100000};
	int64_t least = INT64_MAX, most = 0;
	struct agent_wear wear;

	for (int n = 0; n < 100; n++) {
		agent_wear_init(&wear, &conf);
		assert_in_range(wear.max_calls, 90000, 100000);
		if (wear.max_calls < least)
			least = wear.max_calls;
		if (wear.max_calls > most)
			most = wear.max_calls;
	}
	assert_true(most - least > 5000);
}

static void
test_memory(void **state)
{
	struct conf small = {.max_rss_bytes = 1},
		    large = {.max_rss_bytes = INT64_C(1) << 40};
	char reason[AGENT_REASON_SIZE];

	assert_int_equal(life(&small, reason), 1);
	assert_non_null(strstr(reason, "KiB (max_rss)"));
	assert_int_equal(life(&large, reason), -1);
}

static void
test_no_limit(void **state)
{
	struct conf conf = {0};
	char reason[AGENT_REASON_SIZE];

	assert_int_equal(life(&conf, reason), -1);
}

/* That is said once, too, and nothing after it. */
static void
test_starved(void **state)
{
	struct conf conf = {.max_calls = 1};
	char reason[AGENT_REASON_SIZE];
	struct agent_wear wear;

	agent_wear_init(&wear, &conf);
	assert_true(agent_wear_starved(&wear, reason));
	assert_non_null(strstr(reason, "(agent_memory)"));
	assert_false(agent_wear_starved(&wear, reason));
	assert_false(agent_wear_call(&wear, reason));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_calls),
	    cmocka_unit_test(test_jitter),
	    cmocka_unit_test(test_memory),
	    cmocka_unit_test(test_no_limit),
	    cmocka_unit_test(test_starved),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
