/*
 * Controlled delay: when something is dropped, in time that the test makes.
 */

#include "test.h"

#include "common/clock.h"
#include "frontend/router/codel.h"

#define TARGET (5 * NS_PER_MS)
#define INTERVAL (100 * NS_PER_MS)
#define ABOVE TARGET
#define BELOW (TARGET - 1)
#define START (1000 * NS_PER_MS)
#define STEP (10 * NS_PER_US)

static bool
drops(struct codel *codel, int64_t sojourn, int64_t now)
{
	return (codel_drops(codel, TARGET, INTERVAL, sojourn, now));
}

/* From..to, one leaves the queue every STEP: how many are dropped. */
static int
run(struct codel *codel, int64_t sojourn, int64_t from, int64_t to)
{
	int n = 0;

	for (; from < to; from += STEP)
		n += drops(codel, sojourn, from);
	return (n);
}

/* The drops of RFC 8289: interval / sqrt(count) after one another. */
static void
codel_law(void **state)
{
	/* Microseconds after the first. */
	static const int64_t wanted[] = {0, 100000, 170711, 228446, 278446,
	    323167, 363992, 401788, 437144, 470477};
	struct codel codel = {0};
	size_t n = 0;

	assert_false(drops(&codel, ABOVE, START));
	for (int64_t t = 0; t < 499 * NS_PER_MS; t += STEP) {
		if (!drops(&codel, ABOVE, START + INTERVAL + t))
			continue;
		assert_true(n < COUNT(wanted));
		assert_in_range(
		    t / NS_PER_US, wanted[n], wanted[n] + STEP / NS_PER_US);
		n++;
	}
	assert_int_equal(n, COUNT(wanted));
}

/* Nothing below the target is dropped, nor anything in the first interval. */
static void
codel_burst(void **state)
{
	struct codel codel = {0};

	assert_int_equal(run(&codel, BELOW, START, START + 20 * INTERVAL), 0);
	assert_int_equal(run(&codel, ABOVE, START, START + INTERVAL), 0);
	assert_false(drops(&codel, BELOW, START + INTERVAL));
	/* It was interrupted: another interval. */
	assert_int_equal(
	    run(&codel, ABOVE, START + INTERVAL + STEP, START + 2 * INTERVAL),
	    0);
	assert_true(drops(&codel, ABOVE, START + 2 * INTERVAL + STEP));
}

/* Below the target it stops at once, and soon after goes on where it was. */
static void
codel_again(void **state)
{
	struct codel codel = {0};
	int64_t t = START + 4 * INTERVAL + INTERVAL / 2;
	int first = run(&codel, ABOVE, START, t), second;

	assert_int_equal(first, 6);
	assert_false(drops(&codel, BELOW, t));
	assert_int_equal(run(&codel, ABOVE, t + STEP, t + INTERVAL), 0);
	second = run(&codel, ABOVE, t + INTERVAL, t + 2 * INTERVAL);
	assert_in_range(second, 3, 4);
	/* Long after it begins anew. */
	t += 100 * INTERVAL;
	assert_false(drops(&codel, BELOW, t));
	run(&codel, ABOVE, t + STEP, t + INTERVAL);
	assert_int_equal(run(&codel, ABOVE, t + INTERVAL, t + 2 * INTERVAL), 1);
}

/* Against what does not slow down all is dropped that is above the target. */
static void
codel_lasting(void **state)
{
	struct codel codel = {0};
	int64_t t = START + (1 + CODEL_PATIENCE) * INTERVAL + STEP;

	run(&codel, ABOVE, START, t);
	for (int i = 0; i < 1000; i++, t += INTERVAL / 10) {
		assert_true(drops(&codel, ABOVE, t));
		assert_false(drops(&codel, BELOW, t));
	}
	/* Until nothing has been for an interval. */
	t -= INTERVAL / 10;
	assert_false(drops(&codel, BELOW, t + INTERVAL - 1));
	assert_true(codel.dropping);
	assert_false(drops(&codel, BELOW, t + INTERVAL));
	assert_false(codel.dropping);
	assert_int_equal(run(&codel, ABOVE, t + INTERVAL, t + 2 * INTERVAL), 0);
}

/*
 * A queue before a server that takes 5 ms, 3 calls in that time: whoever is
 * served has waited for no longer than the target, once it has settled.
 */
static void
codel_queue(void **state)
{
	enum { CALLS = 6000 };
	const int64_t service = 5 * NS_PER_MS, target = 50 * NS_PER_MS;
	struct codel codel = {0};
	int64_t now = START, came, idle = 0;
	int served = 0;

	for (int i = 0; i < CALLS; i++) {
		came = START + i * service / 3;
		if (came > now) {
			idle += came - now;
			now = came;
		}
		if (codel_drops(&codel, target, INTERVAL, now - came, now))
			continue;
		if (now > START + 2 * NS_PER_SEC)
			assert_true(now - came < target);
		served++;
		now += service;
	}
	assert_int_equal(idle, 0);
	assert_in_range(served, CALLS / 3 - 20, CALLS / 3 + 20);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(codel_law),
	    cmocka_unit_test(codel_burst),
	    cmocka_unit_test(codel_again),
	    cmocka_unit_test(codel_lasting),
	    cmocka_unit_test(codel_queue),
	};

	return (cmocka_run_group_tests_name("codel", tests, NULL, NULL));
}
