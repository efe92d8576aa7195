/*
 * An agent that has served long enough, as its slot sees it: who says so, when
 * its age does, and that its end is no failure.
 *
 * Wraps: kill clock_now_ns event_add event_del event_pending spawn_child
 */

#include "test.h"

#include <signal.h>

#include "common/clock.h"
#include "conf/conf.h"
#include "master/globals.h"
#include "slot_help.h"

/* It says so itself; nothing else happens by that alone. */
static void
test_said(void **state)
{
	slot_spawn(slot_help_slot);
	slot_help_say(STATUS_RECYCLE, 1); /* it has not even begun */
	assert_true(slot_help_slot->health < SLOT_WORN);
	slot_help_say(STATUS_READY, 1);
	slot_help_say(STATUS_WORKED, 1);
	slot_help_say(STATUS_RECYCLE, 1);
	assert_int_equal(slot_help_slot->health, SLOT_WORN);
	assert_int_not_equal(slot_help_slot->health, SLOT_RETIRED);
	slot_help_expect("starting ready UP");
	slot_drain(slot_help_slot);
	slot_help_expect("draining");
}

/* What the pool does with it, and what is counted. */
static void
test_recycled(void **state)
{
	slot_help_make_ready();
	slot_help_say(STATUS_RECYCLE, slot_help_slot->generation);
	slot_retire(slot_help_slot);
	slot_drain(slot_help_slot);
	slot_stop(slot_help_slot);
	slot_help_die(0);
	slot_help_expect("draining TERM stopping killed empty");
	assert_int_equal(slot_help_slot->recycled, 1);
	assert_int_equal(slot_help_slot->restarts, 0);
	assert_int_equal(slot_help_slot->failures, 0);
	slot_spawn(slot_help_slot);
	assert_true(slot_help_slot->health < SLOT_WORN);
	assert_int_not_equal(slot_help_slot->health, SLOT_RETIRED);
}

/* One that takes too long to stop is replaced for its wear all the same. */
static void
test_recycled_by_force(void **state)
{
	slot_help_make_ready();
	slot_help_say(STATUS_RECYCLE, slot_help_slot->generation);
	slot_retire(slot_help_slot);
	slot_drain(slot_help_slot);
	slot_stop(slot_help_slot);
	slot_kill(slot_help_slot, "did not stop when told to");
	slot_help_die(SIGKILL);
	assert_int_equal(slot_help_slot->recycled, 1);
	assert_int_equal(slot_help_slot->restarts, 0);
}

/* One that dies before its turn, or was not worn, is not counted so. */
static void
test_not_recycled(void **state)
{
	slot_help_make_ready();
	slot_help_say(STATUS_WORKED, slot_help_slot->generation);
	slot_help_say(STATUS_RECYCLE, slot_help_slot->generation);
	slot_retire(slot_help_slot);
	slot_help_die(SIGSEGV);
	assert_int_equal(slot_help_slot->recycled, 0);
	assert_int_equal(slot_help_slot->restarts, 1);
	slot_help_trace[0] = '\0';
	slot_help_make_ready();
	slot_retire(slot_help_slot);
	slot_drain(slot_help_slot);
	slot_kill(slot_help_slot, "timeout");
	slot_help_die(SIGKILL);
	assert_int_equal(slot_help_slot->recycled, 0);
}

/* Up to a tenth earlier than max_age, each at its own time. */
static void
test_age(void **state)
{
	int64_t least = INT64_MAX, most = 0, age;

	slot_spawn(slot_help_slot);
	assert_int_equal(slot_help_slot->expires_ns, 0);
	slot_help_say(STATUS_READY, slot_help_slot->generation);
	slot_help_say(STATUS_WORKED, slot_help_slot->generation);
	slot_help_die(0);
	master.conf->max_age_ms = 100000;
	for (int i = 0; i < 100; i++) {
		slot_spawn(slot_help_slot);
		age = slot_help_slot->expires_ns - slot_help_now_ns;
		assert_in_range(age, 90000 * NS_PER_MS, 100000 * NS_PER_MS);
		if (age < least)
			least = age;
		if (age > most)
			most = age;
		slot_help_say(STATUS_READY, slot_help_slot->generation);
		slot_help_say(STATUS_WORKED, slot_help_slot->generation);
		slot_help_die(0);
	}
	master.conf->max_age_ms = 0;
	assert_true(most - least > 5000 * NS_PER_MS);
	slot_help_trace[0] = '\0';
}

#define WORN_TEST(function)              \
	cmocka_unit_test_setup_teardown( \
	    function, slot_help_set_up, slot_help_tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    WORN_TEST(test_said),
	    WORN_TEST(test_recycled),
	    WORN_TEST(test_recycled_by_force),
	    WORN_TEST(test_not_recycled),
	    WORN_TEST(test_age),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
