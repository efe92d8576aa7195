/*
 * Processes killed at random under load: agents, the front end, the master.
 * No call is answered wrongly, twice or never, and what can come back does.
 * CHAOS_SECONDS in the environment says for how long agents are killed.
 */

#include "harness.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ID_1 "11111111-1111-4111-8111-111111111111"
#define ID_2 "22222222-2222-4222-8222-222222222222"
#define AGENTS 4
#define CHAOS_MS 50

struct chaos {
	struct daemon *daemon;
	int kills;
};

/* Kills one agent, if there is one just now. */
static bool
kill_agent(void *arg)
{
	struct chaos *chaos = arg;
	pid_t pids[PROC_MAX];
	size_t n = proc_agents(chaos->daemon, pids);

	if (n > 0 && proc_kill(pids[arc4random_uniform((uint32_t)n)], SIGKILL))
		chaos->kills++;
	return (true);
}

static void
chaos_agents(void **state)
{
	struct chaos chaos = {daemon_start("agents = 4\n"), 0};
	struct daemon *d = chaos.daemon;
	struct health before;
	struct load load;

	health_take(d, &before);
	load_init(&load, d, 8);
	load.tick = kill_agent;
	load.tick_arg = &chaos;
	load.tick_ms = CHAOS_MS;
	load_run(&load, env_int("CHAOS_SECONDS", 15) * 1000);
	load_finish(&load);
	print_message("# %d agents were killed\n", chaos.kills);
	assert_true(chaos.kills > 0);
	assert_int_equal(load.closed, 0);
	assert_int_equal(load.refused, 0);
	/* Errors only for calls whose agent was killed. */
	assert_int_equal(load.succeeded + load.status[502], load.sent);
	assert_true(load.status[502] <= chaos.kills);
	assert_true(load.succeeded > 0);
	health_check(d, &before, WAIT_MS);
	daemon_stop(d);
}

/* The agents of before, of whom none must be left. */
struct replaced_search {
	struct daemon *daemon;
	pid_t before[PROC_MAX];
	size_t count;
};

static bool
agents_replaced(void *arg)
{
	struct replaced_search *search = arg;

	for (size_t i = 0; i < search->count; i++)
		if (proc_state(search->before[i]) != 0)
			return (false);
	return (agents_idle(search->daemon, AGENTS));
}

static void
replaced_begin(struct replaced_search *search, struct daemon *d)
{
	wait_agents(d, AGENTS, WAIT_MS);
	search->daemon = d;
	search->count = proc_agents(d, search->before);
	assert_int_equal(search->count, AGENTS);
}

static int
back_ms(void)
{
	return (built_with_sanitizers() ? 4000 : 1000);
}

/* Kills it while calls are under way; who connects meanwhile is served. */
static void
kill_frontend(struct daemon *d, struct load *load, int signal, int limit_ms)
{
	struct replaced_search search;
	int64_t begin;

	load_run(load, 100);
	load_pause(load);
	replaced_begin(&search, d);
	load_run(load, 20);
	begin = now_ms();
	assert_true(proc_kill(proc_frontend(d), signal));
	expect(get(d, "/livez"), 200, NULL);
	print_message("# back after %lld ms\n", (long long)(now_ms() - begin));
	assert_true(now_ms() - begin < within_ms(limit_ms));
	load_run(load, 100);
	load_pause(load);
	assert_true(wait_until(agents_replaced, &search, WAIT_MS));
}

static void
chaos_frontend(void **state)
{
	enum { KILLS = 10 };
	struct daemon *d = daemon_start("agents = 4\n");
	struct health before;
	struct load load;

	health_take(d, &before);
	load_init(&load, d, 8);
	/* One that dies again and again may wait a little longer. */
	for (int i = 0; i < KILLS; i++)
		kill_frontend(
		    d, &load, SIGKILL, i == 0 ? back_ms() : 2 * back_ms());
	load_finish(&load);
	assert_int_equal(load.refused, 0);
	assert_true(load.closed <= KILLS * load.callers);
	assert_int_equal(load.succeeded + load.closed, load.sent);
	health_check(d, &before, WAIT_MS);
	daemon_stop(d);
}

/* Killed again before it can have come up, many times over. */
static bool
kill_frontend_at_sight(void *arg)
{
	struct chaos *chaos = arg;
	pid_t pid = proc_frontend(chaos->daemon);

	if (pid != -1 && proc_kill(pid, SIGKILL))
		chaos->kills++;
	return (chaos->kills >= 5);
}

static void
chaos_frontend_at_start(void **state)
{
	struct chaos chaos = {daemon_start("agents = 4\n"), 0};
	struct daemon *d = chaos.daemon;
	struct health before;

	health_take(d, &before);
	assert_true(wait_until(kill_frontend_at_sight, &chaos, 60000));
	expect(get(d, "/livez"), 200, NULL);
	health_check(d, &before, WAIT_MS);
	daemon_stop(d);
}

static void
chaos_frontend_stopped(void **state)
{
	struct daemon *d =
	    daemon_start("agents = 4\nfrontend_timeout = \"1s\"\n");
	struct health before;
	struct load load;

	health_take(d, &before);
	load_init(&load, d, 4);
	kill_frontend(d, &load, SIGSTOP, 1500 + back_ms());
	load_finish(&load);
	assert_int_equal(load.refused, 0);
	health_check(d, &before, WAIT_MS);
	daemon_stop(d);
}

/* Kills the master and sees to it that everything else goes, too. */
static void
kill_master(struct daemon *d)
{
	int64_t begin = now_ms();
	pid_t pids[PROC_MAX];
	size_t n = proc_tree(d->pid, pids);

	assert_true(n > AGENTS);
	assert_true(proc_kill(d->pid, SIGKILL));
	assert_int_equal(daemon_wait(d, WAIT_MS), 128 + SIGKILL);
	if (!wait_until(proc_no_strays, d, within_ms(2000)))
		fail_msg("%zu processes are left", proc_strays(d));
	print_message(
	    "# %zu gone after %lld ms\n", n, (long long)(now_ms() - begin));
	for (size_t i = 0; i < n; i++)
		assert_int_equal(proc_state(pids[i]), 0);
	daemon_discard(d);
}

static void
chaos_master(void **state)
{
	kill_master(daemon_start("agents = 4\n"));
}

/* With calls that no polite signal, or none at all, will end. */
static void
master_with(const char *action)
{
	struct daemon *d = daemon_start("agents = 4\n");
	struct conn *conn, *other;
	char params[64];

	print_message("# %s\n", action);
	snprintf(params, sizeof(params), "{\"action\": \"%s\"}", action);
	conn = call_begin(d, ID_1, "fault", params, "");
	wait_request(d, ID_1, "running");
	gate_make(d, "gate");
	other = call_begin(d, ID_2, "wait", "{\"gate\": \"gate\"}", "");
	wait_request(d, ID_2, "running");
	kill_master(d);
	http_close(conn);
	http_close(other);
}

static void
chaos_master_stuck(void **state)
{
	static const char *const actions[] = {
	    "stubborn", "grandchild_hang", "stop", "loop", "brood"};

	for (size_t i = 0; i < COUNT(actions); i++)
		master_with(actions[i]);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    E2E_TEST(chaos_agents),
	    E2E_TEST(chaos_frontend),
	    E2E_TEST(chaos_frontend_at_start),
	    E2E_TEST(chaos_frontend_stopped),
	    E2E_TEST(chaos_master),
	    E2E_TEST(chaos_master_stuck),
	};

	return (cmocka_run_group_tests_name("chaos", tests, NULL, NULL));
}
