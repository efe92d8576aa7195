/*
 * Circuit breakers: sequences of calls as rows of a table, against a time that
 * the rows set.  The rules are those that resilience4j documents; the numbers
 * are ours.
 */

#include "test.h"

#include "common/clock.h"
#include "frontend/router/breaker.h"

#include <stdlib.h>
#include <string.h>

/* Most calls of a row that are under way at the same time. */
#define UNDER_WAY 32

/* Nothing begins when the clock does. */
#define START_S 1000

#define BY_COUNT(window, min)                                                 \
	{                                                                     \
		false, window, min, 50, 100, 2 * NS_PER_SEC, 10 * NS_PER_SEC, \
		    3                                                         \
	}
#define BY_TIME(window, min)                                                   \
	{                                                                      \
		true, window, min, 50, 100, 2 * NS_PER_SEC, 10 * NS_PER_SEC, 3 \
	}

/*
 * A sequence of letters, each a call that is let through and ends at once:
 *	s succeeds, f fails, S succeeds slowly, F fails slowly,
 *	x is refused;
 * or one of these:
 *	( begins a call, ) ends the oldest of these with success, ] with
 *	failure, ~ says that it came to nothing;
 *	. is a second that passes, : ten of them;
 *	R resets, O opens;
 *	C asserts that it is closed, P open, H half-open.
 */
static const struct {
	const char *what;
	struct breaker_conf conf;
	const char *events;
	struct breaker_sum sum; /* at the end */
} rows[] = {
    {"begins closed", BY_COUNT(10, 10), "C", {0, 0, 0}},
    {"too few calls say nothing", BY_COUNT(10, 5), "ffffC", {4, 4, 0}},
    {"the least number that does", BY_COUNT(10, 5), "ffffCfPx", {5, 5, 0}},
    {"the threshold itself opens", BY_COUNT(10, 4), "ssfCfPx", {4, 2, 0}},
    {"below it nothing does", BY_COUNT(10, 5), "sssffCsfC", {7, 3, 0}},
    {"judged at each call, not only failures", BY_COUNT(10, 4), "fffCsP",
	{4, 3, 0}},
    {"the oldest leaves the window", BY_COUNT(4, 4), "fsssCsfC", {4, 1, 0}},
    {"round and round", BY_COUNT(4, 4), "ssssssssssssfCfPx", {4, 2, 0}},
    {"what has left counts no more", BY_COUNT(4, 4), "fsssssssfCsssC",
	{4, 1, 0}},
    {"no more calls are needed than the window holds", BY_COUNT(4, 100),
	"fffCfP", {4, 4, 0}},
    {"slow calls open",
	{false, 10, 4, 50, 75, 2 * NS_PER_SEC, 10 * NS_PER_SEC, 3}, "sSSCSP",
	{4, 0, 3}},
    {"slow and failed count for both",
	{false, 10, 4, 60, 60, 2 * NS_PER_SEC, 10 * NS_PER_SEC, 3}, "sFFCFP",
	{4, 3, 3}},
    {"all must be slow at 100 percent", BY_COUNT(10, 4), "SSSsCSC", {5, 0, 4}},
    {"refuses until the wait is over", BY_COUNT(4, 4), "ffffP.........xPx.sH",
	{1, 0, 0}},
    {"stays open until somebody calls", BY_COUNT(4, 4), "ffffP::::P",
	{4, 4, 0}},
    {"closes after good probes", BY_COUNT(4, 4), "ffff:sHsHsC", {0, 0, 0}},
    {"opens after bad probes", BY_COUNT(4, 4), "ffff:sHfHfPx.........x.sH",
	{1, 0, 0}},
    {"no judgement before the last probe", BY_COUNT(4, 4), "ffff:fHfHfP",
	{4, 4, 0}},
    {"probes below the threshold", BY_COUNT(4, 4), "ffff:fHsHsC", {0, 0, 0}},
    {"slow probes", BY_COUNT(4, 4), "ffff:SSSP", {4, 4, 0}},
    {"no more than the probes go through", BY_COUNT(4, 4),
	"ffff:(((HxHx)HxH)H)CsC", {1, 0, 0}},
    {"a probe that came to nothing gives its place back", BY_COUNT(4, 4),
	"ffff:(((x~Hsx)H)C", {0, 0, 0}},
    {"begun when closed, ended when open", BY_COUNT(4, 4), "((ffffP))P",
	{4, 4, 0}},
    {"begun when closed, ended half-open", BY_COUNT(4, 4), "((]fff:sH)HsH",
	{2, 0, 0}},
    {"closed again it has forgotten", BY_COUNT(4, 4), "ffff:sssCfffCfP",
	{4, 4, 0}},
    {"reset when open", BY_COUNT(4, 4), "ffffPRCfffCfP", {4, 4, 0}},
    {"reset when half-open", BY_COUNT(4, 4), "ffff:sHRCs", {1, 0, 0}},
    {"opened by order", BY_COUNT(4, 4), "sOPx:sHssC", {0, 0, 0}},
    {"by time: begins anew each second", BY_TIME(5, 4), "f.f.f.C.fP",
	{4, 4, 0}},
    {"by time: the oldest second leaves", BY_TIME(5, 4), "f.f.f...C.fC",
	{2, 2, 0}},
    {"by time: all leave", BY_TIME(5, 4), "fff:fffCfP", {4, 4, 0}},
    {"by time: leaves without a call", BY_TIME(5, 4), "fff:C", {0, 0, 0}},
    {"by time: any number in a second", BY_TIME(2, 20),
	"ssssssssss.fffffffff"
	"CfP",
	{20, 10, 0}},
    {"by time: the last moment of a second", BY_TIME(2, 2), "f.sP", {2, 1, 0}},
    {"by time: probes are counted", BY_TIME(5, 4), "ffff:s.....s.....sC",
	{0, 0, 0}},
    {"by time: the wait is its own", BY_TIME(1, 1), "fP.....xP.....sH",
	{1, 0, 0}},
};

struct run {
	struct breaker *breaker;
	int64_t now_ns;
	uint32_t turns[UNDER_WAY];
	size_t first, last;
};

static void
begin(struct run *run)
{
	uint32_t turn = breaker_permit(run->breaker, run->now_ns);

	assert_int_not_equal(turn, 0);
	assert_in_range(run->last, 0, UNDER_WAY - 1);
	run->turns[run->last++] = turn;
}

static void
end(struct run *run, bool failed, bool slow)
{
	breaker_record(run->breaker, run->turns[run->first++], failed,
	    slow ? 2 * NS_PER_SEC + 1 : 2 * NS_PER_SEC, run->now_ns);
}

static void
once(struct run *run, bool failed, bool slow)
{
	struct run other = *run;

	other.first = other.last = 0;
	begin(&other);
	end(&other, failed, slow);
}

static void
state(struct run *run, const char *name)
{
	assert_string_equal(breaker_state_name(run->breaker->state), name);
}

static void
step(struct run *run, char event)
{
	switch (event) {
	case 's':
	case 'f':
		once(run, event == 'f', false);
		break;
	case 'S':
	case 'F':
		once(run, event == 'F', true);
		break;
	case 'x':
		assert_int_equal(breaker_permit(run->breaker, run->now_ns), 0);
		break;
	case '(':
		begin(run);
		break;
	case ')':
	case ']':
		end(run, event == ']', false);
		break;
	case '~':
		breaker_release(run->breaker, run->turns[run->first++]);
		break;
	case '.':
		run->now_ns += NS_PER_SEC;
		break;
	case ':':
		run->now_ns += 10 * NS_PER_SEC;
		break;
	case 'R':
		breaker_reset(run->breaker);
		break;
	case 'O':
		breaker_open(run->breaker, run->now_ns);
		break;
	case 'C':
		state(run, "closed");
		break;
	case 'P':
		state(run, "open");
		break;
	case 'H':
		state(run, "half-open");
		break;
	default:
		fail_msg("no such event: %c", event);
	}
}

static void
test_rows(void **unused)
{
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct run run = {breaker_new(&rows[i].conf),
		    START_S * NS_PER_SEC, {0}, 0, 0};
		struct breaker_sum sum;

		print_message("# %s\n", rows[i].what);
		assert_non_null(run.breaker);
		for (const char *p = rows[i].events; *p != '\0'; p++)
			step(&run, *p);
		sum = breaker_sum(run.breaker, run.now_ns);
		assert_int_equal(sum.calls, rows[i].sum.calls);
		assert_int_equal(sum.failures, rows[i].sum.failures);
		assert_int_equal(sum.slow, rows[i].sum.slow);
		breaker_free(run.breaker);
	}
}

static void
test_wait(void **unused)
{
	static const struct breaker_conf conf = BY_COUNT(4, 4);
	struct breaker *b = breaker_new(&conf);

	assert_int_equal(breaker_wait_ns(b, 5), 0);
	breaker_open(b, 5);
	assert_int_equal(b->opened_ns, 5);
	assert_int_equal(breaker_wait_ns(b, 5), 10 * NS_PER_SEC);
	assert_int_equal(breaker_permit(b, 4 + 10 * NS_PER_SEC), 0);
	assert_int_equal(breaker_wait_ns(b, 4 + 10 * NS_PER_SEC), 1);
	assert_int_not_equal(breaker_permit(b, 5 + 10 * NS_PER_SEC), 0);
	assert_int_equal(breaker_wait_ns(b, 5 + 10 * NS_PER_SEC), 0);
	breaker_free(b);
}

/* Against the sums of all that is in the window, counted anew each time. */
static void
test_window_by_count(void **unused)
{
	struct breaker_window w;
	bool failed[2000], slow[2000];

	assert_int_equal(breaker_window_init(&w, false, 17), 0);
	srandom(1);
	for (size_t n = 0; n < COUNT(failed); n++) {
		struct breaker_sum sum = {0};

		failed[n] = random() % 3 == 0;
		slow[n] = random() % 5 == 0;
		breaker_window_add(&w, failed[n], slow[n], 0);
		for (size_t i = n < 16 ? 0 : n - 16; i <= n; i++) {
			sum.calls++;
			sum.failures += failed[i];
			sum.slow += slow[i];
		}
		assert_memory_equal(&sum, &w.sum, sizeof(sum));
	}
	breaker_window_fini(&w);
}

static void
test_window_by_time(void **unused)
{
	struct breaker_window w;
	int64_t second[2000], now = START_S;

	assert_int_equal(breaker_window_init(&w, true, 7), 0);
	srandom(1);
	for (size_t n = 0; n < COUNT(second); n++) {
		uint32_t calls = 0;

		now += random() % 8 == 0 ? random() % 12 : 0;
		second[n] = now;
		breaker_window_add(&w, true, false, now * NS_PER_SEC);
		for (size_t i = 0; i <= n; i++)
			calls += second[i] > now - 7;
		assert_int_equal(w.sum.calls, calls);
		assert_int_equal(w.sum.failures, calls);
	}
	breaker_window_fini(&w);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_rows),
	    cmocka_unit_test(test_wait),
	    cmocka_unit_test(test_window_by_count),
	    cmocka_unit_test(test_window_by_time),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
