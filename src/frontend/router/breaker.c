/*
 * The states of a circuit breaker and what leads from one to another.  Called
 * by gate.c, which keeps one for each tool that wants one.
 */

#include "frontend/router/breaker.h"

#include <stdlib.h>

static const char *const names[BREAKER_STATES] = {
    [BREAKER_CLOSED] = "closed",
    [BREAKER_OPEN] = "open",
    [BREAKER_HALF_OPEN] = "half-open",
};

/* What the outcomes so far say. */
enum verdict { TOO_FEW, BELOW, ABOVE };

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
