/*
 * What it costs to accept a call while others wait, of what depends on how many
 * there are.
 *
 *	bench_queue [ROUNDS]
 *
 * prints for 10 and for 100 000 waiting calls the nanoseconds of adding one at
 * its place in the queue and taking the first, and those of all that a submit
 * is from where its request has been read: making the call, its deadline, the
 * index of calls in flight, the queue.  Medians; the last column is the ratio
 * of the two.
 */

#include <err.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <event2/event.h>

#include "common/clock.h"
#include "common/uuid.h"
#include "conf/conf.h"
#include "frontend/globals.h"
#include "frontend/router/call.h"
#include "frontend/router/call_index.h"
#include "frontend/router/queue.h"
#include "frontend/router/tool.h"

#define FEW 10
#define MANY 100000
#define CALLS 20000 /* a round */
#define ROUNDS_MAX 101
#define TOOLS 4

static struct conf conf = {
    .priority_ageing_ms = 2000, .frontend_memory_bytes = 1 << 30};
static struct tool_info tools[TOOLS];
static char tool_names[TOOLS][8];
static unsigned int seed = 1;

static struct call *
make(void)
{
	static const char params[] = "{\"operation\":\"add\",\"a\":1,\"b\":2}";
	uint8_t id[UUID_SIZE];
	struct call *call;

	uuid_generate(id);
	call = call_new(id, &tools[rand_r(&seed) % TOOLS], params,
	    sizeof(params) - 1, 30 * NS_PER_SEC);
	if (call == NULL)
		errx(2, "out of memory");
	call->priority = rand_r(&seed) % QUEUE_PRIORITIES + 1;
	return (call);
}

static void
submit(void)
{
	struct call *call = make();

	call_arm(call);
	call_index_add(call);
	queue_add(call);
}

static void
end(struct call *call)
{
	evtimer_del(&call->deadline);
	call_index_remove(call);
	call_free(call);
}

static void
finish(void)
{
	struct queue_cursor at;
	struct call *call = queue_first(&at);

	queue_remove(call);
	end(call);
}

/* Time that goes by between two looks at the clock. */
static int64_t
look_ns(void)
{
	int64_t begin = clock_now_ns();

	for (int i = 0; i < CALLS; i++)
		clock_now_ns();
	return ((clock_now_ns() - begin) / CALLS);
}

/* From the making of a call until it waits. */
static double
whole_ns(void)
{
	int64_t ns = -look_ns() * CALLS, begin;

	for (int i = 0; i < CALLS; i++) {
		begin = clock_now_ns();
		submit();
		ns += clock_now_ns() - begin;
		finish();
	}
	return ((double)ns / CALLS);
}

/* Of the queue alone: one in, one out. */
static double
queue_ns(void)
{
	static struct call *calls[CALLS];
	struct queue_cursor at;
	int64_t begin, ns;

	for (int i = 0; i < CALLS; i++) {
		calls[i] = make();
		call_index_add(calls[i]);
	}
	begin = clock_now_ns();
	for (int i = 0; i < CALLS; i++) {
		queue_add(calls[i]);
		calls[i] = queue_first(&at);
		queue_remove(calls[i]);
	}
	ns = clock_now_ns() - begin;
	for (int i = 0; i < CALLS; i++)
		end(calls[i]);
	return ((double)ns / CALLS);
}

static int
compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return ((x > y) - (x < y));
}

static double
median(double (*measure)(void), int rounds)
{
	double ns[ROUNDS_MAX];

	for (int i = 0; i < rounds; i++)
		ns[i] = measure();
	qsort(ns, (size_t)rounds, sizeof(ns[0]), compare);
	return (ns[rounds / 2]);
}

static void
row(const char *what, double (*measure)(void), int rounds)
{
	double few, many;

	while (queue_count() < FEW)
		submit();
	few = median(measure, rounds);
	while (queue_count() < MANY)
		submit();
	many = median(measure, rounds);
	while (queue_count() > 0)
		finish();
	printf("%-24s %8.0f %10.0f %8.2f\n", what, few, many, many / few);
}

int
main(int argc, char *argv[])
{
	int rounds = argc > 1 ? atoi(argv[1]) : 11;

	if (rounds < 1 || rounds > ROUNDS_MAX)
		errx(2, "rounds: 1 to %d", ROUNDS_MAX);
	frontend.conf = &conf;
	if ((frontend.base = event_base_new()) == NULL)
		errx(2, "out of memory");
	for (int i = 0; i < TOOLS; i++) {
		snprintf(tool_names[i], sizeof(tool_names[i]), "tool%d", i);
		tools[i].name = tool_names[i];
		tools[i].refs = 1;
	}
	printf("%-24s %8d %10d %8s\n", "ns, with calls waiting:", FEW, MANY,
	    "ratio");
	row("queue: add and take", queue_ns, rounds);
	row("submit", whole_ns, rounds);
	return (0);
}
