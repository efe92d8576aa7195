/*
 * The queue: the order in which calls go as they age, limits of tools, and
 * that nothing gets slow when there is much in it.
 */

#include "test.h"

#include <stdlib.h>
#include <string.h>

#include "common/clock.h"
#include "conf/conf.h"
#include "frontend/globals.h"
#include "frontend/router/call.h"
#include "frontend/router/queue.h"
#include "frontend/router/tool.h"

#define AGEING_MS 2000

static struct conf conf;
static struct tool_info tools[3];

static int
set_up(void **state)
{
	conf.priority_ageing_ms = AGEING_MS;
	frontend.conf = &conf;
	for (size_t i = 0; i < COUNT(tools); i++) {
		tools[i].policy.max_concurrent = 0;
		tools[i].running = 0;
		tools[i].removed = false;
	}
	assert_int_equal(queue_count(), 0);
	return (0);
}

static void
init(struct call *call, int tool, int priority, int64_t at_ms)
{
	*call = (struct call){.tool = &tools[tool],
	    .priority = priority,
	    .accepted_ns = at_ms * NS_PER_MS};
}

static struct call *
first(void)
{
	struct queue_cursor at;

	return (queue_first(&at));
}

/* Takes all that is allowed to go, and says it by the letters of names. */
static void
drain(const struct call *calls, const char *names, char *order)
{
	struct call *call;

	while ((call = first()) != NULL) {
		*order++ = names[call - calls];
		queue_remove(call);
	}
	*order = '\0';
}

#define CALLS_MAX 8

struct given {
	char name;
	int tool, priority;
	int64_t at_ms;
};

static const struct {
	int64_t ageing_ms;
	const char *order;
	struct given calls[CALLS_MAX];
} orders[] = {
    /* First come, first served. */
    {AGEING_MS, "ABC", {{'A', 0, 3, 0}, {'B', 1, 3, 1}, {'C', 0, 3, 2}}},
    /* In the same instant, in the order in which they were added. */
    {AGEING_MS, "ABC", {{'A', 1, 3, 0}, {'B', 0, 3, 0}, {'C', 1, 3, 0}}},
    /* By priority, whatever tool. */
    {AGEING_MS, "EDCBA",
	{{'A', 0, 5, 0}, {'B', 1, 4, 1}, {'C', 0, 3, 2}, {'D', 2, 2, 3},
	    {'E', 1, 1, 4}}},
    /* A level for 2 seconds: behind what came before that, before the rest. */
    {AGEING_MS, "BAC", {{'A', 0, 2, 0}, {'B', 0, 1, 1999}, {'C', 0, 1, 2001}}},
    {AGEING_MS, "AB", {{'A', 0, 2, 0}, {'B', 0, 1, 2000}}},
    {AGEING_MS, "BAC", {{'A', 0, 5, 0}, {'B', 1, 1, 7999}, {'C', 1, 1, 8001}}},
    {AGEING_MS, "BAC", {{'A', 0, 5, 0}, {'B', 1, 3, 3999}, {'C', 1, 3, 4001}}},
    /* Of calls that are not of priority 1 too. */
    {AGEING_MS, "ABDC",
	{{'A', 0, 3, 0}, {'B', 0, 2, 2500}, {'C', 0, 4, 900},
	    {'D', 0, 3, 2600}}},
    {1, "BAC", {{'A', 0, 5, 10}, {'B', 0, 1, 13}, {'C', 0, 1, 15}}},
    /* Never. */
    {0, "DCAB",
	{{'A', 0, 5, 0}, {'B', 0, 5, 1}, {'C', 1, 2, 86400000},
	    {'D', 0, 1, 86400001}}},
};

static void
queue_order(void **state)
{
	struct call calls[CALLS_MAX];
	char names[CALLS_MAX + 1] = "", order[CALLS_MAX + 1];

	for (size_t i = 0; i < COUNT(orders); i++) {
		const struct given *g = orders[i].calls;

		conf.priority_ageing_ms = orders[i].ageing_ms;
		for (size_t j = 0; j < CALLS_MAX && g[j].name != '\0'; j++) {
			init(&calls[j], g[j].tool, g[j].priority, g[j].at_ms);
			names[j] = g[j].name;
			queue_add(&calls[j]);
		}
		drain(calls, names, order);
		assert_string_equal(order, orders[i].order);
		assert_int_equal(queue_count(), 0);
	}
}

/* One call of priority 5 under a flood of 1: how many go before it. */
static void
queue_flood(void **state)
{
	enum { EVERY_MS = 10, WAITING = 100 };
	static struct call flood[WAITING];
	struct call low, *call;
	int64_t now_ms = 0;
	int before = 0;

	init(&low, 0, 5, 0);
	for (size_t i = 0; i < WAITING; i++) {
		init(&flood[i], 1, 1, now_ms);
		queue_add(&flood[i]);
	}
	queue_add(&low);
	while ((call = first()) != &low) {
		queue_remove(call);
		now_ms += EVERY_MS;
		init(call, 1, 1, now_ms);
		queue_add(call);
		before++;
		assert_true(before < 10000);
	}
	/* What waited, and what came in 4 levels' time. */
	assert_in_range(before, 799, 801 + WAITING);
	queue_remove(&low);
	while ((call = first()) != NULL)
		queue_remove(call);
}

/* What comes back has the place that it had, whatever was set meanwhile. */
static void
queue_comes_back(void **state)
{
	struct call calls[4];
	char order[5];

	for (int i = 0; i < 3; i++) {
		init(&calls[i], 0, 3, i);
		queue_add(&calls[i]);
	}
	init(&calls[3], 0, 1, 100);
	queue_remove(&calls[0]);
	queue_remove(&calls[1]);
	conf.priority_ageing_ms = 1;
	queue_add(&calls[3]);
	queue_add(&calls[1]);
	queue_add(&calls[0]);
	drain(calls, "ABCD", order);
	assert_string_equal(order, "DABC");
}

/* A tool at its limit is passed over, and is back in its place after that. */
static void
queue_limit(void **state)
{
	struct call calls[4];
	char order[5];

	tools[0].policy.max_concurrent = 1;
	for (int i = 0; i < 4; i++) {
		init(&calls[i], i / 2, i % 2 == 0 ? 1 : 3, i);
		queue_add(&calls[i]);
	}
	tools[0].running = 1;
	queue_check(&tools[0]);
	assert_ptr_equal(first(), &calls[2]);
	queue_remove(&calls[0]); /* cancelled while held */
	tools[0].running = 0;
	queue_check(&tools[0]);
	queue_check(&tools[0]);
	drain(calls, "ABCD", order);
	assert_string_equal(order, "CBD");
}

/* What is added to a tool at its limit is held as well. */
static void
queue_limit_add(void **state)
{
	struct call call;

	tools[0].policy.max_concurrent = 2;
	tools[0].running = 2;
	init(&call, 0, 1, 0);
	queue_add(&call);
	assert_null(first());
	assert_int_equal(queue_count(), 1);
	assert_int_equal(queue_count_tool(&tools[0]), 1);
	assert_int_equal(queue_count_priority(1), 0);
	tools[0].policy.max_concurrent = 0; /* by a reload */
	queue_check(&tools[0]);
	assert_int_equal(queue_count_priority(1), 1);
	assert_ptr_equal(first(), &call);
	queue_remove(&call);
	assert_int_equal(queue_count_tool(&tools[0]), 0);
	assert_int_equal(queue_count_priority(1), 0);
}

static void
queue_cursor(void **state)
{
	struct call calls[5];
	struct queue_cursor at;

	init(&calls[0], 0, 1, 0);
	init(&calls[1], 1, 3, 1);
	init(&calls[2], 1, 1, 9000);
	init(&calls[3], 2, 3, 9000);
	init(&calls[4], 2, 3, 9001); /* no head */
	for (size_t i = 0; i < COUNT(calls); i++)
		queue_add(&calls[i]);
	assert_ptr_equal(queue_first(&at), &calls[0]);
	for (int i = 1; i < 4; i++)
		assert_ptr_equal(queue_next(&at), &calls[i]);
	assert_null(queue_next(&at));
	assert_null(queue_next(&at));
	assert_ptr_equal(queue_first(&at), &calls[0]);
	assert_ptr_equal(queue_next(&at), &calls[1]);
	assert_ptr_equal(queue_next_urgent(&at), &calls[2]);
	assert_null(queue_next(&at));
	assert_null(queue_next_urgent(&at));
	queue_first(&at);
	assert_ptr_equal(queue_next_urgent(&at), &calls[2]);
	assert_null(queue_next_urgent(&at));
	assert_null(queue_next(&at));
	for (size_t i = 0; i < COUNT(calls); i++)
		queue_remove(&calls[i]);
}

/* Whatever is held or not. */
static void
queue_orphans(void **state)
{
	struct call calls[3];

	for (int i = 0; i < 3; i++) {
		init(&calls[i], i, i + 1, 0);
		queue_add(&calls[i]);
	}
	assert_null(queue_orphan());
	for (int i = 0; i < 3; i++) {
		tools[i].removed = true;
		tools[i].policy.max_concurrent = tools[i].running = i == 1;
		queue_check(&tools[i]);
		assert_ptr_equal(queue_orphan(), &calls[i]);
		queue_remove(&calls[i]);
		assert_null(queue_orphan());
	}
}

/* All counters are as the list says. */
static void
check_counts(const struct call *calls, const bool *waits, size_t n)
{
	size_t all = 0, of[QUEUE_PRIORITIES + 1] = {0};

	for (size_t i = 0; i < n; i++) {
		all += waits[i];
		if (waits[i] && !tool_is_full(calls[i].tool))
			of[calls[i].priority]++;
	}
	assert_int_equal(queue_count(), all);
	for (int p = 1; p <= QUEUE_PRIORITIES; p++)
		assert_int_equal(queue_count_priority(p), of[p]);
}

/* Against a plain list, at random. */
static void
queue_random(void **state)
{
	enum { CALLS = 300, STEPS = 20000 };
	static struct call calls[CALLS];
	static bool waits[CALLS];
	struct call *best, *call;
	unsigned int seed = 1;

	for (int step = 0; step < STEPS; step++) {
		size_t i = (size_t)rand_r(&seed) % CALLS;
		struct tool_info *tool = &tools[rand_r(&seed) % 3];

		if (waits[i])
			queue_remove(&calls[i]);
		else
			init(&calls[i], rand_r(&seed) % 3,
			    rand_r(&seed) % 5 + 1, step);
		if ((waits[i] = !waits[i]))
			queue_add(&calls[i]);
		tool->policy.max_concurrent = 1;
		tool->running = rand_r(&seed) % 2 != 0;
		queue_check(tool);
		best = NULL;
		for (call = calls; call < calls + CALLS; call++)
			if (waits[call - calls] && !call->tool->running &&
			    (best == NULL || call->place_ns < best->place_ns ||
				(call->place_ns == best->place_ns &&
				    call->sequence < best->sequence)))
				best = call;
		assert_ptr_equal(first(), best);
		check_counts(calls, waits, CALLS);
	}
	for (size_t i = 0; i < CALLS; i++)
		if (waits[i])
			queue_remove(&calls[i]);
}

/* No path from a root is longer than twice the logarithm. */
static size_t
depth(const struct call *call)
{
	size_t left, right;

	if (call == NULL)
		return (0);
	left = depth(RB_LEFT(call, place_entry));
	right = depth(RB_RIGHT(call, place_entry));
	return (1 + (left > right ? left : right));
}

static void
queue_large(void **state)
{
	enum { CALLS = 100000 };
	struct call *calls = calloc(CALLS, sizeof(*calls)), *call;
	int64_t before = INT64_MIN;

	assert_non_null(calls);
	for (int i = 0; i < CALLS; i++) {
		init(&calls[i], 0, i % 2 == 0 ? 3 : 1, i);
		queue_add(&calls[i]);
	}
	assert_int_equal(queue_count(), CALLS);
	assert_in_range(depth(RB_ROOT(&tools[0].lanes[2].calls)), 16, 34);
	while ((call = first()) != NULL) {
		assert_true(call->place_ns >= before);
		before = call->place_ns;
		queue_remove(call);
	}
	free(calls);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup(queue_order, set_up),
	    cmocka_unit_test_setup(queue_flood, set_up),
	    cmocka_unit_test_setup(queue_comes_back, set_up),
	    cmocka_unit_test_setup(queue_limit, set_up),
	    cmocka_unit_test_setup(queue_limit_add, set_up),
	    cmocka_unit_test_setup(queue_cursor, set_up),
	    cmocka_unit_test_setup(queue_orphans, set_up),
	    cmocka_unit_test_setup(queue_random, set_up),
	    cmocka_unit_test_setup(queue_large, set_up),
	};

	return (cmocka_run_group_tests_name("queue", tests, NULL, NULL));
}
