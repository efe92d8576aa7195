/*
 * Keeps the sum over a sliding window up to date: what comes is added to it,
 * what leaves is subtracted, so that no call costs more with a larger window.
 * Called by breaker.c.
 */

#include "frontend/router/breaker_window.h"

#include "common/clock.h"

#include <stdlib.h>
#include <string.h>

/* An outcome in the circle. */
#define FAILED 1
#define SLOW 2

static size_t
breaker_window_bytes(const struct breaker_window *w)
{
	return (
	    w->size * (w->by_time ? sizeof(*w->parts) : sizeof(*w->outcomes)));
}

int
breaker_window_init(struct breaker_window *w, bool by_time, uint32_t size)
{
	memset(w, 0, sizeof(*w));
	w->by_time = by_time;
	w->size = size;
	w->outcomes = calloc(1, breaker_window_bytes(w));
	return (w->outcomes == NULL ? -1 : 0);
}

void
breaker_window_fini(struct breaker_window *w)
{
	free(w->outcomes);
	w->outcomes = NULL;
}

void
breaker_window_clear(struct breaker_window *w)
{
	memset(w->outcomes, 0, breaker_window_bytes(w));
	w->sum = (struct breaker_sum){0};
	w->next = 0;
}

static void
breaker_sum_add(struct breaker_sum *sum, bool failed, bool slow)
{
	sum->calls++;
	sum->failures += failed;
	sum->slow += slow;
}

static void
breaker_sum_subtract(struct breaker_sum *sum, struct breaker_sum part)
{
	sum->calls -= part.calls;
	sum->failures -= part.failures;
	sum->slow -= part.slow;
}

void
breaker_window_move(struct breaker_window *w, int64_t now_ns)
{
	int64_t second = now_ns / NS_PER_SEC;

	if (!w->by_time)
		return;
	if (second - w->second >= (int64_t)w->size) {
		breaker_window_clear(w);
		w->second = second;
	}
	while (w->second < second) {
		w->second++;
		w->next = (w->next + 1) % w->size;
		breaker_sum_subtract(&w->sum, w->parts[w->next]);
		w->parts[w->next] = (struct breaker_sum){0};
	}
}

static void
breaker_window_put(struct breaker_window *w, bool failed, bool slow)
{
	uint8_t *place = &w->outcomes[w->next], old = *place;
	struct breaker_sum gone = {1, (old & FAILED) != 0, (old & SLOW) != 0};

	if (w->sum.calls == w->size)
		breaker_sum_subtract(&w->sum, gone);
	*place = (uint8_t)((failed ? FAILED : 0) | (slow ? SLOW : 0));
	w->next = (w->next + 1) % w->size;
}

void
breaker_window_add(
    struct breaker_window *w, bool failed, bool slow, int64_t now_ns)
{
	breaker_window_move(w, now_ns);
	if (w->by_time)
		breaker_sum_add(&w->parts[w->next], failed, slow);
	else
		breaker_window_put(w, failed, slow);
	breaker_sum_add(&w->sum, failed, slow);
}
