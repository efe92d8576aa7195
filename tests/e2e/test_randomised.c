/*
 * Calls of all kinds, faults, cancels, hang-ups, reloads and resizes, drawn by
 * chance; then what must hold of a daemon whatever was done to it.  The seed
 * is printed, and RANDOM_SEED takes it; RANDOM_SECONDS says for how long.
 * The same seed draws the same, though not at the same moments.
 */

#include "random.h"

#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The longest that any answer may take; calls have two seconds. */
#define ANSWER_MS within_ms(20000)

#define ACT_MS 25
#define FRONTEND_MS 1500

static uint64_t seed;

uint32_t
random_below(struct random *r, uint32_t bound)
{
	uint64_t x = r->state += 0x9e3779b97f4a7c15;

	x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9;
	x = (x ^ (x >> 27)) * 0x94d049bb133111eb;
	x ^= x >> 31;
	return ((uint32_t)(((x >> 32) * bound) >> 32));
}

bool
random_chance(struct random *r, uint32_t percent)
{
	return (random_below(r, 100) < percent);
}

/* Nothing is under way any more. */
static void
caller_done(struct random_caller *caller)
{
	free(caller->body);
	caller->body = NULL;
	caller->kind = NULL;
	caller->id[0] = '\0';
}

static void
caller_close(struct random_caller *caller)
{
	http_close(caller->conn);
	caller->conn = NULL;
}

static void
caller_leave(struct random *r, struct random_caller *caller)
{
	r->left++;
	if (!caller->half)
		r->maybe += caller->kind->calls;
	caller_done(caller);
	caller_close(caller);
}

static void
caller_answered(
    struct random *r, struct random_caller *caller, struct reply *reply)
{
	const char *connection = reply_header(reply, "Connection");
	bool last = connection != NULL && strcasecmp(connection, "close") == 0;

	if (caller->half)
		fail_msg("an answer to half a request: %s", reply->body);
	random_check(r, caller, reply);
	if (caller->conn->len > 0)
		fail_msg("more than one answer to %s", caller->body);
	reply_free(reply);
	caller_done(caller);
	if (last || caller->mute || random_chance(r, 5))
		caller_close(caller);
}

/* Takes what came, and the end of the connection. */
static void
caller_receive(struct random *r, struct random_caller *caller)
{
	struct reply *reply;

	http_fill(caller->conn);
	if (caller->kind != NULL && (reply = reply_take(caller->conn)) != NULL)
		caller_answered(r, caller, reply);
	if (caller->conn == NULL || !caller->conn->ended)
		return;
	if (caller->kind != NULL) {
		if (!r->closing && !caller->half)
			fail_msg("closed instead of an answer to %s %s",
			    caller->id, caller->body);
		r->closed++;
		caller_done(caller);
	}
	caller_close(caller);
}

static void
random_poll(struct random *r, int timeout_ms)
{
	struct pollfd p[RANDOM_CALLERS];

	for (size_t i = 0; i < COUNT(p); i++) {
		struct conn *conn = r->caller[i].conn;

		p[i] = (struct pollfd){
		    .fd = conn == NULL || r->caller[i].deaf ? -1 : conn->fd,
		    .events = POLLIN};
	}
	if (poll(p, COUNT(p), timeout_ms) == -1)
		assert_int_equal(errno, EINTR);
	for (size_t i = 0; i < COUNT(p); i++)
		if (p[i].revents != 0)
			caller_receive(r, &r->caller[i]);
}

/* Those who leave do; nobody waits for too long. */
static int
random_look(struct random *r)
{
	int64_t now = now_ms();
	int waiting = 0;

	for (size_t i = 0; i < COUNT(r->caller); i++) {
		struct random_caller *caller = &r->caller[i];

		if (caller->kind == NULL)
			continue;
		if (caller->leave_ms != 0 && caller->leave_ms <= now)
			caller_leave(r, caller);
		else if (now - caller->sent_ms > ANSWER_MS)
			fail_msg(
			    "no answer to %s %s", caller->id, caller->body);
		else
			waiting++;
	}
	return (waiting);
}

void
random_send_all(struct random *r)
{
	for (size_t i = 0; i < COUNT(r->caller); i++) {
		struct random_caller *caller = &r->caller[i];

		if (caller->kind != NULL || random_chance(r, 30))
			continue;
		if (caller->conn == NULL)
			caller->conn = http_open(r->daemon);
		random_send(r, caller);
	}
}

static bool
random_idle(void *arg)
{
	struct random *r = arg;

	random_poll(r, 0);
	return (random_look(r) == 0);
}

static void
random_run(struct random *r, int duration_ms)
{
	int64_t end = now_ms() + duration_ms, next = 0;
	int64_t kill = now_ms() + FRONTEND_MS;

	while (now_ms() < end) {
		random_send_all(r);
		random_poll(r, 5);
		random_look(r);
		if (now_ms() >= next && !r->calm) {
			next = now_ms() + random_below(r, 2 * ACT_MS);
			random_act(r);
		}
		if (now_ms() >= kill && r->closing) {
			kill = now_ms() + FRONTEND_MS;
			random_kill_frontend(r);
		}
	}
}

void
random_finish(struct random *r)
{
	assert_true(wait_until(random_idle, r, ANSWER_MS + WAIT_MS));
}

/* Nobody calls any more, and nothing is left of what was called. */
static void
random_rest(struct random *r)
{
	random_continue(r);
	random_finish(r);
	for (size_t i = 0; i < COUNT(r->caller); i++)
		if (r->caller[i].conn != NULL)
			caller_close(&r->caller[i]);
	wait_stat(r->daemon, "in_flight", 0);
	wait_stat(r->daemon, "busy_agents", 0);
	wait_stat(r->daemon, "queue_depth", 0);
}

static struct daemon *
random_start(void)
{
	struct daemon *d = daemon_prepare();
	struct daemon_options o = {NULL};

	random_tools(d);
	random_configure(d);
	daemon_spawn(d, &o);
	return (d);
}

static void
random_phase(int duration_ms, bool closing)
{
	struct random r = {
	    .daemon = random_start(), .state = seed, .closing = closing};
	struct daemon *d = r.daemon;
	struct random_before before;

	random_before_calls(&before, d);
	/* All that is made once is made before memory is measured. */
	r.calm = true;
	random_run(&r, duration_ms / 6);
	random_rest(&r);
	random_before_acts(&before, d);
	r.calm = false;
	random_run(&r, duration_ms * 5 / 6);
	random_rest(&r);
	random_after(&r, &before);
	random_stop(&r);
}

static int
random_ms(void)
{
	return (1000 *
		env_int("RANDOM_SECONDS", built_with_sanitizers() ? 20 : 40));
}

static void
random_all(void **state)
{
	random_phase(random_ms() * 3 / 4, false);
}

/* Whoever waits while the front end is killed gets no answer, or one. */
static void
random_frontend(void **state)
{
	random_phase(random_ms() / 4, true);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    E2E_TEST(random_all),
	    E2E_TEST(random_frontend),
	};

	seed = (uint64_t)env_int("RANDOM_SEED", (int)(now_us() & INT32_MAX));
	print_message("# RANDOM_SEED=%" PRIu64 "\n", seed);
	return (cmocka_run_group_tests_name("random", tests, NULL, NULL));
}
