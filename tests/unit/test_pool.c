/*
 * How many agents are kept and how they are replaced, with slots that only
 * note what is asked of them.  A pool lives as long as its process, so each
 * test goes on where the one before it has left three ready agents.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

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
	help_expect("");
	pool_resize(WANTED);
	help_expect("sss");
	assert_int_equal(pool_size(), WANTED);
	help_become(1, AGENT_READY);
	help_become(3, AGENT_READY);
	help_expect("rsr");
	assert_int_equal(readies, 0);
	assert_false(pool_was_ready());
	/* It has failed once: nobody waits for more. */
	help_become(2, AGENT_BACKOFF);
	help_expect("rbr");
	assert_int_equal(readies, 1);
	assert_true(pool_was_ready());
	help_become(2, AGENT_EMPTY);
	help_expect("rsr");
	help_become(2, AGENT_READY);
	help_expect("rrr");
	assert_int_equal(readies, 1);
}

static void
test_replacement_of_the_dead(void **state)
{
	help_become(2, AGENT_KILLED); /* it will be free in a moment */
	help_expect("rkr");
	help_become(2, AGENT_EMPTY);
	help_expect("rsr");
	assert_int_equal(help_slots[1]->generation, 3);
	help_become(2, AGENT_KILLED);
	help_slots[1]->lingers = true; /* it will not */
	help_expect("rkrs");
	help_become(4, AGENT_READY);
	help_become(2, AGENT_EMPTY);
	help_expect("r_rr");
	help_become(4, AGENT_EMPTY); /* names stay low */
	help_expect("rsr_");
	help_become(2, AGENT_READY);
	help_expect("rrr_");
}

static void
test_size(void **state)
{
	static const int64_t refused[] = {0, -1, 1025, INT64_MAX, INT64_MIN};

	for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++)
		pool_resize(refused[i]);
	help_expect("rrr_");
	/* What there is no memory for is made up for at the next look. */
	help_no_memory = true;
	pool_resize(5);
	help_expect("rrrs");
	help_no_memory = false;
	help_become(4, AGENT_STARTING);
	help_expect("rrrss");
	help_become(4, AGENT_READY);
	pool_resize(2);
	help_expect("rrddt");
	pool_resize(3);
	help_expect("rrddts");
	help_become(6, AGENT_BACKOFF);
	pool_resize(2); /* what waits for a start is just dropped */
	help_expect("rrddt_");
	help_become(3, AGENT_EMPTY);
	help_become(4, AGENT_EMPTY);
	help_become(5, AGENT_EMPTY);
	help_expect("rr____");
	pool_resize(WANTED);
	help_expect("rrs___");
	help_become(3, AGENT_READY);
	help_expect("rrr___");
}

/* One more than wanted at most, and never fewer that are ready. */
static void
test_rolling_replacement(void **state)
{
	pool_renew();
	help_expect("rrrs__");
	help_become(4, AGENT_READY);
	help_expect("rrdrs_");
	help_become(5, AGENT_READY);
	help_expect("rddrrs");
	help_become(3, AGENT_EMPTY); /* its call is over */
	help_expect("rd_rrs");
	help_become(6, AGENT_READY);
	help_expect("dd_rrr");
	help_become(1, AGENT_EMPTY);
	help_become(2, AGENT_EMPTY);
	help_expect("___rrr");
}

static void
test_new_configuration_does_not_start(void **state)
{
	pool_renew();
	help_expect("s__rrr");
	help_become(1, AGENT_BACKOFF);
	help_expect("b__rrr");
	help_become(1, AGENT_EMPTY);
	help_expect("s__rrr");
	pool_renew(); /* a better one */
	help_expect("ts_rrr");
	help_become(1, AGENT_EMPTY);
	help_become(2, AGENT_READY);
	help_expect("sr_rrd");
	help_become(1, AGENT_READY);
	help_expect("rrsrdd");
	help_become(3, AGENT_READY);
	help_expect("rrrddd");
	for (unsigned int number = 4; number <= 6; number++)
		help_become(number, AGENT_EMPTY);
	help_expect("rrr___");
}

static void
test_find(void **state)
{
	uint32_t generation = help_slots[1]->generation;

	assert_ptr_equal(pool_find(2, generation), help_slots[1]);
	assert_null(pool_find(2, generation - 1));
	assert_null(pool_find(2, generation + 1));
	assert_null(pool_find(0, 0));
	assert_null(pool_find(help_known + 1, 0));
	assert_null(pool_find(UINT32_MAX, 0));
	assert_null(pool_find(4, help_slots[3]->generation)); /* is dead */
	assert_true(pool_owns(HELP_PID(2)));
	assert_false(pool_owns(HELP_PID(4)));
	assert_int_equal(pool_alive(), 3);
}

static void
test_reaped(void **state)
{
	assert_false(pool_reaped(HELP_PID(4), 0));
	assert_true(pool_reaped(HELP_PID(2), 0));
	help_expect("rsr___");
	assert_false(pool_reaped(HELP_PID(9), 0));
	help_become(2, AGENT_READY);
	help_expect("rrr___");
}

/* One that the front end never had goes on. */
static void
test_front_end_lost(void **state)
{
	help_slots[1]->ends.socket_fd = 99;
	pool_frontend_lost();
	help_expect("trtss_");
	help_become(1, AGENT_EMPTY);
	help_become(3, AGENT_EMPTY);
	help_become(4, AGENT_READY);
	help_become(5, AGENT_READY);
	help_expect("_r_rr_");
	pool_introduce();
	assert_int_equal(help_introduced, help_known);
}

static void
test_shutdown(void **state)
{
	pool_shutdown(false);
	help_expect("_t_tt_");
	assert_int_equal(pool_alive(), 3);
	pool_shutdown(true);
	assert_int_equal(help_killed, help_known);
	help_become(2, AGENT_EMPTY);
	help_expect("___tt_");
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

	return (cmocka_run_group_tests(tests, help_set_up, NULL));
}
