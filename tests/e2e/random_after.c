/*
 * What must hold of the daemon of the randomised test once it is at rest: every
 * outcome was counted, nothing is left, and nothing has grown.
 */

#include "random.h"

#include <inttypes.h>
#include <json-c/json.h>
#include <stdio.h>

#define GROWTH_KB 4096

/* Until all agents are back, and all strays are gone. */
#define REST_MS WAIT_MS

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

static struct random_memory
memory_take(struct daemon *d)
{
	struct random_memory memory = {
	    proc_private_kb(proc_master(d)), proc_private_kb(proc_frontend(d))};

	return (memory);
}

static void
check_memory(struct daemon *d, const struct random_memory *before)
{
	struct random_memory after = memory_take(d);

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

/* As it was before: configured, idle, and no larger. */
static void
check_all(struct random *r, const struct random_before *before)
{
	struct daemon *d = r->daemon;

	random_configure(d);
	expect(administer(d, "reload", ""), 200, NULL);
	/* A number that was set outlives a reload of the same one. */
	expect(administer(d, "agents", "{\"agents\": 4}"), 200, NULL);
	wait_agents(d, RANDOM_AGENTS, REST_MS);
	check_requests(d);
	health_check(d, &before->health, REST_MS);
	check_memory(d, &before->memory);
	random_call_all(d);
}

void
random_before_calls(struct random_before *before, struct daemon *d)
{
	/* Each agent has a coprocess. */
	health_take_with(d, &before->health, 1);
	before->stats = get(d, "/api/v1/stats");
}

void
random_before_acts(struct random_before *before, struct daemon *d)
{
	before->memory = memory_take(d);
}

void
random_after(struct random *r, struct random_before *before)
{
	random_report(r);
	check_variety(r);
	check_counters(r, before->stats);
	reply_free(before->stats);
	check_all(r, before);
}
