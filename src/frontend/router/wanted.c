/*
 * Looks, while calls come and go, at what elastic.c should know, and passes on
 * what it wishes.  Called by the router and by what hears from the master.
 * That an agent is wanted is found out a moment late, so that no call pays for
 * it, and no more often than some times a second.
 */

#include "frontend/router/wanted.h"
#include "common/clock.h"
#include "common/log.h"
#include "conf/conf.h"
#include "frontend/agents/agents.h"
#include "frontend/channel.h"
#include "frontend/globals.h"
#include "frontend/router/elastic.h"
#include "frontend/router/queue.h"

#include <stdbool.h>

#include <event2/event.h>

#define LOOK_MS 50

static struct elastic elastic;
static struct event *timer;
static bool soon; /* the timer is set to LOOK_MS */

/* Calls that more agents would help: no tool's limit holds them. */
static int64_t
wanted_waiting(void)
{
	size_t count = 0;

	for (int priority = 1; priority <= QUEUE_PRIORITIES; priority++)
		count += queue_count_priority(priority);
	return ((int64_t)count);
}

static struct elastic_view
wanted_view(const struct agent *longest)
{
	const struct conf *conf = frontend.conf;
	struct agents_count n = agents_count();
	struct elastic_view view = {
	    .idle = n.in[SHOWN_IDLE],
	    .busy = n.in[SHOWN_BUSY],
	    .starting = n.in[SHOWN_STARTING],
	    .queued = wanted_waiting(),
	    .min = conf_agents_min(conf),
	    .max = conf_agents_max(conf),
	    .spare = conf->agents_spare,
	    .reserve = conf->reserve,
	    .patience_ns = conf->agents_idle_time_ms * NS_PER_MS,
	};

	if (longest != NULL)
		view.idle_ns = clock_now_ns() - longest->idle_since_ns;
	return (view);
}

static void
wanted_arm(int64_t ms)
{
	struct timeval tv = clock_timeval(ms);

	soon = ms <= LOOK_MS;
	evtimer_add(timer, &tv);
}

static void
wanted_timer(evutil_socket_t fd, short what, void *arg)
{
	struct agent *longest = agents_idle_longest();
	struct elastic_view view = wanted_view(longest);
	int64_t wish, rest_ns;

	soon = false;
	if (frontend.draining || view.min == view.max)
		return;
	wish = elastic_step(&elastic, &view);
	if (wish != 0)
		channel_wanted((unsigned int)wish,
		    wish < view.idle + view.busy + view.starting ? longest
								 : NULL);
	if ((rest_ns = elastic_rest(&elastic, &view)) != -1)
		wanted_arm(rest_ns / NS_PER_MS < LOOK_MS ? LOOK_MS
							 : rest_ns / NS_PER_MS);
}

void
wanted_look(void)
{
	const struct conf *conf = frontend.conf;

	if (!soon && conf_agents_min(conf) != conf_agents_max(conf))
		wanted_arm(LOOK_MS);
}

void
wanted_init(void)
{
	if ((timer = evtimer_new(frontend.base, wanted_timer, NULL)) == NULL)
		log_fatal("out of memory");
}
