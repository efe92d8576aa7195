/*
 * How many agents are kept and how they are replaced, with slots that only
 * note what is asked of them.  A pool lives as long as its process, so each
 * test goes on where the one before it has left three ready agents.
 *
 * Wraps: clock_now_ns event_add
 */

#include "test.h"

#include "master/pool.h"
#include "pool_help.h"

#define WANTED 3

static unsigned int readies;

static void
on_ready(void)
{
	readies++;
}

static void
test_start(void **state)
{
	pool_init(on_ready);
	pool_help_expect("");
	pool_resize(WANTED);
	pool_help_expect("sss");
	assert_int_equal(pool_size(), WANTED);
	pool_help_become(1, AGENT_READY);
	pool_help_become(3, AGENT_READY);
	pool_help_expect("rsr");
	assert_int_equal(readies, 0);
	assert_false(pool_was_ready());
	/* It has failed once: nobody waits for more. */
	pool_help_become(2, AGENT_BACKOFF);
	pool_help_expect("rbr");
	assert_int_equal(readies, 1);
	assert_true(pool_was_ready());
	pool_help_become(2, AGENT_EMPTY);
	pool_help_expect("rsr");
	pool_help_become(2, AGENT_READY);
	pool_help_expect("rrr");
	assert_int_equal(readies, 1);
}

static void
test_replacement_of_the_dead(void **state)
{
	pool_help_become(2, AGENT_KILLED); /* it will be free in a moment */
	pool_help_expect("rkr");
	pool_help_become(2, AGENT_EMPTY);
	pool_help_expect("rsr");
	assert_int_equal(pool_help_slots[1]->generation, 3);
	pool_help_become(2, AGENT_KILLED);
	pool_help_slots[1]->cause = SLOT_STUCK; /* it will not */
	pool_help_expect("rkrs");
	pool_help_become(4, AGENT_READY);
	pool_help_become(2, AGENT_EMPTY);
	pool_help_expect("r_rr");
	pool_help_become(4, AGENT_EMPTY); /* names stay low */
	pool_help_expect("rsr_");
	pool_help_become(2, AGENT_READY);
	pool_help_expect("rrr_");
}

static void
test_size(void **state)
{
	static const int64_t refused[] = {0, -1, 1025, INT64_MAX, INT64_MIN};

	for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++)
		pool_resize(refused[i]);
	pool_help_expect("rrr_");
	/* What there is no memory for is made up for at the next look. */
	pool_help_no_memory = true;
	pool_resize(5);
	pool_help_expect("rrrs");
	pool_help_no_memory = false;
	pool_help_become(4, AGENT_STARTING);
	pool_help_expect("rrrss");
	pool_help_become(4, AGENT_READY);
	pool_resize(2);
	pool_help_expect("rrddt");
	pool_resize(3);
	pool_help_expect("rrddts");
	pool_help_become(6, AGENT_BACKOFF);
	pool_resize(2); /* what waits for a start is just dropped */
	pool_help_expect("rrddt_");
	pool_help_become(3, AGENT_EMPTY);
	pool_help_become(4, AGENT_EMPTY);
	pool_help_become(5, AGENT_EMPTY);
	pool_help_expect("rr____");
	pool_resize(WANTED);
	pool_help_expect("rrs___");
	pool_help_become(3, AGENT_READY);
	pool_help_expect("rrr___");
}

/* One more than wanted at most, and never fewer that are ready. */
static void
test_rolling_replacement(void **state)
{
	pool_help_renew();
	pool_help_expect("rrrs__");
	pool_help_become(4, AGENT_READY);
	pool_help_expect("rrdrs_");
	pool_help_become(5, AGENT_READY);
	pool_help_expect("rddrrs");
	pool_help_become(3, AGENT_EMPTY); /* its call is over */
	pool_help_expect("rd_rrs");
	pool_help_become(6, AGENT_READY);
	pool_help_expect("dd_rrr");
	pool_help_become(1, AGENT_EMPTY);
	pool_help_become(2, AGENT_EMPTY);
	pool_help_expect("___rrr");
}

static void
test_new_configuration_does_not_start(void **state)
{
	pool_help_renew();
	pool_help_expect("s__rrr");
	pool_help_become(1, AGENT_BACKOFF);
	pool_help_expect("b__rrr");
	pool_help_become(1, AGENT_EMPTY);
	pool_help_expect("s__rrr");
	pool_help_renew(); /* a better one */
	pool_help_expect("ts_rrr");
	pool_help_become(1, AGENT_EMPTY);
	pool_help_become(2, AGENT_READY);
	pool_help_expect("sr_rrd");
	pool_help_become(1, AGENT_READY);
	pool_help_expect("rrsrdd");
	pool_help_become(3, AGENT_READY);
	pool_help_expect("rrrddd");
	for (unsigned int number = 4; number <= 6; number++)
		pool_help_become(number, AGENT_EMPTY);
	pool_help_expect("rrr___");
}

static void
test_find(void **state)
{
	uint32_t generation = pool_help_slots[1]->generation;

	assert_ptr_equal(pool_find(2, generation), pool_help_slots[1]);
	assert_null(pool_find(2, generation - 1));
	assert_null(pool_find(2, generation + 1));
	assert_null(pool_find(0, 0));
	assert_null(pool_find(pool_help_known + 1, 0));
	assert_null(pool_find(UINT32_MAX, 0));
	assert_null(pool_find(4, pool_help_slots[3]->generation)); /* is dead */
	assert_int_equal(pool_alive(), 3);
}

static void
test_reaped(void **state)
{
	pool_reaped(HELP_PID(4), 0);
	pool_reaped(HELP_PID(2), 0);
	pool_help_expect("rsr___");
	pool_reaped(HELP_PID(9), 0);
	pool_help_become(2, AGENT_READY);
	pool_help_expect("rrr___");
}

/* One that the front end never had goes on. */
static void
test_front_end_lost(void **state)
{
	pool_help_slots[1]->ends.socket_fd = 99;
	pool_frontend_lost();
	pool_help_expect("trtss_");
	pool_help_become(1, AGENT_EMPTY);
	pool_help_become(3, AGENT_EMPTY);
	pool_help_become(4, AGENT_READY);
	pool_help_become(5, AGENT_READY);
	pool_help_expect("_r_rr_");
	pool_introduce();
	assert_int_equal(pool_help_introduced, pool_help_known);
}

static void
test_shutdown(void **state)
{
	pool_shutdown(false);
	pool_help_expect("_t_tt_");
	assert_int_equal(pool_alive(), 3);
	pool_shutdown(true);
	assert_int_equal(pool_help_killed, pool_help_known);
	pool_help_become(2, AGENT_EMPTY);
	pool_help_expect("___tt_");
	assert_int_equal(pool_alive(), 2);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_start),
	    cmocka_unit_test(test_replacement_of_the_dead),
	    cmocka_unit_test(test_size),
	    cmocka_unit_test(test_rolling_replacement),
	    cmocka_unit_test(test_new_configuration_does_not_start),
	    cmocka_unit_test(test_find),
	    cmocka_unit_test(test_reaped),
	    cmocka_unit_test(test_front_end_lost),
	    cmocka_unit_test(test_shutdown),
	};

	return (cmocka_run_group_tests(tests, pool_help_set_up, NULL));
}
