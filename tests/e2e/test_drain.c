/*
 * A tool that closes the agent's socket and lives on, just before a reload
 * drains that agent: nobody can tell when it is done, so it must not be
 * waited for.
 */

#include "common/wire.h"

#include "harness.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define MOST 4
#define TIMEOUT_MS 300

/* After its call's deadline an agent is gone within this time. */
#define GONE_MS 1000

struct closing {
	pid_t agent;
	struct conn *conn;
};

static bool
has_closed(void *arg)
{
	const struct closing *closing = arg;
	char path[64];

	snprintf(path, sizeof(path), "/proc/%d/fd/%d", (int)closing->agent,
	    WIRE_SOCKET_FD);
	return (access(path, F_OK) == -1);
}

/* One call for each agent. */
static void
closing_begin(
    struct daemon *d, struct closing *closings, int agents, const char *action)
{
	char id[64], params[64], members[32];
	pid_t pids[PROC_MAX];

	wait_agents(d, agents, WAIT_MS);
	assert_int_equal(proc_agents(d, pids), agents);
	snprintf(params, sizeof(params), "{\"action\": \"%s\"}", action);
	snprintf(
	    members, sizeof(members), ", \"timeout\": %g", TIMEOUT_MS / 1000.0);
	for (int i = 0; i < agents; i++) {
		snprintf(id, sizeof(id), "%08d-1111-4111-8111-111111111111", i);
		closings[i].agent = pids[i];
		closings[i].conn = call_begin(d, id, "fault", params, members);
	}
	for (int i = 0; i < agents; i++)
		assert_true(wait_until(has_closed, &closings[i], WAIT_MS));
}

/* One answer: nothing else came before that to the next request. */
static void
closing_answered(struct closing *closing)
{
	struct conn *conn = closing->conn;
	struct reply *reply = http_answer(conn);

	if (reply->status == 504)
		check_problem(reply, 504, "timeout");
	else
		check_problem(reply, 502, "agent_crashed");
	reply_free(reply);
	http_request(conn, "GET", "/livez", NULL, NULL);
	expect(http_answer(conn), 200, NULL);
	assert_int_equal(conn->len, 0);
	http_close(conn);
}

static void
drain_closed(struct daemon *d, int agents, const char *action)
{
	struct closing closings[MOST];
	int64_t begin = now_ms(), over;

	closing_begin(d, closings, agents, action);
	daemon_reload(d);
	for (int i = 0; i < agents; i++)
		closing_answered(&closings[i]);
	over = begin + TIMEOUT_MS + within_ms(GONE_MS);
	for (int i = 0; i < agents; i++)
		if (!wait_until(proc_gone, &closings[i].agent,
			over > now_ms() ? (int)(over - now_ms()) : 0))
			fail_msg("%s: an old agent lives on", action);
	print_message("# %s: gone after %lld ms\n", action,
	    (long long)(now_ms() - begin));
}

static const char *const actions[] = {"close", "close_stubborn"};

static void
drain_closed_one(void **state)
{
	struct daemon *d = daemon_start("agents = 1\n");
	struct health before;

	health_take(d, &before);
	for (size_t i = 0; i < COUNT(actions); i++) {
		drain_closed(d, 1, actions[i]);
		health_check(d, &before, WAIT_MS);
	}
	daemon_stop(d);
}

/* All agents at once, again and again. */
static void
drain_closed_all(void **state)
{
	enum { ROUNDS = 4 };
	struct daemon *d = daemon_start("agents = 4\n");
	struct health before;

	health_take(d, &before);
	for (int i = 0; i < ROUNDS; i++) {
		drain_closed(d, MOST, actions[i % 2]);
		health_check(d, &before, WAIT_MS);
	}
	daemon_stop(d);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    E2E_TEST(drain_closed_one),
	    E2E_TEST(drain_closed_all),
	};

	return (cmocka_run_group_tests_name("drain", tests, NULL, NULL));
}
