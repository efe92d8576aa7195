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

#include <string.h>

#include <event2/event.h>

#include "common/log.h"
#include "master/channel.h"
#include "master/master.h"
#include "master/pool.h"
#include "master/slot.h"

#define WANTED 3
#define SLOTS 16
#define PID(number) (1000 + (pid_t)(number))

struct master master;

static struct slot *slots[SLOTS]; /* by their number less 1 */
static unsigned int known, readies, killed, introduced;

static void
become(struct slot *slot, enum agent_state state)
{
	slot->state = state;
	slot->pid = state == AGENT_EMPTY || state == AGENT_BACKOFF
			? -1
			: PID(slot->number);
	pool_changed();
}

void
slot_init(struct slot *slot, uint32_t number)
{
	assert_int_equal(number, known + 1);
	assert_in_range(number, 1, SLOTS);
	slot->number = number;
	slot->pid = -1;
	slots[known++] = slot;
}

void
slot_spawn(struct slot *slot)
{
	assert_int_equal(slot->state, AGENT_EMPTY);
	slot->generation++;
	slot->expected = slot->lingers = false;
	slot->worn = slot->retired = false;
	slot->config = pool_config();
	slot->ends.socket_fd = -1;
	become(slot, AGENT_STARTING);
}

void
slot_drain(struct slot *slot)
{
	slot->expected = true;
	if (slot->state == AGENT_BACKOFF)
		become(slot, AGENT_EMPTY);
	else
		become(slot, slot->state == AGENT_READY ? AGENT_DRAINING
							: AGENT_STOPPING);
}

void
slot_stop(struct slot *slot)
{
	slot->expected = true;
	if (slot->pid != -1)
		become(slot, AGENT_STOPPING);
}

void
slot_kill(struct slot *slot, const char *why)
{
	killed++;
}

void
slot_reaped(struct slot *slot, int wait_status)
{
	become(slot, AGENT_EMPTY);
}

void
slot_offer(struct slot *slot)
{
	introduced++;
}

void
slot_wear(struct slot *slot, const char *why)
{
	slot->worn = true;
	pool_changed();
}

void
channel_agent_state(const struct slot *slot)
{
}

bool
slot_active(const struct slot *slot)
{
	if (slot->state == AGENT_KILLED)
		return (!slot->expected && !slot->lingers);
	return (slot->state == AGENT_STARTING || slot->state == AGENT_READY ||
		slot->state == AGENT_BACKOFF);
}

static void
turn(void)
{
	event_base_loop(master.base, EVLOOP_NONBLOCK);
}

/* One letter a slot, as it is after the pool has looked at it. */
static void
expect(const char *states)
{
	static const char letters[] = "_srdtkb";
	char found[SLOTS + 1] = "";

	turn();
	for (unsigned int i = 0; i < known; i++)
		found[i] = letters[slots[i]->state];
	assert_string_equal(found, states);
}

static void
set(unsigned int number, enum agent_state state)
{
	become(slots[number - 1], state);
}

static void
on_ready(void)
{
	readies++;
}

static void
test_start(void **state)
{
	pool_init(on_ready);
	expect("");
	pool_resize(WANTED);
	expect("sss");
	assert_int_equal(pool_size(), WANTED);
	set(1, AGENT_READY);
	set(3, AGENT_READY);
	expect("rsr");
	assert_int_equal(readies, 0);
	assert_false(pool_was_ready());
	set(2, AGENT_BACKOFF); /* it has failed once: nobody waits for more */
	expect("rbr");
	assert_int_equal(readies, 1);
	assert_true(pool_was_ready());
	set(2, AGENT_EMPTY);
	expect("rsr");
	set(2, AGENT_READY);
	expect("rrr");
	assert_int_equal(readies, 1);
}

static void
test_replacement_of_the_dead(void **state)
{
	set(2, AGENT_KILLED); /* it will be free in a moment */
	expect("rkr");
	set(2, AGENT_EMPTY);
	expect("rsr");
	assert_int_equal(slots[1]->generation, 3);
	set(2, AGENT_KILLED);
	slots[1]->lingers = true; /* it will not */
	expect("rkrs");
	set(4, AGENT_READY);
	set(2, AGENT_EMPTY);
	expect("r_rr");
	set(4, AGENT_EMPTY); /* names stay low */
	expect("rsr_");
	set(2, AGENT_READY);
	expect("rrr_");
}

static void
test_size(void **state)
{
	static const int64_t refused[] = {0, -1, 1025, INT64_MAX, INT64_MIN};

	for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++)
		pool_resize(refused[i]);
	expect("rrr_");
	pool_resize(5);
	expect("rrrss");
	set(4, AGENT_READY);
	pool_resize(2);
	expect("rrddt");
	pool_resize(3);
	expect("rrddts");
	set(6, AGENT_BACKOFF);
	pool_resize(2); /* what waits for a start is just dropped */
	expect("rrddt_");
	set(3, AGENT_EMPTY);
	set(4, AGENT_EMPTY);
	set(5, AGENT_EMPTY);
	expect("rr____");
	pool_resize(WANTED);
	expect("rrs___");
	set(3, AGENT_READY);
	expect("rrr___");
}

/* One more than wanted at most, and never fewer that are ready. */
static void
test_rolling_replacement(void **state)
{
	pool_renew();
	expect("rrrs__");
	set(4, AGENT_READY);
	expect("rrdrs_");
	set(5, AGENT_READY);
	expect("rddrrs");
	set(3, AGENT_EMPTY); /* its call is over */
	expect("rd_rrs");
	set(6, AGENT_READY);
	expect("dd_rrr");
	set(1, AGENT_EMPTY);
	set(2, AGENT_EMPTY);
	expect("___rrr");
}

static void
test_new_configuration_does_not_start(void **state)
{
	pool_renew();
	expect("s__rrr");
	set(1, AGENT_BACKOFF);
	expect("b__rrr");
	set(1, AGENT_EMPTY);
	expect("s__rrr");
	pool_renew(); /* a better one */
	expect("ts_rrr");
	set(1, AGENT_EMPTY);
	set(2, AGENT_READY);
	expect("sr_rrd");
	set(1, AGENT_READY);
	expect("rrsrdd");
	set(3, AGENT_READY);
	expect("rrrddd");
	for (unsigned int number = 4; number <= 6; number++)
		set(number, AGENT_EMPTY);
	expect("rrr___");
}

static void
test_find(void **state)
{
	uint32_t generation = slots[1]->generation;

	assert_ptr_equal(pool_find(2, generation), slots[1]);
	assert_null(pool_find(2, generation - 1));
	assert_null(pool_find(2, generation + 1));
	assert_null(pool_find(0, 0));
	assert_null(pool_find(known + 1, 0));
	assert_null(pool_find(UINT32_MAX, 0));
	assert_null(pool_find(4, slots[3]->generation)); /* is dead */
	assert_true(pool_owns(PID(2)));
	assert_false(pool_owns(PID(4)));
	assert_int_equal(pool_alive(), 3);
}

static void
test_reaped(void **state)
{
	assert_false(pool_reaped(PID(4), 0));
	assert_true(pool_reaped(PID(2), 0));
	expect("rsr___");
	assert_false(pool_reaped(PID(9), 0));
	set(2, AGENT_READY);
	expect("rrr___");
}

/* One that the front end never had goes on. */
static void
test_front_end_lost(void **state)
{
	slots[1]->ends.socket_fd = 99;
	pool_frontend_lost();
	expect("trtss_");
	set(1, AGENT_EMPTY);
	set(3, AGENT_EMPTY);
	set(4, AGENT_READY);
	set(5, AGENT_READY);
	expect("_r_rr_");
	pool_introduce();
	assert_int_equal(introduced, known);
}

static void
test_shutdown(void **state)
{
	pool_shutdown(false);
	expect("_t_tt_");
	assert_int_equal(pool_alive(), 3);
	pool_shutdown(true);
	assert_int_equal(killed, known);
	set(2, AGENT_EMPTY);
	expect("___tt_");
	assert_int_equal(pool_alive(), 2);
}

static int
set_up(void **state)
{
	master.base = event_base_new();
	log_set_level(LOG_ERR);
	return (master.base == NULL ? -1 : 0);
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

	return (cmocka_run_group_tests(tests, set_up, NULL));
}
