/*
 * The states of a circuit breaker and what leads from one to another.  The sum
 * over its sliding window is kept up to date: what comes is added to it, what
 * leaves is subtracted, so that no call costs more with a larger window.
 */

#include "frontend/router/breaker.h"
#include "common/clock.h"

#include <stdlib.h>
#include <string.h>

static const char *const names[BREAKER_STATES] = {
    [BREAKER_CLOSED] = "closed",
    [BREAKER_OPEN] = "open",
    [BREAKER_HALF_OPEN] = "half-open",
};

/* What the outcomes so far say. */
enum verdict { TOO_FEW, BELOW, ABOVE };

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

/* Forgets all. */
static void
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

/* By time: forgets what is too old at now_ns. */
static void
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

/* Never 0; of all breakers, so that one that was replaced has others. */
static uint32_t
breaker_turn(void)
{
	static uint32_t turns;

	if (++turns == 0)
		turns = 1;
	return (turns);
}

struct breaker *
breaker_new(const struct breaker_conf *conf)
{
	struct breaker *b = calloc(1, sizeof(*b));

	if (b == NULL)
		return (NULL);
	b->conf = *conf;
	/* More than the window holds could never be there. */
	if (!conf->by_time && conf->min_calls > conf->window)
		b->conf.min_calls = conf->window;
	if (breaker_window_init(&b->window, conf->by_time, conf->window) ==
		-1 ||
	    breaker_window_init(&b->trial, false, conf->probes) == -1) {
		breaker_free(b);
		return (NULL);
	}
	b->turn = breaker_turn();
	return (b);
}

void
breaker_free(struct breaker *b)
{
	if (b == NULL)
		return;
	breaker_window_fini(&b->window);
	breaker_window_fini(&b->trial);
	free(b);
}

static void
breaker_enter(struct breaker *b, enum breaker_state state)
{
	b->state = state;
	b->turn = breaker_turn();
	if (state == BREAKER_CLOSED) {
		breaker_window_clear(&b->window);
		b->opened_ns = 0;
	} else if (state == BREAKER_HALF_OPEN) {
		breaker_window_clear(&b->trial);
		b->permitted = b->conf.probes;
	}
}

void
breaker_reset(struct breaker *b)
{
	breaker_enter(b, BREAKER_CLOSED);
}

void
breaker_open(struct breaker *b, int64_t now_ns)
{
	breaker_enter(b, BREAKER_OPEN);
	b->opened_ns = now_ns;
}

int64_t
breaker_wait_ns(const struct breaker *b, int64_t now_ns)
{
	int64_t left = b->opened_ns + b->conf.wait_ns - now_ns;

	return (b->state == BREAKER_OPEN && left > 0 ? left : 0);
}

uint32_t
breaker_permit(struct breaker *b, int64_t now_ns)
{
	if (b->state == BREAKER_CLOSED)
		return (b->turn);
	if (b->state == BREAKER_OPEN) {
		if (breaker_wait_ns(b, now_ns) > 0)
			return (0);
		breaker_enter(b, BREAKER_HALF_OPEN);
	}
	if (b->permitted == 0)
		return (0);
	b->permitted--;
	return (b->turn);
}

/* Whether part is at least so many percent of whole. */
static bool
breaker_reaches(uint32_t part, uint32_t whole, uint32_t percent)
{
	return ((uint64_t)part * 100 >= (uint64_t)whole * percent);
}

static enum verdict
breaker_judge(
    const struct breaker *b, struct breaker_sum sum, uint32_t min_calls)
{
	if (sum.calls < min_calls)
		return (TOO_FEW);
	if (breaker_reaches(sum.failures, sum.calls, b->conf.failure_rate) ||
	    breaker_reaches(sum.slow, sum.calls, b->conf.slow_rate))
		return (ABOVE);
	return (BELOW);
}

void
breaker_record(struct breaker *b, uint32_t turn, bool failed, int64_t run_ns,
    int64_t now_ns)
{
	bool half = b->state == BREAKER_HALF_OPEN;
	struct breaker_window *w = half ? &b->trial : &b->window;
	enum verdict verdict;

	if (turn != b->turn)
		return;
	breaker_window_add(w, failed, run_ns > b->conf.slow_ns, now_ns);
	verdict =
	    breaker_judge(b, w->sum, half ? b->conf.probes : b->conf.min_calls);
	if (verdict == ABOVE)
		breaker_open(b, now_ns);
	else if (verdict == BELOW && half)
		breaker_enter(b, BREAKER_CLOSED);
}

void
breaker_release(struct breaker *b, uint32_t turn)
{
	if (turn == b->turn && b->state == BREAKER_HALF_OPEN)
		b->permitted++;
}

struct breaker_sum
breaker_sum(struct breaker *b, int64_t now_ns)
{
	if (b->state == BREAKER_HALF_OPEN)
		return (b->trial.sum);
	/* What made it open stays to be seen. */
	if (b->state == BREAKER_CLOSED)
		breaker_window_move(&b->window, now_ns);
	return (b->window.sum);
}

const char *
breaker_state_name(enum breaker_state state)
{
	return (names[state]);
}
