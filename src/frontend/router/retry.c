/*
 * Decides whether a failed attempt is the end of its call.  call.c has the
 * timer, router.c takes the call up again.
 *
 * The pause is exponential back-off with full jitter: any time up to the
 * limit, so that callers who failed together do not come back together.  See
 * "Exponential Backoff And Jitter", AWS Architecture Blog, 2015.
 */

#include "frontend/router/retry.h"
#include "common/clock.h"
#include "common/log.h"
#include "conf/conf.h"
#include "frontend/globals.h"
#include "frontend/router/admit.h"
#include "frontend/router/overload.h"
#include "frontend/router/progress.h"
#include "frontend/router/stats.h"
#include "frontend/router/tool.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

uint32_t (*retry_random)(uint32_t) = arc4random_uniform;

/* The index of the second that now is, whose old counts are forgotten. */
static int64_t
retry_budget_now(struct retry_budget *budget, int64_t now_ns)
{
	int64_t second = now_ns / NS_PER_SEC;
	int64_t i = second % RETRY_BUDGET_SECONDS;

	if (budget->parts[i].second != second) {
		budget->parts[i].second = second;
		budget->parts[i].calls = budget->parts[i].retries = 0;
	}
	return (i);
}

void
retry_budget_call(struct retry_budget *budget, int64_t now_ns)
{
	budget->parts[retry_budget_now(budget, now_ns)].calls++;
}

void
retry_budget_retry(struct retry_budget *budget, int64_t now_ns)
{
	budget->parts[retry_budget_now(budget, now_ns)].retries++;
}

bool
retry_budget_allows(
    const struct retry_budget *budget, int64_t percent, int64_t now_ns)
{
	int64_t oldest = now_ns / NS_PER_SEC - RETRY_BUDGET_SECONDS + 1;
	int64_t calls = 0, retries = 0;

	if (percent == 0)
		return (false);
	for (int i = 0; i < RETRY_BUDGET_SECONDS; i++) {
		if (budget->parts[i].second < oldest)
			continue;
		calls += budget->parts[i].calls;
		retries += budget->parts[i].retries;
	}
	return (retries < RETRY_BUDGET_LEAST ||
		(retries + 1) * 100 <= calls * percent);
}

static struct retry_budget budget;

int64_t
retry_delay_ns(unsigned int attempts, int64_t backoff_ms, int64_t max_ms)
{
	int64_t limit_ms = backoff_ms;

	while (--attempts > 0 && limit_ms < max_ms)
		limit_ms *= 2;
	if (limit_ms > max_ms)
		limit_ms = max_ms;
	/* An hour in microseconds, the most there is, fits. */
	return (retry_random((uint32_t)(limit_ms * 1000) + 1) * NS_PER_US);
}

void
retry_accepted(const struct call *call)
{
	retry_budget_call(&budget, call->accepted_ns);
}

unsigned int
retry_attempts(const struct call *call)
{
	return (call->tries + (call->work.started_ns != 0));
}

static const char *
retry_cause(int64_t failure)
{
	const struct conf_word *word = policy_failures;

	while (word->value != failure)
		word++;
	return (word->name);
}

size_t
retry_members(const struct call *call, char text[static RETRY_TEXT_SIZE])
{
	int len;

	if (call->tries == 0) /* as nearly all */
		return (strlcpy(text,
		    call->work.started_ns == 0 ? ",\"attempts\":0"
					       : ",\"attempts\":1",
		    RETRY_TEXT_SIZE));
	len = snprintf(
	    text, RETRY_TEXT_SIZE, ",\"attempts\":%u", retry_attempts(call));
	for (unsigned int i = 0; i < call->tries; i++)
		len += snprintf(text + len, RETRY_TEXT_SIZE - (size_t)len,
		    "%s\"%s\"", i == 0 ? ",\"causes\":[" : ",",
		    retry_cause(call->causes[i]));
	text[len++] = ']';
	text[len] = '\0';
	return ((size_t)len);
}

/* Whether the policies of tool and call let a failure of this kind pass. */
static bool
retry_wanted(const struct call *call, int64_t failure)
{
	const struct policy *policy = &call->tool->policy;

	return ((failure & policy->retry_on) != 0 && call->tool->idempotent &&
		!call->tool->removed && call->tries < policy->retries &&
		(call->retries_max < 0 || call->tries < call->retries_max) &&
		call->work.deaths < frontend.conf->max_deaths);
}

/* It is at rest until due. */
static void
retry_later(struct call *call, int64_t failure, int64_t delay_ns)
{
	retry_budget_retry(&budget, clock_now_ns());
	stats_retry();
	log_debug("request %s: attempt %u failed (%s), next in %lld ms",
	    call->id_text, call->tries + 1, retry_cause(failure),
	    (long long)(delay_ns / NS_PER_MS));
	call->causes[call->tries++] = (uint8_t)failure;
	overload_ended(call);
	progress_forget(call);
	call_set_state(call, CALL_RETRYING);
	work_reset(&call->work);
	call->retry_ns = clock_now_ns() + delay_ns;
	call_arm(call);
}

bool
retry_again(struct call *call, enum outcome end)
{
	const struct policy *policy = &call->tool->policy;
	int64_t failure = admit_failure(call, end), now = clock_now_ns();
	int64_t delay_ns;

	if (!retry_wanted(call, failure))
		return (false);
	delay_ns = retry_delay_ns(
	    call->tries + 1, policy->retry_backoff_ms, policy->retry_max_ms);
	if (now + delay_ns >= call->work.deadline_ns ||
	    !retry_budget_allows(&budget, frontend.conf->retry_budget, now))
		return (false);
	admit_leave(call, end);
	if (!admit_permit(call))
		return (false);
	retry_later(call, failure, delay_ns);
	return (true);
}
