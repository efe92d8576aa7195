/*
 * A pool that grows, shrinks and recycles, with slots that only note what is
 * asked of them and a clock that the test sets.  Each test goes on where the
 * one before it has left the pool.
 *
 * Wraps: clock_now_ns event_add
 */

#include "test.h"

#include "common/clock.h"
#include "conf/conf.h"
#include "master/pool.h"
#include "master/slot.h"
#include "pool_help.h"

#define MOST 25

/* A tenth of them. */
#define TENTH 2

static struct conf conf = {.agents = 2, .agents_max = MOST, .spawn_rate = 8};

static void
on_ready(void)
{
}

static unsigned int
count(enum agent_state state)
{
	unsigned int n = 0;

	for (unsigned int i = 0; i < pool_help_known; i++)
		n += pool_help_slots[i]->state == state;
	return (n);
}

static unsigned int
count_retired(void)
{
	unsigned int n = 0;

	for (unsigned int i = 0; i < pool_help_known; i++)
		n += pool_help_slots[i]->health == SLOT_RETIRED &&
		     pool_help_slots[i]->state != AGENT_EMPTY;
	return (n);
}

/* All that are in one state come into another, and the pool looks. */
static void
all_become(enum agent_state from, enum agent_state to)
{
	for (unsigned int i = 0; i < pool_help_known; i++)
		if (pool_help_slots[i]->state == from)
			pool_help_become(i + 1, to);
	pool_help_pass(0);
}

/* The first in that state. */
static struct slot *
first(enum agent_state state)
{
	for (unsigned int i = 0; i < pool_help_known; i++)
		if (pool_help_slots[i]->state == state)
			return (pool_help_slots[i]);
	fail_msg("there is none");
	return (NULL);
}

static void
test_growth(void **state)
{
	static const unsigned int starts[] = {1, 2, 4, 8, 8};
	unsigned int agents = 2;

	pool_init(on_ready);
	pool_configure(&conf);
	pool_help_expect("ss");
	all_become(AGENT_STARTING, AGENT_READY);
	assert_int_equal(pool_help_timer_ms, -1);
	pool_wish(UINT32_MAX, 0, 0);
	for (size_t i = 0; i < sizeof(starts) / sizeof(starts[0]); i++) {
		pool_help_pass(0);
		agents += starts[i];
		assert_int_equal(count(AGENT_STARTING), starts[i]);
		assert_int_equal(pool_size(), agents);
		all_become(AGENT_STARTING, AGENT_READY);
		if (agents == MOST)
			break;
		assert_in_range(pool_help_timer_ms, 1, 1001);
		pool_help_pass(
		    pool_help_timer_ms / 2); /* not before its time */
		assert_int_equal(count(AGENT_STARTING), 0);
		pool_help_now_ns += (pool_help_timer_ms + 1) * NS_PER_MS;
	}
	assert_int_equal(count(AGENT_READY), MOST);
	assert_int_equal(pool_help_timer_ms, -1);
}

/* One that dies is replaced at once, whatever the rate. */
static void
test_replacement(void **state)
{
	pool_help_become(5, AGENT_EMPTY);
	pool_help_become(6, AGENT_EMPTY);
	pool_help_become(7, AGENT_EMPTY);
	pool_help_pass(0);
	assert_int_equal(count(AGENT_STARTING), 3);
	all_become(AGENT_STARTING, AGENT_READY);
	assert_int_equal(count(AGENT_READY), MOST);
}

static void
test_shrinking(void **state)
{
	/* That none is named means that none has to go. */
	pool_wish(3, 0, 0);
	pool_help_pass(0);
	assert_int_equal(count(AGENT_READY), MOST);
	pool_wish(MOST - 1, 3, pool_help_slots[2]->generation);
	pool_help_pass(0);
	assert_int_equal(pool_help_slots[2]->state, AGENT_DRAINING);
	/* It is not the one that is meant any more: another goes. */
	pool_wish(MOST - 2, 4, pool_help_slots[3]->generation + 1);
	pool_help_pass(0);
	assert_int_equal(pool_help_slots[3]->state, AGENT_READY);
	assert_int_equal(pool_help_slots[MOST - 1]->state, AGENT_DRAINING);
	/* Never fewer than the configuration has. */
	pool_wish(0, 5, pool_help_slots[4]->generation);
	pool_help_pass(0);
	assert_int_equal(pool_help_slots[4]->state, AGENT_DRAINING);
	assert_int_equal(count(AGENT_READY), 2);
	all_become(AGENT_DRAINING, AGENT_EMPTY);
	assert_int_equal(count(AGENT_READY), 2);
}

/* By signal or by an administrator, until the next reload. */
static void
test_fixed(void **state)
{
	pool_resize(MOST);
	pool_help_pass(0);
	assert_int_equal(count(AGENT_STARTING), MOST - 2);
	all_become(AGENT_STARTING, AGENT_READY);
	pool_wish(3, 1, pool_help_slots[0]->generation);
	pool_help_pass(0);
	assert_int_equal(count(AGENT_READY), MOST);
	pool_configure(&conf);
	pool_wish(MOST, 0, 0);
	pool_help_pass(0);
	assert_int_equal(count(AGENT_READY), MOST);
}

static void
wear_all(void)
{
	for (unsigned int i = 0; i < pool_help_known; i++)
		if (pool_help_slots[i]->state == AGENT_READY)
			pool_help_slots[i]->health = SLOT_WORN;
	pool_help_pass(0);
}

static void
test_tenth(void **state)
{
	unsigned int left = MOST;

	wear_all();
	while (left > 0) {
		unsigned int batch = left < TENTH ? left : TENTH;

		/* The replacements first, and all others serve. */
		assert_int_equal(count_retired(), batch);
		assert_int_equal(count(AGENT_STARTING), batch);
		assert_int_equal(count(AGENT_READY), MOST);
		all_become(AGENT_STARTING, AGENT_READY);
		/* They finish their calls; no others go meanwhile. */
		assert_int_equal(count(AGENT_DRAINING), batch);
		assert_int_equal(count(AGENT_READY), MOST);
		assert_int_equal(count_retired(), batch);
		all_become(AGENT_DRAINING, AGENT_EMPTY);
		left -= batch;
	}
	assert_int_equal(count_retired(), 0);
	assert_int_equal(count(AGENT_READY), MOST);
}

/* Those go first that live longest. */
static void
test_order(void **state)
{
	struct slot *oldest = first(AGENT_READY);

	for (unsigned int i = 0; i < pool_help_known; i++)
		if (pool_help_slots[i]->state == AGENT_READY &&
		    pool_help_slots[i]->spawned_ns < oldest->spawned_ns)
			oldest = pool_help_slots[i];
	wear_all();
	assert_int_equal(oldest->health, SLOT_RETIRED);
	for (unsigned int i = 0; i < pool_help_known; i++)
		if (pool_help_slots[i]->health != SLOT_RETIRED)
			pool_help_slots[i]->health = SLOT_WORKED;
	all_become(AGENT_STARTING, AGENT_READY);
	assert_int_equal(oldest->state, AGENT_DRAINING);
	all_become(AGENT_DRAINING, AGENT_EMPTY);
	assert_int_equal(count(AGENT_READY), MOST);
}

/* When no replacement starts, the worn one stays. */
static void
test_no_replacement(void **state)
{
	struct slot *worn = first(AGENT_READY), *other;

	worn->health = SLOT_WORN;
	pool_help_pass(0);
	other = first(AGENT_STARTING);
	pool_help_become(other->number, AGENT_BACKOFF);
	pool_help_pass(0);
	assert_int_equal(worn->state, AGENT_READY);
	pool_help_become(other->number, AGENT_EMPTY); /* the next try */
	pool_help_pass(0);
	pool_help_become(other->number, AGENT_READY);
	pool_help_pass(0);
	assert_int_equal(worn->state, AGENT_DRAINING);
	all_become(AGENT_DRAINING, AGENT_EMPTY);
	assert_int_equal(count(AGENT_READY), MOST);
}

/* One that dies while it is replaced needs no other. */
static void
test_death(void **state)
{
	struct slot *worn = first(AGENT_READY);

	worn->health = SLOT_WORN;
	pool_help_pass(0);
	pool_help_become(worn->number, AGENT_KILLED);
	pool_help_pass(0);
	pool_help_become(worn->number, AGENT_EMPTY);
	pool_help_pass(0);
	assert_int_equal(count(AGENT_STARTING), 1);
	all_become(AGENT_STARTING, AGENT_READY);
	assert_int_equal(count(AGENT_READY), MOST);
	assert_int_equal(count(AGENT_DRAINING), 0);
}

static void
test_age(void **state)
{
	struct slot *a = first(AGENT_READY);

	a->expires_ns = pool_help_now_ns + 5 * NS_PER_SEC;
	pool_help_pass(0);
	assert_int_equal(pool_help_timer_ms, 5001);
	pool_help_pass(4999);
	assert_true(a->health < SLOT_WORN);
	assert_in_range(pool_help_timer_ms, 1, 2);
	pool_help_pass(pool_help_timer_ms);
	assert_int_equal(a->health, SLOT_RETIRED);
	assert_int_equal(pool_help_timer_ms, -1);
	all_become(AGENT_STARTING, AGENT_READY);
	assert_int_equal(a->state, AGENT_DRAINING);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_growth),
	    cmocka_unit_test(test_replacement),
	    cmocka_unit_test(test_shrinking),
	    cmocka_unit_test(test_fixed),
	    cmocka_unit_test(test_tenth),
	    cmocka_unit_test(test_order),
	    cmocka_unit_test(test_no_replacement),
	    cmocka_unit_test(test_death),
	    cmocka_unit_test(test_age),
	};

	return (cmocka_run_group_tests(tests, pool_help_set_up, NULL));
}
