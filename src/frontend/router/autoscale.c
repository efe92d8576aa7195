/*
 * The size of an elastic pool: the rule, and what looks, while calls come and
 * go, at what the rule should know, and passes on what it wishes; the master
 * keeps that within bounds.
 *
 * The pool grows as soon as calls wait for an agent or spare ones are fewer
 * than they should be.  It shrinks by one agent after the other, and only for
 * one that was idle for long: as calls go to the agent that was idle last, that
 * is the time for which one less would have done.
 *
 * That an agent is wanted is found out a moment late, so that no call pays for
 * it, and no more often than some times a second.
 */

#include "frontend/router/autoscale.h"
#include "common/clock.h"
#include "common/log.h"
#include "conf/conf.h"
#include "frontend/agents/agents.h"
#include "frontend/globals.h"
#include "frontend/master_link.h"
#include "frontend/router/queue.h"

#include <stdbool.h>

#include <event2/event.h>

#define LOOK_MS 50

static struct autoscale pool;
static struct event *timer;
static bool soon; /* the timer is set to LOOK_MS */

static int64_t
autoscale_have(const struct autoscale_view *view)
{
	return (view->idle + view->busy + view->starting);
}

/* Calls may also wait for something else than an agent. */
static int64_t
autoscale_need(const struct autoscale_view *view)
{
	int64_t need = view->busy + view->spare + view->reserve;

	if (view->idle <= view->reserve)
		need += view->queued;
	if (need < view->min)
		return (view->min);
	return (need > view->max ? view->max : need);
}

/* Whether there are more than needed, so that time can make one go. */
static bool
autoscale_rich(const struct autoscale_view *view)
{
	return (view->idle > 0 && autoscale_have(view) > autoscale_need(view));
}

int64_t
autoscale_step(struct autoscale *scale, const struct autoscale_view *view)
{
	int64_t have = autoscale_have(view), need = autoscale_need(view);
	bool more;

	if (need > have) {
		if (scale->growing && need <= scale->wish)
			return (0);
		scale->growing = true;
		scale->wish = need;
		return (need);
	}
	/* Enough: what was wished for beyond that is not needed any more. */
	if (scale->growing) {
		more = have < scale->wish;
		*scale = (struct autoscale){0};
		if (more)
			return (have);
	}
	if (!autoscale_rich(view) || view->idle_ns < view->patience_ns ||
	    scale->wish == have - 1)
		return (0);
	scale->wish = have - 1;
	return (have - 1);
}

int64_t
autoscale_rest(const struct autoscale *scale, const struct autoscale_view *view)
{
	if (view->min == view->max)
		return (-1);
	if (scale->growing || view->busy > 0 || view->queued > 0)
		return (0);
	if (!autoscale_rich(view))
		return (-1);
	if (view->idle_ns < view->patience_ns)
		return (view->patience_ns - view->idle_ns);
	/* When one is said to go, its going is the next thing to happen. */
	return (scale->wish == autoscale_have(view) - 1 ? -1 : 0);
}

/* Calls that more agents would help: no tool's limit holds them. */
static int64_t
autoscale_waiting(void)
{
	size_t count = 0;

	for (int priority = 1; priority <= QUEUE_PRIORITIES; priority++)
		count += queue_count_priority(priority);
	return ((int64_t)count);
}

static struct autoscale_view
autoscale_view(const struct agent_view *longest)
{
	const struct conf *conf = frontend.conf;
	struct agents_count n = agents_count();
	struct autoscale_view view = {
	    .idle = n.in[SHOWN_IDLE],
	    .busy = n.in[SHOWN_BUSY],
	    .starting = n.in[SHOWN_STARTING],
	    .queued = autoscale_waiting(),
	    .min = conf_agents_min(conf),
	    .max = conf_agents_max(conf),
	    .spare = conf->agents_spare,
	    .reserve = conf->reserve,
	    .patience_ns = conf->agents_idle_time_ms * NS_PER_MS,
	};

	if (longest->number != 0)
		view.idle_ns = clock_now_ns() - longest->idle_since_ns;
	return (view);
}

static void
autoscale_arm(int64_t ms)
{
	struct timeval tv = clock_timeval(ms);

	soon = ms <= LOOK_MS;
	evtimer_add(timer, &tv);
}

static void
autoscale_timer(evutil_socket_t fd, short what, void *arg)
{
	const struct agent *agent = agents_idle_longest();
	struct agent_view longest =
	    agent == NULL ? (struct agent_view){0} : agent_view(agent);
	struct autoscale_view view = autoscale_view(&longest);
	int64_t wish, rest_ns;

	soon = false;
	if (frontend.draining || view.min == view.max)
		return;
	wish = autoscale_step(&pool, &view);
	if (wish >= view.idle + view.busy + view.starting)
		longest = (struct agent_view){0}; /* none is too many */
	if (wish != 0)
		master_link_scale(
		    (unsigned int)wish, longest.number, longest.generation);
	if ((rest_ns = autoscale_rest(&pool, &view)) != -1)
		autoscale_arm(rest_ns / NS_PER_MS < LOOK_MS
				  ? LOOK_MS
				  : rest_ns / NS_PER_MS);
}

void
autoscale_look(void)
{
	const struct conf *conf = frontend.conf;

	if (!soon && conf_agents_min(conf) != conf_agents_max(conf))
		autoscale_arm(LOOK_MS);
}

void
autoscale_init(void)
{
	if ((timer = evtimer_new(frontend.base, autoscale_timer, NULL)) == NULL)
		log_fatal("out of memory");
}
