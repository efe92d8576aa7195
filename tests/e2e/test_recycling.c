/*
 * Agents that are replaced for their calls, their age or their memory: nobody
 * notices, it is counted as what it is, and few go at a time.
 */

#include "harness.h"

#include <json-c/json.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ID_1 "11111111-1111-4111-8111-111111111111"
#define ID_2 "22222222-2222-4222-8222-222222222222"
#define GATE "{\"gate\": \"gate\"}"
#define OLD "is old (max_age)"

struct stat_search {
	struct daemon *daemon;
	const char *name;
	int64_t value;
};

static bool
stat_reaches(void *arg)
{
	struct stat_search *search = arg;

	/* While others come and go, as many serve as there should be. */
	assert_in_range(stat_of(search->daemon, "active_agents"), 3, 6);
	return (stat_of(search->daemon, search->name) >= search->value);
}

static bool
one_drains(void *arg)
{
	struct reply *reply = get(arg, "/api/v1/agents");
	int draining = agents_in(reply, "draining");

	reply_free(reply);
	assert_true(draining <= 1);
	return (draining == 1);
}

/* Ten and more were replaced, or there was no time for that. */
static void
load_until_recycled(struct load *load)
{
	int64_t end = now_ms() + WAIT_MS;

	do
		load_run(load, 1000);
	while (
	    stat_of(load->daemon, "agents_recycled") <= 10 && now_ms() < end);
}

/* Under load, again and again, and then with agents that die besides. */
static void
recycle_calls(void **state)
{
	struct daemon *d = daemon_start("agents = 4\nmax_calls = 10\n");
	struct health before;
	struct load load;

	health_take(d, &before);
	load_init(&load, d, 8);
	load_until_recycled(&load);
	load_finish(&load);
	print_message("# %lld agents recycled in %d calls\n",
	    (long long)stat_of(d, "agents_recycled"), load.sent);
	assert_int_equal(load.succeeded, load.sent);
	assert_true(stat_of(d, "agents_recycled") > 10);
	assert_int_equal(stat_of(d, "agent_restarts"), 0);
	assert_int_equal(daemon_logged(d, "gone before its first call"), 0);
	health_check(d, &before, WAIT_MS);
	daemon_stop(d);
}

static bool
kill_agent(void *arg)
{
	pid_t pids[PROC_MAX];
	size_t n = proc_agents(arg, pids);

	if (n > 0)
		proc_kill(pids[arc4random_uniform((uint32_t)n)], SIGKILL);
	return (true);
}

static void
recycle_chaos(void **state)
{
	struct daemon *d =
	    daemon_start("agents = 4\nmax_calls = 20\nmax_age = \"200ms\"\n");
	struct load load;

	load_init(&load, d, 8);
	load.tick = kill_agent;
	load.tick_arg = d;
	load.tick_ms = 50;
	load_run(&load, 3000);
	daemon_signal(d, SIGHUP);
	load_run(&load, 1000);
	load_finish(&load);
	assert_true(load.succeeded > 0);
	assert_int_equal(load.succeeded + load.status[502], load.sent);
	assert_true(stat_of(d, "agents_recycled") > 0);
	assert_true(stat_of(d, "agent_restarts") > 0);
	daemon_configure(d, "agents = 4\n");
	daemon_reload(d);
	wait_agents(d, 4, WAIT_MS);
	daemon_stop(d);
}

/* Whether they do anything or not. */
static void
recycle_age(void **state)
{
	struct daemon *d = daemon_start("agents = 3\nmax_age = \"300ms\"\n");
	struct stat_search search = {d, "agents_recycled", 9};

	/* The front end may learn of them after others know that it serves. */
	wait_agents(d, 3, WAIT_MS);
	assert_true(wait_until(stat_reaches, &search, WAIT_MS));
	assert_int_equal(stat_of(d, "agent_restarts"), 0);
	daemon_configure(d, "agents = 3\n");
	daemon_reload(d);
	wait_agents(d, 3, WAIT_MS);
	daemon_stop(d);
}

/* The time of day in seconds from the line of the log in which text is. */
static double
time_of(const char *log, const char *text)
{
	const char *line = text;
	int hour, minute;
	double second;

	while (line > log && line[-1] != '\n')
		line--;
	assert_int_equal(
	    sscanf(line, "%*[^T]T%d:%d:%lf", &hour, &minute, &second), 3);
	return (hour * 3600 + minute * 60 + second);
}

/* Five that start together do not grow old together. */
static void
recycle_jitter(void **state)
{
	struct daemon *d = daemon_start("agents = 5\nmax_age = \"3s\"\n");
	double first, last;
	char *log, *at;

	wait_agents(d, 5, WAIT_MS);
	while (daemon_logged(d, OLD) < 5)
		assert_true(daemon_wait_log(d, OLD, WAIT_MS));
	log = file_read(d->log);
	at = strstr(log, OLD);
	first = last = time_of(log, at);
	for (int i = 1; i < 5; i++) {
		at = strstr(at + 1, OLD);
		last = time_of(log, at);
	}
	print_message("# five within %.3f s\n", last - first);
	assert_true(last - first > 0.005 || last < first);
	free(log);
	daemon_stop(d);
}

/* An agent that is worn works on until another is there, and finishes. */
static void
recycle_busy(void **state)
{
	struct daemon *d = daemon_start("max_age = \"300ms\"\n");
	struct conn *one, *two;
	struct reply *reply;

	gate_make(d, "gate");
	gate_make(d, "other");
	one = call_begin(d, ID_1, "wait", GATE, "");
	two = call_begin(d, ID_2, "wait", "{\"gate\": \"other\"}", "");
	wait_request(d, ID_1, "running");
	wait_request(d, ID_2, "running");
	while (daemon_logged(d, OLD) < 2)
		assert_true(daemon_wait_log(d, OLD, WAIT_MS));
	/* One at a time: of two, none but the first drains. */
	assert_true(wait_until(one_drains, d, WAIT_MS));
	expect(call(d, "echo", "{\"message\": \"x\"}"), 200, NULL);
	reply = get(d, "/api/v1/agents");
	assert_int_equal(agents_in(reply, "draining"), 1);
	assert_int_equal(agents_in(reply, "busy"), 1);
	reply_free(reply);
	gate_open(d, "gate");
	gate_open(d, "other");
	expect(http_answer(one), 200, NULL);
	expect(http_answer(two), 200, NULL);
	http_close(one);
	http_close(two);
	assert_int_equal(stat_of(d, "agent_restarts"), 0);
	daemon_stop(d);
}

#define LEAK "{\"action\": \"leak\", \"size\": 41943040}"

static void
recycle_memory(void **state)
{
	struct daemon *d = daemon_start("agents = 1\nmax_rss = 200m\n");
	pid_t before = proc_agent(d, 1);
	int calls = 0;

	while (daemon_logged(d, "(max_rss)") == 0 && calls < 20) {
		expect(call(d, "fault", LEAK), 200, NULL);
		calls++;
	}
	print_message("# recycled after %d calls of 40 MiB\n", calls);
	wait_stat(d, "agents_recycled", 1);
	assert_true(wait_until(proc_gone, &before, WAIT_MS));
	for (int i = 0; i < 50; i++)
		expect(call(d, "echo", "{\"message\": \"x\"}"), 200, NULL);
	assert_int_equal(stat_of(d, "agents_recycled"), 1);
	assert_int_equal(stat_of(d, "agent_restarts"), 0);
	wait_agents(d, 1, WAIT_MS);
	daemon_stop(d);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    E2E_TEST(recycle_calls),
	    E2E_TEST(recycle_chaos),
	    E2E_TEST(recycle_age),
	    E2E_TEST(recycle_jitter),
	    E2E_TEST(recycle_busy),
	    E2E_TEST(recycle_memory),
	};

	return (cmocka_run_group_tests_name("recycling", tests, NULL, NULL));
}
