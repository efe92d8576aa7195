/*
 * The pauses of a slot: when a start counts as failed, how long the next one
 * waits, and what ends the waiting.
 *
 * Wraps: kill clock_now_ns event_add event_del event_pending spawn_child
 */

#include "test.h"

#include <signal.h>
#include <unistd.h>

#include "common/clock.h"
#include "master/slot.h"
#include "slot_help.h"

#define CRASH SIGSEGV /* a wait status */

/* Milliseconds that it waits after each of so many failures. */
static const int64_t pauses[] = {
    100, 200, 400, 800, 1600, 3200, 6400, 12800, 25600, 30000, 30000, 30000};

static void
check_pauses(void (*go_wrong)(void))
{
	for (size_t i = 0; i < COUNT(pauses); i++) {
		go_wrong();
		assert_int_equal(slot_help_slot->state, AGENT_BACKOFF);
		assert_int_equal(slot_help_slot->failures, i + 1);
		assert_int_equal(slot_help_slot->generation, i + 1);
		assert_int_equal(slot_help_armed_ms, pauses[i]);
		slot_help_fire();
		assert_int_equal(slot_help_slot->state, AGENT_EMPTY);
		assert_int_equal(slot_help_armed_ms, -1);
	}
}

static void
fail_to_fork(void)
{
	slot_help_no_fork = true;
	slot_spawn(slot_help_slot);
	assert_int_equal(slot_help_slot->pid, -1);
	slot_help_no_fork = false;
}

static void
fail_to_start(void)
{
	slot_spawn(slot_help_slot);
	slot_help_die(1 << 8);
}

/* However long it took: one that never became ready has not started. */
static void
hang_at_start(void)
{
	slot_spawn(slot_help_slot);
	slot_help_now_ns += 60 * NS_PER_SEC;
	slot_help_fire();
	slot_help_die(SIGKILL);
}

static void
fail_at_once(void)
{
	slot_spawn(slot_help_slot);
	slot_help_say(STATUS_READY, slot_help_slot->generation);
	slot_help_die(CRASH);
}

static void
test_pauses_when_fork_fails(void **state)
{
	check_pauses(fail_to_fork);
	assert_int_equal(slot_help_slot->restarts, 0);
}

static void
test_pauses_when_it_does_not_start(void **state)
{
	check_pauses(fail_to_start);
	assert_int_equal(slot_help_slot->restarts, COUNT(pauses));
}

static void
test_pauses_when_it_hangs_at_start(void **state)
{
	check_pauses(hang_at_start);
}

static void
test_pauses_when_it_dies_at_once(void **state)
{
	check_pauses(fail_at_once);
}

/* tear_down sees that those which were made are closed. */
static void
test_no_descriptors(void **state)
{
	for (unsigned int at = 1; at <= 2; at++) {
		slot_help_no_pipe_at = at;
		slot_spawn(slot_help_slot);
		slot_help_expect("backoff");
		assert_int_equal(slot_help_slot->failures, at);
		slot_help_fire();
		slot_help_expect("empty");
	}
}

/* What makes a start a good one. */
static void
test_good_start(void **state)
{
	fail_to_start();
	slot_help_fire();
	slot_spawn(slot_help_slot);
	slot_help_say(STATUS_READY, 2);
	slot_help_say(STATUS_WORKED, 2);
	slot_help_die(CRASH);
	assert_int_equal(slot_help_slot->state, AGENT_EMPTY);
	assert_int_equal(slot_help_slot->failures, 0);
	slot_spawn(slot_help_slot);
	slot_help_say(STATUS_READY, 3);
	slot_help_now_ns += 10 * NS_PER_SEC;
	slot_help_die(CRASH);
	assert_int_equal(slot_help_slot->state, AGENT_EMPTY);
	slot_spawn(slot_help_slot);
	slot_help_say(STATUS_READY, 4);
	slot_help_frontend = false;
	slot_help_die(0); /* for it had no front end */
	assert_int_equal(slot_help_slot->state, AGENT_EMPTY);
	assert_int_equal(slot_help_slot->failures, 0);
}

/* An agent that is not wanted any more does not wait for its next try. */
static void
test_end_of_a_pause(void **state)
{
	for (int how = 0; how < 3; how++) {
		fail_to_start();
		slot_help_trace[0] = '\0';
		if (how == 0)
			slot_drain(slot_help_slot);
		else if (how == 1)
			slot_stop(slot_help_slot);
		else
			slot_kill(slot_help_slot, "shutdown");
		slot_help_expect("empty");
		assert_int_equal(slot_help_armed_ms, -1);
	}
}

#define TEST(name)                       \
	cmocka_unit_test_setup_teardown( \
	    name, slot_help_set_up, slot_help_tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(test_pauses_when_fork_fails),
	    TEST(test_pauses_when_it_does_not_start),
	    TEST(test_pauses_when_it_hangs_at_start),
	    TEST(test_pauses_when_it_dies_at_once),
	    TEST(test_no_descriptors),
	    TEST(test_good_start),
	    TEST(test_end_of_a_pause),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
