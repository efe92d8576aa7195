/*
 * "The daemon is as healthy as before": the same number of processes and
 * descriptors, no zombie, no stray, all agents idle, and a call that works.
 */

#include "harness.h"

#include <json-c/json.h>
#include <stdio.h>
#include <string.h>

int
agents_in(const struct reply *reply, const char *state)
{
	struct json_object *list = reply_at(reply, "/agents");
	size_t n = json_object_array_length(list);
	char pointer[64];
	int count = 0;

	for (size_t i = 0; i < n; i++) {
		snprintf(pointer, sizeof(pointer), "/agents/%zu/state", i);
		if (strcmp(reply_string(reply, pointer), state) == 0)
			count++;
	}
	return (count);
}

bool
agents_idle(struct daemon *d, int count)
{
	struct reply *reply = get(d, "/api/v1/agents");
	bool idle;

	idle = reply->status == 200 && reply_int(reply, "/count") == count &&
	       agents_in(reply, "idle") == count;
	reply_free(reply);
	return (idle);
}

struct agents_search {
	struct daemon *daemon;
	int count;
};

static bool
agents_are_idle(void *arg)
{
	struct agents_search *search = arg;

	return (agents_idle(search->daemon, search->count));
}

void
wait_agents(struct daemon *d, int count, int timeout_ms)
{
	struct agents_search search = {d, count};
	struct reply *reply;

	if (wait_until(agents_are_idle, &search, timeout_ms))
		return;
	reply = get(d, "/api/v1/agents");
	fail_msg("%d agents are not all idle: %s", count, reply->body);
}

static void
health_read(struct daemon *d, struct health *health)
{
	struct reply *reply = get(d, "/api/v1/agents");
	pid_t pids[PROC_MAX];

	health->agents = agents_in(reply, "idle");
	if (health->agents != reply_int(reply, "/count"))
		health->agents = -1;
	reply_free(reply);
	health->master_fds = proc_fds(proc_master(d));
	health->frontend_fds = proc_fds(proc_frontend(d));
	health->processes = proc_workers(d, pids);
}

struct health_settling {
	struct daemon *daemon;
	struct health *health;
	int same; /* looks in a row that saw the same */
};

/*
 * At rest there are but the agents and the front end, and no descriptor that
 * is open for a moment only.
 */
static bool
health_settled(void *arg)
{
	struct health_settling *settling = arg;
	struct health now, *last = settling->health;

	health_read(settling->daemon, &now);
	if (now.agents > 0 && now.frontend_fds != -1 &&
	    now.processes ==
		(size_t)now.agents * (1 + (size_t)last->per_agent) + 1 &&
	    now.master_fds == last->master_fds &&
	    now.frontend_fds == last->frontend_fds)
		settling->same++;
	else
		settling->same = 0;
	now.per_agent = last->per_agent;
	*last = now;
	return (settling->same == 3);
}

void
health_take_with(struct daemon *d, struct health *health, int per_agent)
{
	struct health_settling settling = {d, health, 0};

	*health = (struct health){.per_agent = per_agent};
	expect(call(d, "echo", "{\"message\": \"before\"}"), 200, NULL);
	assert_true(wait_until(health_settled, &settling, WAIT_MS));
}

void
health_take(struct daemon *d, struct health *health)
{
	health_take_with(d, health, 0);
}

struct health_search {
	struct daemon *daemon;
	const struct health *before;
	struct health after;
	size_t zombies, strays;
};

static bool
health_same(void *arg)
{
	struct health_search *search = arg;
	const struct health *before = search->before;
	struct health *after = &search->after;

	health_read(search->daemon, after);
	search->zombies = proc_zombies(search->daemon);
	search->strays = proc_strays(search->daemon);
	return (after->agents == before->agents &&
		after->master_fds == before->master_fds &&
		after->frontend_fds == before->frontend_fds &&
		after->processes == before->processes && search->zombies == 0 &&
		search->strays == 0);
}

void
health_check(struct daemon *d, const struct health *before, int timeout_ms)
{
	struct health_search search = {.daemon = d, .before = before};
	struct health *after = &search.after;

	if (!wait_until(health_same, &search, timeout_ms))
		fail_msg("idle agents %lld (%lld before), descriptors of the "
			 "master %d (%d), of the front end %d (%d), "
			 "processes %zu (%zu), zombies %zu, strays %zu",
		    (long long)after->agents, (long long)before->agents,
		    after->master_fds, before->master_fds, after->frontend_fds,
		    before->frontend_fds, after->processes, before->processes,
		    search.zombies, search.strays);
	expect(call(d, "echo", "{\"message\": \"after\"}"), 200, NULL);
}
