/*
 * An agent that has served long enough, as its slot sees it: who says so, when
 * its age does, and that its end is no failure.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <signal.h>

#include "common/clock.h"
#include "common/conf.h"
#include "master/master.h"
#include "slot_help.h"

/* It says so itself; nothing else happens by that alone. */
static void
test_said(void **state)
{
	slot_spawn(&help_slot);
	help_say(STATUS_WORN, 1); /* it has not even begun */
	assert_false(help_slot.worn);
	help_say(STATUS_READY, 1);
	help_say(STATUS_WORKED, 1);
	help_say(STATUS_WORN, 1);
	assert_true(help_slot.worn);
	assert_false(help_slot.retired);
	help_expect("starting ready UP");
	slot_drain(&help_slot);
	help_expect("draining");
}

/* What the pool does with it, and what is counted. */
static void
test_recycled(void **state)
{
	help_make_ready();
	help_say(STATUS_WORN, help_slot.generation);
	help_slot.retired = true;
	slot_drain(&help_slot);
	slot_stop(&help_slot);
	help_die(0);
	help_expect("draining TERM stopping killed empty");
	assert_int_equal(help_slot.recycled, 1);
	assert_int_equal(help_slot.restarts, 0);
	assert_int_equal(help_slot.failures, 0);
	slot_spawn(&help_slot);
	assert_false(help_slot.worn);
	assert_false(help_slot.retired);
}

/* One that dies before its turn, or is killed, is not counted so. */
static void
test_not_recycled(void **state)
{
	help_make_ready();
	help_say(STATUS_WORKED, help_slot.generation);
	help_say(STATUS_WORN, help_slot.generation);
	help_slot.retired = true;
	help_die(SIGSEGV);
	assert_int_equal(help_slot.recycled, 0);
	assert_int_equal(help_slot.restarts, 1);
	help_trace[0] = '\0';
	help_make_ready();
	help_slot.retired = true;
	slot_drain(&help_slot);
	slot_kill(&help_slot, "timeout");
	help_die(SIGKILL);
	assert_int_equal(help_slot.recycled, 0);
}

/* Up to a tenth earlier than max_age, each at its own time. */
static void
test_age(void **state)
{
	int64_t least = INT64_MAX, most = 0, age;

	slot_spawn(&help_slot);
	assert_int_equal(help_slot.expires_ns, 0);
	help_say(STATUS_READY, help_slot.generation);
	help_say(STATUS_WORKED, help_slot.generation);
	help_die(0);
	master.conf->max_age_ms = 100000;
	for (int i = 0; i < 100; i++) {
		slot_spawn(&help_slot);
		age = help_slot.expires_ns - help_now_ns;
		assert_in_range(age, 90000 * NS_PER_MS, 100000 * NS_PER_MS);
		if (age < least)
			least = age;
		if (age > most)
			most = age;
		help_say(STATUS_READY, help_slot.generation);
		help_say(STATUS_WORKED, help_slot.generation);
		help_die(0);
	}
	master.conf->max_age_ms = 0;
	assert_true(most - least > 5000 * NS_PER_MS);
	help_trace[0] = '\0';
}

#define WORN_TEST(function) \
	cmocka_unit_test_setup_teardown(function, help_set_up, help_tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    WORN_TEST(test_said),
	    WORN_TEST(test_recycled),
	    WORN_TEST(test_not_recycled),
	    WORN_TEST(test_age),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
