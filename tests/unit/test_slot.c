/*
 * The life of an agent as its slot tells it: starts, stops, and deaths in any
 * order of their parts.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <signal.h>
#include <unistd.h>

#include "master/slot.h"
#include "slot_help.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define START_MS 10000
#define SUSPECT_MS 100
#define AGAIN_MS 300
#define CRASH SIGSEGV /* a wait status */

static void
test_start(void **state)
{
	slot_spawn(&help_slot);
	help_expect("starting");
	assert_int_equal(help_slot.generation, 1);
	assert_int_equal(help_slot.config, HELP_CONFIG);
	assert_int_equal(help_slot.pid, HELP_PID);
	assert_int_equal(help_armed_ms, START_MS);
	help_say(STATUS_READY, 1);
	help_expect("ready UP");
	assert_int_equal(help_armed_ms, -1);
	assert_int_equal(help_slot.ends.socket_fd, -1);
	help_say(STATUS_READY, 1);
	help_expect("");
	help_say(STATUS_WORKED, 1);
	assert_true(help_slot.worked);
}

static void
test_start_takes_too_long(void **state)
{
	slot_spawn(&help_slot);
	help_fire();
	help_expect("starting KILL killed");
	help_say(STATUS_READY, 1); /* too late */
	help_expect("");
	help_die(SIGKILL);
	help_expect("backoff");
}

static void
test_front_end_comes_later(void **state)
{
	help_frontend = false;
	slot_spawn(&help_slot);
	help_say(STATUS_READY, 1);
	help_expect("starting ready");
	assert_int_not_equal(help_slot.ends.socket_fd, -1);
	help_frontend = true;
	slot_offer(&help_slot);
	help_expect("UP");
	slot_offer(&help_slot);
	help_expect("");
}

/* Then it is for the next front end. */
static void
test_socket_cannot_be_passed_on(void **state)
{
	help_refuses = true;
	slot_spawn(&help_slot);
	help_say(STATUS_READY, 1);
	help_expect("starting ready");
	help_refuses = false;
	slot_offer(&help_slot);
	help_expect("UP");
}

static void
test_what_it_says_of_itself(void **state)
{
	slot_spawn(&help_slot);
	help_say(STATUS_FAILED, 1);
	help_expect("starting no luck");
}

static void
test_drain(void **state)
{
	help_make_ready();
	slot_drain(&help_slot);
	help_expect("draining");
	assert_int_equal(help_armed_ms, -1);
	slot_stop(&help_slot);
	help_expect("TERM stopping");
	help_die(SIGTERM);
	help_expect("killed empty");
	assert_int_equal(help_slot.restarts, 0);
	assert_int_equal(help_gone, 1);
}

static void
test_drain_without_a_front_end(void **state)
{
	help_make_ready();
	help_frontend = false;
	slot_drain(&help_slot);
	help_expect("TERM stopping");
}

static void
test_stop(void **state)
{
	help_make_ready();
	slot_stop(&help_slot);
	slot_stop(&help_slot);
	help_expect("TERM stopping");
	assert_int_equal(help_armed_ms, HELP_STOP_MS);
	help_fire();
	help_expect("KILL killed");
	assert_true(!slot_active(&help_slot));
	slot_stop(&help_slot);
	slot_kill(&help_slot, "again");
	help_expect("");
	for (int i = 0; i < 3; i++) {
		assert_int_equal(help_armed_ms, AGAIN_MS);
		help_fire();
		help_expect("KILL");
		assert_true(help_slot.lingers);
	}
	help_die(SIGKILL);
	help_expect("empty");
}

/* Each part of a death is a letter; all orders of the three. */
static void
test_parts_of_a_death(void **state)
{
	static const char orders[][4] = {
	    "rso", "ros", "sro", "sor", "ors", "osr"};

	for (size_t i = 0; i < COUNT(orders); i++) {
		help_make_ready();
		help_say(STATUS_WORKED, help_slot.generation);
		for (const char *part = orders[i]; *part != '\0'; part++) {
			assert_int_not_equal(help_slot.state, AGENT_EMPTY);
			if (*part == 'r')
				help_reap(CRASH);
			else if (*part == 's')
				help_end_status();
			else
				help_end_output();
		}
		help_expect("killed empty");
		assert_int_equal(help_slot.restarts, i + 1);
		assert_int_equal(help_gone, i + 1);
		assert_int_equal(help_slot.failures, 0);
		assert_int_equal(help_armed_ms, -1);
	}
}

/* Something else has its pipes. */
static void
test_pipes_outlive_it(void **state)
{
	help_make_ready();
	help_say(STATUS_WORKED, 1);
	help_reap(CRASH);
	help_expect("killed");
	assert_int_equal(help_armed_ms, AGAIN_MS);
	help_fire();
	help_expect("empty");
	assert_int_equal(help_slot.ends.status_fd, -1);
	assert_null(help_slot.ends.output);
	help_end_status();
}

static void
test_suspect(void **state)
{
	help_make_ready();
	help_say(STATUS_WORKED, 1);
	help_end_status();
	help_expect("");
	assert_int_equal(help_armed_ms, SUSPECT_MS);
	help_fire();
	help_expect("KILL killed");
	slot_suspect(&help_slot);
	assert_int_equal(help_armed_ms, AGAIN_MS);
}

/* It cannot be told to finish: it is dying, or stopped reading. */
static void
test_drain_of_a_suspect(void **state)
{
	help_make_ready();
	slot_suspect(&help_slot);
	assert_int_equal(help_armed_ms, SUSPECT_MS);
	slot_drain(&help_slot);
	help_expect("TERM stopping");
}

static void
test_exit_without_a_front_end(void **state)
{
	help_make_ready();
	help_frontend = false;
	help_die(0);
	help_expect("killed empty");
	assert_int_equal(help_slot.restarts, 0);
	help_frontend = true;
	help_make_ready();
	help_say(STATUS_WORKED, 2);
	help_die(0);
	help_expect("killed empty");
	assert_int_equal(help_slot.restarts, 1);
}

static void
test_garbage_in_the_status_pipe(void **state)
{
	static const struct {
		enum status_kind kind;
		uint32_t generation;
	} cases[] = {{STATUS_KINDS, 1}, {STATUS_READY, 1}, {STATUS_READY, 4}};

	for (size_t i = 0; i < COUNT(cases); i++) {
		slot_spawn(&help_slot);
		help_say(cases[i].kind, cases[i].generation);
		help_expect("starting KILL killed");
		help_die(SIGKILL);
		help_expect("backoff");
		help_fire();
		help_expect("empty");
	}
}

static void
test_active(void **state)
{
	assert_false(slot_active(&help_slot));
	help_make_ready();
	assert_true(slot_active(&help_slot));
	slot_drain(&help_slot);
	assert_int_equal(help_slot.state, AGENT_DRAINING);
	assert_false(slot_active(&help_slot));
	help_die(0);
	assert_int_equal(help_slot.state, AGENT_EMPTY);
	assert_false(slot_active(&help_slot));
}

#define TEST(name) \
	cmocka_unit_test_setup_teardown(name, help_set_up, help_tear_down)

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
