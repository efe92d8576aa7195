/*
 * The life of an agent as its slot tells it: starts, stops, and deaths in any
 * order of their parts.
 *
 * Wraps: kill clock_now_ns event_add event_del event_pending spawn_child
 */

#include "test.h"

#include <signal.h>
#include <unistd.h>

#include "master/slot.h"
#include "slot_help.h"

#define START_MS 10000
#define SUSPECT_MS 100
#define AGAIN_MS 300
#define CRASH SIGSEGV /* a wait status */

static void
test_start(void **state)
{
	slot_spawn(slot_help_slot);
	slot_help_expect("starting");
	assert_int_equal(slot_help_slot->generation, 1);
	assert_int_equal(slot_help_slot->epoch, HELP_CONFIG);
	assert_int_equal(slot_help_slot->pid, HELP_PID);
	assert_int_equal(slot_help_armed_ms, START_MS);
	slot_help_say(STATUS_READY, 1);
	slot_help_expect("ready UP");
	assert_int_equal(slot_help_armed_ms, -1);
	assert_int_equal(slot_help_slot->ends.socket_fd, -1);
	slot_help_say(STATUS_READY, 1);
	slot_help_expect("");
	slot_help_say(STATUS_WORKED, 1);
	assert_true(slot_help_slot->health >= SLOT_WORKED);
}

static void
test_start_takes_too_long(void **state)
{
	slot_spawn(slot_help_slot);
	slot_help_fire();
	slot_help_expect("starting KILL killed");
	slot_help_say(STATUS_READY, 1); /* too late */
	slot_help_expect("");
	slot_help_die(SIGKILL);
	slot_help_expect("backoff");
}

static void
test_front_end_comes_later(void **state)
{
	slot_help_frontend = false;
	slot_spawn(slot_help_slot);
	slot_help_say(STATUS_READY, 1);
	slot_help_expect("starting ready");
	assert_int_not_equal(slot_help_slot->ends.socket_fd, -1);
	slot_help_frontend = true;
	slot_introduce(slot_help_slot);
	slot_help_expect("ready UP");
	slot_introduce(slot_help_slot);
	slot_help_expect("ready");
}

/* Then it is for the next front end. */
static void
test_socket_cannot_be_passed_on(void **state)
{
	slot_help_refuses = true;
	slot_spawn(slot_help_slot);
	slot_help_say(STATUS_READY, 1);
	slot_help_expect("starting ready");
	slot_help_refuses = false;
	slot_introduce(slot_help_slot);
	slot_help_expect("ready UP");
}

static void
test_what_it_says_of_itself(void **state)
{
	slot_spawn(slot_help_slot);
	slot_help_say(STATUS_FAILED, 1);
	slot_help_expect("starting no luck");
}

static void
test_drain(void **state)
{
	slot_help_make_ready();
	slot_drain(slot_help_slot);
	slot_help_expect("draining");
	assert_int_equal(slot_help_armed_ms, -1);
	slot_stop(slot_help_slot);
	slot_help_expect("TERM stopping");
	slot_help_die(SIGTERM);
	slot_help_expect("killed empty");
	assert_int_equal(slot_help_slot->restarts, 0);
	assert_int_equal(slot_help_gone, 1);
}

static void
test_drain_without_a_front_end(void **state)
{
	slot_help_make_ready();
	slot_help_frontend = false;
	slot_drain(slot_help_slot);
	slot_help_expect("TERM stopping");
}

static void
test_stop(void **state)
{
	slot_help_make_ready();
	slot_stop(slot_help_slot);
	slot_stop(slot_help_slot);
	slot_help_expect("TERM stopping");
	assert_int_equal(slot_help_armed_ms, HELP_STOP_MS);
	slot_help_fire();
	slot_help_expect("KILL killed");
	assert_true(!slot_active(slot_help_slot));
	slot_stop(slot_help_slot);
	slot_kill(slot_help_slot, "again");
	slot_help_expect("");
	for (int i = 0; i < 3; i++) {
		assert_int_equal(slot_help_armed_ms, AGAIN_MS);
		slot_help_fire();
		slot_help_expect("KILL");
		assert_int_equal(slot_help_slot->cause, SLOT_ASKED);
	}
	slot_help_die(SIGKILL);
	slot_help_expect("empty");
}

/* Each part of a death is a letter; all orders of the three. */
static void
test_parts_of_a_death(void **state)
{
	static const char orders[][4] = {
	    "rso", "ros", "sro", "sor", "ors", "osr"};

	for (size_t i = 0; i < COUNT(orders); i++) {
		slot_help_make_ready();
		slot_help_say(STATUS_WORKED, slot_help_slot->generation);
		for (const char *part = orders[i]; *part != '\0'; part++) {
			assert_int_not_equal(
			    slot_help_slot->state, AGENT_EMPTY);
			if (*part == 'r')
				slot_help_reap(CRASH);
			else if (*part == 's')
				slot_help_end_status();
			else
				slot_help_end_output();
		}
		slot_help_expect("killed empty");
		assert_int_equal(slot_help_slot->restarts, i + 1);
		assert_int_equal(slot_help_gone, i + 1);
		assert_int_equal(slot_help_slot->failures, 0);
		assert_int_equal(slot_help_armed_ms, -1);
	}
}

/* Something else has its pipes. */
static void
test_pipes_outlive_it(void **state)
{
	slot_help_make_ready();
	slot_help_say(STATUS_WORKED, 1);
	slot_help_reap(CRASH);
	slot_help_expect("killed");
	assert_int_equal(slot_help_armed_ms, AGAIN_MS);
	slot_help_fire();
	slot_help_expect("empty");
	assert_int_equal(slot_help_slot->ends.status_fd, -1);
	assert_null(slot_help_slot->ends.output);
	slot_help_end_status();
}

static void
test_suspect(void **state)
{
	slot_help_make_ready();
	slot_help_say(STATUS_WORKED, 1);
	slot_help_end_status();
	slot_help_expect("");
	assert_int_equal(slot_help_armed_ms, SUSPECT_MS);
	slot_help_fire();
	slot_help_expect("KILL killed");
	slot_suspect(slot_help_slot);
	assert_int_equal(slot_help_armed_ms, AGAIN_MS);
}

/* It cannot be told to finish: it is dying, or stopped reading. */
static void
test_drain_of_a_suspect(void **state)
{
	slot_help_make_ready();
	slot_suspect(slot_help_slot);
	assert_int_equal(slot_help_armed_ms, SUSPECT_MS);
	slot_drain(slot_help_slot);
	slot_help_expect("TERM stopping");
}

static void
test_exit_without_a_front_end(void **state)
{
	slot_help_make_ready();
	slot_help_frontend = false;
	slot_help_die(0);
	slot_help_expect("killed empty");
	assert_int_equal(slot_help_slot->restarts, 0);
	slot_help_frontend = true;
	slot_help_make_ready();
	slot_help_say(STATUS_WORKED, 2);
	slot_help_die(0);
	slot_help_expect("killed empty");
	assert_int_equal(slot_help_slot->restarts, 1);
}

static void
test_garbage_in_the_status_pipe(void **state)
{
	static const struct {
		enum status_kind kind;
		uint32_t generation;
	} cases[] = {{STATUS_KINDS, 1}, {STATUS_READY, 1}, {STATUS_READY, 4}};

	for (size_t i = 0; i < COUNT(cases); i++) {
		slot_spawn(slot_help_slot);
		slot_help_say(cases[i].kind, cases[i].generation);
		slot_help_expect("starting KILL killed");
		slot_help_die(SIGKILL);
		slot_help_expect("backoff");
		slot_help_fire();
		slot_help_expect("empty");
	}
}

static void
test_active(void **state)
{
	assert_false(slot_active(slot_help_slot));
	slot_help_make_ready();
	assert_true(slot_active(slot_help_slot));
	slot_drain(slot_help_slot);
	assert_int_equal(slot_help_slot->state, AGENT_DRAINING);
	assert_false(slot_active(slot_help_slot));
	slot_help_die(0);
	assert_int_equal(slot_help_slot->state, AGENT_EMPTY);
	assert_false(slot_active(slot_help_slot));
}

#define TEST(name)                       \
	cmocka_unit_test_setup_teardown( \
	    name, slot_help_set_up, slot_help_tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(test_start),
	    TEST(test_start_takes_too_long),
	    TEST(test_front_end_comes_later),
	    TEST(test_socket_cannot_be_passed_on),
	    TEST(test_what_it_says_of_itself),
	    TEST(test_drain),
	    TEST(test_drain_without_a_front_end),
	    TEST(test_stop),
	    TEST(test_parts_of_a_death),
	    TEST(test_pipes_outlive_it),
	    TEST(test_suspect),
	    TEST(test_drain_of_a_suspect),
	    TEST(test_exit_without_a_front_end),
	    TEST(test_garbage_in_the_status_pipe),
	    TEST(test_active),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
