/*
 * Calls of all kinds, faults, cancels, hang-ups, reloads and resizes, drawn by
 * chance; then what must hold of a daemon whatever was done to it.  The seed
 * is printed, and RANDOM_SEED takes it; RANDOM_SECONDS says for how long.
 * The same seed draws the same, though not at the same moments.
 */

#include "random.h"

#include <errno.h>
#include <inttypes.h>
#include <json-c/json.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The longest that any answer may take; calls have two seconds. */
#define ANSWER_MS 20000

/* At rest all agents are back, and all strays are gone. */
#define REST_MS 20000

#define GROWTH_KB 4096
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
	if (last || random_chance(r, 5))
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
		    .fd = conn == NULL ? -1 : conn->fd, .events = POLLIN};
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

static void
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

/* Nobody calls any more, and nothing is left of what was called. */
static void
random_rest(struct random *r)
{
	random_continue(r);
	assert_true(wait_until(random_idle, r, ANSWER_MS + WAIT_MS));
	for (size_t i = 0; i < COUNT(r->caller); i++)
		if (r->caller[i].conn != NULL)
			caller_close(&r->caller[i]);
	wait_stat(r->daemon, "in_flight", 0);
	wait_stat(r->daemon, "busy_agents", 0);
	wait_stat(r->daemon, "queue_depth", 0);
}

static const char *const counters[RANDOM_OUTCOMES] = {
    "/successful_requests", "/failed_requests", "/cancelled"};

/* The sum of all outcomes is what was accepted, and each is what we saw. */
static void
check_counters(struct random *r, const struct reply *before)
{
	struct reply *reply = get(r->daemon, "/api/v1/stats");
	int64_t total = reply_int(reply, "/total_requests");

	for (size_t i = 0; i < COUNT(counters); i++) {
		int64_t count = reply_int(reply, counters[i]);
		int64_t rise = count - reply_int(before, counters[i]);

		total -= count;
		print_message("# %s %" PRId64 ", of %" PRId64
			      " known, not known %" PRId64 "\n",
		    counters[i], rise, r->known[i], r->maybe);
		/* Another front end counts from the start. */
		if (r->closing)
			continue;
		assert_true(rise >= r->known[i]);
		assert_true(rise <= r->known[i] + r->maybe);
	}
	assert_int_equal(total, 0);
	reply_free(reply);
}

static void
check_requests(struct daemon *d)
{
	struct reply *reply = get(d, "/api/v1/requests");

	assert_int_equal(
	    json_object_array_length(reply_at(reply, "/requests")), 0);
	reply_free(reply);
}

struct memory {
	long master_kb, frontend_kb;
};

static struct memory
memory_take(struct daemon *d)
{
	struct memory memory = {
	    proc_private_kb(proc_master(d)), proc_private_kb(proc_frontend(d))};

	return (memory);
}

static void
check_memory(struct daemon *d, const struct memory *before)
{
	struct memory after = memory_take(d);

	print_message("# private: master %ld kB (%ld before), front end %ld kB "
		      "(%ld)\n",
	    after.master_kb, before->master_kb, after.frontend_kb,
	    before->frontend_kb);
	if (built_with_sanitizers())
		return;
	assert_true(after.master_kb <= before->master_kb + GROWTH_KB);
	assert_true(after.frontend_kb <= before->frontend_kb + GROWTH_KB);
}

static void
random_report(const struct random *r)
{
	print_message("# %d requests: %d answered, %d left, %d closed; %d "
		      "acts\n",
	    r->sent, r->answered, r->left, r->closed, r->acts);
	for (size_t i = 0; i < COUNT(r->status); i++)
		if (r->status[i] > 0)
			print_message("# status %zu: %d\n", i, r->status[i]);
}

/* As it was before: configured, idle, and no larger. */
static void
check_all(
    struct random *r, const struct health *health, const struct memory *memory)
{
	struct daemon *d = r->daemon;

	random_configure(d);
	expect(administer(d, "reload", ""), 200, NULL);
	/* A number that was set outlives a reload of the same one. */
	expect(administer(d, "agents", "{\"agents\": 4}"), 200, NULL);
	wait_agents(d, RANDOM_AGENTS, REST_MS);
	check_requests(d);
	health_check(d, health, REST_MS);
	check_memory(d, memory);
	random_call_all(d);
}

/* Everything that was to be tried was. */
static void
check_variety(const struct random *r)
{
	static const int often[] = {200, 400, 404, 409, 422, 502, 503, 504};

	for (size_t i = 0; i < COUNT(often); i++)
		if (r->status[often[i]] == 0)
			fail_msg("nobody got %d", often[i]);
	assert_true(r->left > 0);
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
	struct health health;
	struct memory memory;
	struct reply *before;

	health_take_with(d, &health, 1);
	before = get(d, "/api/v1/stats");
	/* All that is made once is made before memory is measured. */
	r.calm = true;
	random_run(&r, duration_ms / 6);
	random_rest(&r);
	memory = memory_take(d);
	r.calm = false;
	random_run(&r, duration_ms * 5 / 6);
	random_rest(&r);
	random_report(&r);
	check_variety(&r);
	check_counters(&r, before);
	reply_free(before);
	check_all(&r, &health, &memory);
	daemon_stop(d);
}

static int
random_ms(void)
{
	return (1000 *
		env_int("RANDOM_SECONDS", built_with_sanitizers() ? 20 : 60));
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
