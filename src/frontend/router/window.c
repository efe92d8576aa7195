/*
 * The arithmetic that lets a batch of any size feed the queue as room appears.
 * A single call that comes while a batch is under way waits for the calls of
 * the batch that are in the queue already, so those should be few: as many as
 * keep the agents at work.  Keeps nothing.
 */

#include "frontend/router/window.h"
#include "conf/conf.h"
#include "frontend/agents/agents.h"
#include "frontend/globals.h"
#include "frontend/memory.h"
#include "frontend/router/queue.h"

/* One runs and one is next, so that no agent waits for us. */
#define PER_AGENT 2

static size_t
window_less(size_t from, size_t less)
{
	return (from > less ? from - less : 0);
}

size_t
window_size(const struct window *w, size_t in_flight)
{
	/* As many as there are idle agents are as good as gone. */
	size_t free_agents = window_less(w->idle, w->waiting);
	size_t queued = window_less(w->waiting, w->idle);
	size_t room = free_agents + window_less(w->queue_max, queued) / 2;
	size_t wanted = window_less(PER_AGENT * w->agents, in_flight);

	return (wanted < room ? wanted : room);
}

/* When calls are refused anyway, that should be heard soon. */
size_t
window_more(size_t in_flight)
{
	/* What runs gives memory back when it ends. */
	if (in_flight > 0 && memory_is_short())
		return (0);
	struct agents_count n;

	if (frontend.draining || agents_hopeless())
		return (1);
	n = agents_count();
	return (window_size(
	    &(struct window){.agents = n.in[SHOWN_IDLE] + n.in[SHOWN_BUSY],
		.idle = agents_idle_count(),
		.waiting = queue_count(),
		.queue_max = (size_t)frontend.conf->queue_max},
	    in_flight));
}
