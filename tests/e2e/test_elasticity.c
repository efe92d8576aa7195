/*
 * A pool that grows while calls wait and shrinks when agents are idle, at the
 * speed and within the bounds of the configuration; and what becomes of it when
 * an administrator fixes the number.
 */

#include "harness.h"

#include <fcntl.h>
#include <json-c/json.h>
#include <signal.h>
#include <stdio.h>
#include <unistd.h>

#define GATE "{\"gate\": \"gate\"}"

/* Long enough for what must not happen. */
#define WATCH_MS 500

struct stat_search {
	struct daemon *daemon;
	const char *name;
	int64_t most;
};

static bool
stat_exceeds(void *arg)
{
	struct stat_search *search = arg;

	return (stat_of(search->daemon, search->name) > search->most);
}

/* For a while it is never more than that. */
static void
check_never_more(struct daemon *d, const char *name, int64_t most)
{
	struct stat_search search = {d, name, most};

	if (wait_until(stat_exceeds, &search, WATCH_MS))
		fail_msg("%s is more than %lld", name, (long long)most);
}

static bool
agents_not_idle(void *arg)
{
	struct stat_search *search = arg;

	return (!agents_idle(search->daemon, (int)search->most));
}

static void
check_stays(struct daemon *d, int agents)
{
	struct stat_search search = {d, NULL, agents};

	if (wait_until(agents_not_idle, &search, WATCH_MS))
		fail_msg("it does not stay at %d agents", agents);
}

/* Calls that stop at the gate. */
struct crowd {
	struct conn *conns[40];
	int count;
};

static void
crowd_come(struct crowd *crowd, struct daemon *d, int count)
{
	char id[40];

	gate_make(d, "gate");
	crowd->count = count;
	for (int i = 0; i < count; i++) {
		snprintf(id, sizeof(id), "%08d-0000-4000-8000-000000000000", i);
		crowd->conns[i] = call_begin(d, id, "wait", GATE, "");
	}
}

/* All of them finish, also those that come to the gate only now. */
static void
crowd_go(struct crowd *crowd, struct daemon *d)
{
	char path[160];
	int fd;

	snprintf(path, sizeof(path), "%s/fault/gate", d->dir);
	fd = open(path, O_RDWR | O_CLOEXEC);
	assert_int_not_equal(fd, -1);
	for (int i = 0; i < crowd->count; i++) {
		expect(http_answer(crowd->conns[i]), 200, NULL);
		http_close(crowd->conns[i]);
	}
	close(fd);
	unlink(path);
}

/* From 2 to 20, one, two, four, eight a second; and back. */
static void
elastic_grow(void **state)
{
	struct daemon *d =
	    daemon_start("agents_max = 20\nagents_idle_time = \"200ms\"\n");
	struct health before;
	struct crowd crowd;
	int64_t begin;

	health_take(d, &before);
	begin = now_ms();
	crowd_come(&crowd, d, 40);
	wait_stat(d, "busy_agents", 20);
	print_message("# from 2 to 20 agents in %lld ms\n",
	    (long long)(now_ms() - begin));
	/* 3, 5, 9 and 17 come before. */
	assert_true(now_ms() - begin > 3500);
	check_never_more(d, "active_agents", 20);
	begin = now_ms();
	crowd_go(&crowd, d);
	wait_agents(d, 2, WAIT_MS);
	print_message("# and back in %lld ms\n", (long long)(now_ms() - begin));
	check_stays(d, 2);
	assert_int_equal(stat_of(d, "agent_restarts"), 0);
	assert_int_equal(stat_of(d, "agents_recycled"), 0);
	health_check(d, &before, WAIT_MS);
	daemon_stop(d);
}

static void
elastic_spawn_rate(void **state)
{
	struct daemon *d = daemon_start("agents_max = 6\nspawn_rate = 1\n");
	struct crowd crowd;
	int64_t begin = now_ms();

	crowd_come(&crowd, d, 6);
	wait_stat(d, "busy_agents", 6);
	assert_true(now_ms() - begin > 2500);
	crowd_go(&crowd, d);
	daemon_stop(d);
}

static void
elastic_spare(void **state)
{
	struct daemon *d = daemon_start("agents = 1\nagents_max = 4\n"
					"agents_spare = 2\n"
					"agents_idle_time = \"100ms\"\n");
	struct crowd crowd;

	/* Before anybody calls. */
	wait_agents(d, 2, WAIT_MS);
	check_stays(d, 2);
	crowd_come(&crowd, d, 1);
	wait_stat(d, "idle_agents", 2);
	assert_int_equal(stat_of(d, "busy_agents"), 1);
	check_never_more(d, "idle_agents", 2);
	crowd_go(&crowd, d);
	wait_agents(d, 2, WAIT_MS);
	/* Not beyond the most. */
	crowd_come(&crowd, d, 3);
	wait_stat(d, "busy_agents", 3);
	wait_stat(d, "active_agents", 4);
	check_never_more(d, "active_agents", 4);
	crowd_go(&crowd, d);
	daemon_stop(d);
}

/* Load that comes and goes: no call is lost for it. */
static void
elastic_bursts(void **state)
{
	struct daemon *d = daemon_start("agents = 1\nagents_max = 8\n"
					"agents_spare = 2\n"
					"agents_idle_time = \"10ms\"\n");
	struct load load;

	load_init(&load, d, 8);
	for (int i = 0; i < 8; i++) {
		load_run(&load, 300);
		load_pause(&load);
		wait_agents(d, 2, WAIT_MS);
	}
	load_finish(&load);
	assert_int_equal(load.succeeded, load.sent);
	assert_int_equal(stat_of(d, "agent_restarts"), 0);
	daemon_stop(d);
}

/* A number that is set is one, whatever the load; a reload ends that. */
static void
elastic_fixed(void **state)
{
	struct daemon *d =
	    daemon_start("agents_max = 8\nagents_idle_time = \"50ms\"\n");
	struct crowd crowd;

	daemon_signal(d, SIGTTIN);
	wait_agents(d, 3, WAIT_MS);
	check_stays(d, 3);
	crowd_come(&crowd, d, 8);
	wait_stat(d, "busy_agents", 3);
	check_never_more(d, "active_agents", 3);
	daemon_reload(d);
	/* The three are replaced, and finish; the others go to new ones. */
	wait_stat(d, "busy_agents", 5);
	wait_stat(d, "queue_depth", 0);
	expect(administer(d, "agents", "{\"agents\": 4}"), 200, NULL);
	crowd_go(&crowd, d);
	wait_agents(d, 4, WAIT_MS);
	check_stays(d, 4);
	daemon_reload(d);
	wait_agents(d, 2, WAIT_MS);
	daemon_stop(d);
}

/* Other bounds, by reload. */
static void
elastic_reload(void **state)
{
	struct daemon *d = daemon_start("");

	daemon_configure(d, "agents_min = 4\nagents_max = 6\n");
	daemon_reload(d);
	wait_agents(d, 4, WAIT_MS);
	daemon_configure(
	    d, "agents = 1\nagents_max = 2\nagents_idle_time = \"50ms\"\n");
	daemon_reload(d);
	wait_agents(d, 1, WAIT_MS);
	daemon_configure(d, "agents = 3\n");
	daemon_reload(d);
	wait_agents(d, 3, WAIT_MS);
	daemon_stop(d);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    E2E_TEST(elastic_grow),
	    E2E_TEST(elastic_spawn_rate),
	    E2E_TEST(elastic_spare),
	    E2E_TEST(elastic_bursts),
	    E2E_TEST(elastic_fixed),
	    E2E_TEST(elastic_reload),
	};

	return (cmocka_run_group_tests_name("elasticity", tests, NULL, NULL));
}
