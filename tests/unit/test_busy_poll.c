/*
 * When an agent polls for its next call and when it sleeps, against a clock and
 * a poll(2) that the test drives.
 *
 * Wraps: clock_now_ns poll
 */

#include "test.h"

#include <errno.h>
#include <poll.h>

#include "agent/live.h"
#include "common/clock.h"

#define LIMIT_US 100

static int64_t now_ns, there_ns; /* when there is something to read */
static bool interrupted;
static int asked, slept;

int64_t __wrap_clock_now_ns(void);
int __wrap_poll(struct pollfd *, nfds_t, int);

int64_t
__wrap_clock_now_ns(void)
{
	return (now_ns);
}

int
__wrap_poll(struct pollfd *fds, nfds_t n, int timeout_ms)
{
	assert_int_equal(n, 1);
	assert_int_equal(fds[0].events, POLLIN);
	if (timeout_ms == 0) {
		asked++;
		now_ns += NS_PER_US;
		if (!interrupted)
			return (now_ns >= there_ns);
	}
	if (interrupted) {
		errno = EINTR;
		return (-1);
	}
	slept++;
	if (now_ns < there_ns)
		now_ns = there_ns;
	return (1);
}

/* Waits for what comes after so long; returns whether it slept. */
static bool
sleeps(int64_t us)
{
	bool awake;

	slept = 0;
	there_ns = now_ns + us * NS_PER_US;
	awake = live_wait(0);
	assert_int_equal(slept, !awake);
	assert_true(now_ns >= there_ns);
	return (slept == 1);
}

static int
set_up(void **state)
{
	interrupted = false;
	live_poll_limit(0);
	sleeps(1); /* forgets what the test before has left */
	asked = 0;
	return (0);
}

static void
poll_off(void **state)
{
	for (int i = 0; i < 5; i++)
		assert_true(sleeps(0));
	assert_int_equal(asked, 0);
}

static void
poll_close_together(void **state)
{
	live_poll_limit(LIMIT_US);
	assert_true(sleeps(LIMIT_US - 1));
	assert_int_equal(asked, 0);
	for (int i = 0; i < 5; i++)
		assert_false(sleeps(LIMIT_US - 1));
	assert_false(sleeps(0));
}

/* A client that is slower than the limit costs nothing, but for the once. */
static void
poll_far_apart(void **state)
{
	live_poll_limit(LIMIT_US);
	for (int i = 0; i < 5; i++)
		assert_true(sleeps(LIMIT_US));
	assert_int_equal(asked, 0);
	assert_true(sleeps(1));
	assert_true(sleeps(10 * LIMIT_US));
	assert_in_range(asked, LIMIT_US - 1, LIMIT_US + 1);
	for (int i = 0; i < 5; i++)
		assert_true(sleeps(10 * LIMIT_US));
	assert_in_range(asked, LIMIT_US - 1, LIMIT_US + 1);
}

/* A limit that falls to nothing is obeyed in the next wait. */
static void
poll_taken_away(void **state)
{
	live_poll_limit(LIMIT_US);
	assert_true(sleeps(1));
	live_poll_limit(0);
	assert_true(sleeps(1));
	assert_int_equal(asked, 0);
	live_poll_limit(LIMIT_US);
	assert_true(sleeps(1));
}

/* A signal ends the wait, asleep or not: the caller looks what it meant. */
static void
poll_interrupted(void **state)
{
	live_poll_limit(LIMIT_US);
	assert_true(sleeps(1));
	interrupted = true;
	assert_false(live_wait(0));
	assert_true(asked <= LIMIT_US + 1);
}

/* Within a call: polls up to the limit, but not where that is all there is. */
static void
poll_within(void **state)
{
	struct pollfd p = {.fd = 0, .events = POLLIN};

	live_poll_limit(LIMIT_US);
	slept = 0;
	there_ns = now_ns + 50 * NS_PER_US;
	assert_int_equal(live_poll(&p, 1, -1), 1);
	assert_int_equal(slept, 0);
	asked = 0;
	there_ns = now_ns + 10 * LIMIT_US * NS_PER_US;
	assert_int_equal(live_poll(&p, 1, 1000), 1);
	assert_int_equal(slept, 1);
	assert_in_range(asked, LIMIT_US - 1, LIMIT_US + 1);
	asked = 0;
	there_ns = now_ns + NS_PER_SEC;
	assert_int_equal(live_poll(&p, 1, 0), 0);
	assert_int_equal(asked, 1);
	live_poll_limit(10000);
	asked = 0;
	assert_int_equal(live_poll(&p, 1, 1), 1);
	assert_int_equal(asked, 0);
	live_poll_limit(LIMIT_US);
	asked = 0;
	interrupted = true;
	assert_int_equal(live_poll(&p, 1, -1), -1);
	assert_int_equal(errno, EINTR);
	assert_int_equal(asked, 1);
}

#define TEST(name) cmocka_unit_test_setup(name, set_up)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(poll_off),
	    TEST(poll_close_together),
	    TEST(poll_far_apart),
	    TEST(poll_taken_away),
	    TEST(poll_interrupted),
	    TEST(poll_within),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
