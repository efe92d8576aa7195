/*
 * How precise deadlines are: when the 504 leaves, and when an agent that is
 * fresh serves the next call.  Prints percentiles, in milliseconds after the
 * deadline, and holds the medians against what is promised.
 */

#include "harness.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CALLS 60
#define TIMEOUT_MS 60
#define ID "0f8fad5b-d9cb-469f-a165-70867728950e"

struct series {
	const char *name;
	int64_t us[CALLS];
	int count;
};

static int
series_compare(const void *a, const void *b)
{
	const int64_t *x = a, *y = b;

	return ((*x > *y) - (*x < *y));
}

static double
series_at(const struct series *series, double part)
{
	int place = (int)(part * (series->count - 1) + 0.5);

	return ((double)series->us[place] / 1000);
}

/* Sorts and prints; the limits are in milliseconds. */
static void
series_check(struct series *series, double median, double most)
{
	qsort(series->us, (size_t)series->count, sizeof(series->us[0]),
	    series_compare);
	print_message("# %s, ms after the deadline: min %.2f, p50 %.2f, "
		      "p90 %.2f, p99 %.2f, max %.2f\n",
	    series->name, series_at(series, 0), series_at(series, 0.5),
	    series_at(series, 0.9), series_at(series, 0.99),
	    series_at(series, 1));
	/* Never before the deadline. */
	assert_true(series_at(series, 0) >= 0);
	assert_true(series_at(series, 0.5) <= median);
	assert_true(series_at(series, 1) <= most);
}

static double
slower(double ms)
{
	return (within_ms(1) * (built_with_sanitizers() ? 4 * ms : ms));
}

/*
 * One agent runs a call past its deadline; the next call, sent when the 504
 * has come, is served by the agent that replaces it.
 */
static void
measure(struct daemon *d, const char *action, struct series *late,
    struct series *fresh)
{
	struct conn *conn = http_open(d);
	char body[200];
	int64_t deadline;

	snprintf(body, sizeof(body),
	    "{\"tool_name\": \"fault\", \"params\": {\"action\": \"%s\"}, "
	    "\"timeout\": %g}",
	    action, TIMEOUT_MS / 1000.0);
	for (int i = 0; i < CALLS; i++) {
		deadline = now_us() + TIMEOUT_MS * 1000;
		http_request(conn, "POST", "/api/v1/request", NULL, body);
		expect(http_answer(conn), 504, "timeout");
		late->us[late->count++] = now_us() - deadline;
		http_request(conn, "POST", "/api/v1/tools/echo", NULL,
		    "{\"message\": \"x\"}");
		expect(http_answer(conn), 200, NULL);
		fresh->us[fresh->count++] = now_us() - deadline;
	}
	http_close(conn);
}

static void
timeouts_of(const char *action)
{
	struct series late = {.name = "504"};
	struct series fresh = {.name = "fresh agent"};
	struct daemon *d = daemon_start("agents = 1\n");
	struct health before;

	health_take(d, &before);
	print_message("# an agent in \"%s\"\n", action);
	measure(d, action, &late, &fresh);
	series_check(&late, slower(10), slower(2000));
	series_check(&fresh, slower(50), slower(3000));
	health_check(d, &before, WAIT_MS);
	daemon_stop(d);
}

static void
timeouts_stopped(void **state)
{
	timeouts_of("stop");
}

static void
timeouts_stubborn(void **state)
{
	timeouts_of("stubborn");
}

static void
timeouts_loop(void **state)
{
	timeouts_of("loop");
}

/* A body that takes its time to read brings no deadline forward. */
static void
timeouts_large(void **state)
{
	enum { SIZE = 900 << 10, LIMIT_MS = 500, ROUNDS = 5 };
	struct daemon *d = daemon_start("agents = 1\n");
	char *text = malloc(SIZE + 1), *params;
	int64_t begin;

	assert_non_null(text);
	memset(text, 'x', SIZE);
	text[SIZE] = '\0';
	assert_int_not_equal(
	    asprintf(&params, "{\"action\": \"stop\", \"text\": \"%s\"}", text),
	    -1);
	for (int i = 0; i < ROUNDS; i++) {
		begin = now_us();
		expect(call_with(d, "fault", params, ", \"timeout\": 0.5"), 504,
		    "timeout");
		print_message(
		    "# after %.2f ms\n", (double)(now_us() - begin) / 1000);
		assert_true(now_us() - begin >= LIMIT_MS * 1000);
	}
	free(params);
	free(text);
	daemon_stop(d);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    E2E_TEST(timeouts_stopped),
	    E2E_TEST(timeouts_stubborn),
	    E2E_TEST(timeouts_loop),
	    E2E_TEST(timeouts_large),
	};

	return (cmocka_run_group_tests_name("timeouts", tests, NULL, NULL));
}
