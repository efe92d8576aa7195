/*
 * The rule of the elastic pool.  Called by wanted.c, which knows the numbers
 * and passes on the wish; the master keeps it within bounds.
 *
 * It grows as soon as calls wait for an agent or spare ones are fewer than
 * they should be.  It shrinks by one agent after the other, and only for one
 * that was idle for long: as calls go to the agent that was idle last, that is
 * the time for which one less would have done.
 */

#include "frontend/router/elastic.h"

static int64_t
elastic_have(const struct elastic_view *view)
{
	return (view->idle + view->busy + view->starting);
}

/* Calls may also wait for something else than an agent. */
static int64_t
elastic_need(const struct elastic_view *view)
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
elastic_rich(const struct elastic_view *view)
{
	return (view->idle > 0 && elastic_have(view) > elastic_need(view));
}

int64_t
elastic_step(struct elastic *elastic, const struct elastic_view *view)
{
	int64_t have = elastic_have(view), need = elastic_need(view);
	bool more;

	if (need > have) {
		if (elastic->growing && need <= elastic->wish)
			return (0);
		elastic->growing = true;
		elastic->wish = need;
		return (need);
	}
	/* Enough: what was wished for beyond that is not needed any more. */
	if (elastic->growing) {
		more = have < elastic->wish;
		*elastic = (struct elastic){0};
		if (more)
			return (have);
	}
	if (!elastic_rich(view) || view->idle_ns < view->patience_ns ||
	    elastic->wish == have - 1)
		return (0);
	elastic->wish = have - 1;
	return (have - 1);
}

int64_t
elastic_rest(const struct elastic *elastic, const struct elastic_view *view)
{
	if (view->min == view->max)
		return (-1);
	if (elastic->growing || view->busy > 0 || view->queued > 0)
		return (0);
	if (!elastic_rich(view))
		return (-1);
	if (view->idle_ns < view->patience_ns)
		return (view->patience_ns - view->idle_ns);
	/* When one is said to go, its going is the next thing to happen. */
	return (elastic->wish == elastic_have(view) - 1 ? -1 : 0);
}
