/*
 * Two periods of counting.  Called by overload.c; it knows nothing of calls
 * but that one has ended.
 */

#include "frontend/router/rate.h"
#include "common/clock.h"

/* A period ends when it has so many calls and that time; or this time. */
#define PERIOD_CALLS 16
#define PERIOD_NS NS_PER_SEC
#define PERIOD_MAX_NS (20 * NS_PER_SEC)

/* Less than that is no evidence. */
#define EVIDENCE_CALLS 8
#define EVIDENCE_NS (100 * NS_PER_MS)

/* What was before a pause of this length says nothing. */
#define FORGET_NS (10 * NS_PER_SEC)

/* Counts the time until now, and begins another period when it is due. */
static void
rate_catch_up(struct rate *rate, int64_t now)
{
	struct rate_period *p = &rate->now;

	if (rate->busy) {
		p->busy_ns += now - rate->since_ns;
		rate->since_ns = now;
	}
	if (p->busy_ns >= PERIOD_MAX_NS ||
	    (p->busy_ns >= PERIOD_NS && p->ended >= PERIOD_CALLS)) {
		rate->before = *p;
		*p = (struct rate_period){0};
	}
}

void
rate_set_busy(struct rate *rate, bool busy)
{
	int64_t now;

	if (rate->busy == busy)
		return;
	now = clock_now_ns();
	if (!busy)
		rate_catch_up(rate, now);
	else if (now - rate->since_ns > FORGET_NS)
		rate->now = rate->before = (struct rate_period){0};
	rate->busy = busy;
	rate->since_ns = now;
}

void
rate_ended(struct rate *rate)
{
	if (rate->busy && ++rate->now.ended % PERIOD_CALLS == 0)
		rate_catch_up(rate, clock_now_ns());
}

static int64_t
rate_expect_ns(const struct rate *rate, size_t calls, uint64_t more)
{
	double ended = (double)(rate->now.ended + rate->before.ended + more);
	double busy_ns = (double)(rate->now.busy_ns + rate->before.busy_ns);
	double wait_ns = busy_ns / ended * (double)calls;

	return (wait_ns < (double)(INT64_MAX / 2) ? (int64_t)wait_ns
						  : INT64_MAX / 2);
}

int64_t
rate_wait_ns(struct rate *rate, size_t calls)
{
	if (!rate->busy || calls == 0)
		return (0);
	rate_catch_up(rate, clock_now_ns());
	if (rate->now.ended + rate->before.ended < EVIDENCE_CALLS ||
	    rate->now.busy_ns + rate->before.busy_ns < EVIDENCE_NS)
		return (0);
	return (rate_expect_ns(rate, calls, 0));
}

int64_t
rate_guess_ns(struct rate *rate, size_t calls)
{
	rate_catch_up(rate, clock_now_ns());
	/* The next one may end this very moment. */
	return (rate_expect_ns(rate, calls, 1));
}
