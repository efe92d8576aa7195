/*
 * How often the master looks for what dead agents left behind: what it finds
 * is said by the tests, and when it looks again only noted.
 *
 * Wraps: sweep_freeze_pass clock_now_ns event_add event_pending
 */

#include "test.h"

#include <sys/wait.h>

#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <syslog.h>
#include <unistd.h>

#include <event2/event.h>

#include "common/clock.h"
#include "common/log.h"
#include "common/sweep.h"
#include "master/globals.h"
#include "master/reap.h"
#include "master/roles.h"

static int found, error, looks;
static struct event *next; /* NULL: it does not look again */
static int64_t next_ms;

int __wrap_sweep_freeze_pass(bool (*)(pid_t), int *);
int64_t __wrap_clock_now_ns(void);
int __wrap_event_add(struct event *, const struct timeval *);
int __wrap_event_pending(const struct event *, short, struct timeval *);

int
__wrap_sweep_freeze_pass(bool (*spared)(pid_t), int *killed)
{
	looks++;
	errno = error;
	return (found);
}

int64_t
__wrap_clock_now_ns(void)
{
	return (NS_PER_SEC); /* looking takes no time */
}

int
__wrap_event_add(struct event *event, const struct timeval *after)
{
	next = event;
	next_ms = after->tv_sec * 1000 + after->tv_usec / 1000;
	return (0);
}

int
__wrap_event_pending(const struct event *event, short what, struct timeval *tv)
{
	return (next != NULL);
}

/* A child dies that is nobody's. */
static void
child_dies(void)
{
	siginfo_t info;
	pid_t pid = fork();

	assert_int_not_equal(pid, -1);
	if (pid == 0)
		_exit(0);
	assert_int_equal(waitid(P_PID, (id_t)pid, &info, WEXITED | WNOWAIT), 0);
	reap_children();
}

/* The time for the next look has come. */
static void
look_again(void)
{
	struct event *due = next;

	assert_non_null(due);
	next = NULL;
	event_active(due, EV_TIMEOUT, 0);
	assert_int_not_equal(event_base_loop(master.base, EVLOOP_NONBLOCK), -1);
}

static int
set_up_all(void **state)
{
	log_set_level(LOG_ERR);
	master.roles = roles;
	master.base = event_base_new();
	reap_init();
	return (0);
}

static int
set_up(void **state)
{
	next = NULL;
	looks = error = 0;
	return (0);
}

/* Ends what the test has begun. */
static int
tear_down(void **state)
{
	found = FREEZE_NONE;
	if (next != NULL)
		look_again();
	return (next == NULL ? 0 : -1);
}

static void
test_nothing(void **state)
{
	found = FREEZE_NONE;
	child_dies();
	assert_int_equal(looks, 1);
	assert_null(next);
}

static void
test_some_run(void **state)
{
	found = FREEZE_MORE;
	child_dies();
	for (int i = 0; i < 20; i++) {
		assert_int_equal(next_ms, 1);
		look_again();
	}
	child_dies(); /* which is no reason to look before it is due */
	assert_int_equal(looks, 21);
}

static void
test_does_not_die(void **state)
{
	int64_t last_ms = 0;

	found = FREEZE_DONE;
	child_dies();
	assert_int_equal(next_ms, 1);
	for (int i = 0; i < 20; i++) {
		assert_true(next_ms > last_ms || next_ms == 1000);
		last_ms = next_ms;
		look_again();
	}
	assert_int_equal(next_ms, 1000);
	child_dies(); /* and may have left others */
	assert_int_equal(looks, 22);
	assert_int_equal(next_ms, 1);
	found = FREEZE_MORE;
	look_again();
	look_again();
	assert_int_equal(next_ms, 1);
}

/* For want of a descriptor, say. */
static void
test_cannot_look(void **state)
{
	found = -1;
	error = EMFILE;
	child_dies();
	assert_non_null(next);
	look_again();
	assert_non_null(next);
	error = ENOENT; /* there is no /proc, and will be none */
	look_again();
	assert_null(next);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(test_nothing),
	    TEST(test_some_run),
	    TEST(test_does_not_die),
	    TEST(test_cannot_look),
	};

	return (cmocka_run_group_tests(tests, set_up_all, NULL));
}
