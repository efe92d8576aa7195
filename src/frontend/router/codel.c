/*
 * The state machine of RFC 8289, section 5, for one thing at a time; see the
 * header for what it has more.  Called by overload.c; it knows neither clocks
 * nor calls.
 */

#include "frontend/router/codel.h"

#include <math.h>

/* Dropping that ended so many intervals ago is taken up where it was. */
#define RECENT 16

static int64_t
codel_control_law(int64_t t_ns, int64_t interval_ns, uint32_t count)
{
	return (t_ns + (int64_t)((double)interval_ns / sqrt(count)));
}

/* Whether all has been above the target for an interval. */
static bool
codel_stands(struct codel *codel, int64_t target_ns, int64_t interval_ns,
    int64_t sojourn_ns, int64_t now_ns)
{
	if (sojourn_ns < target_ns) {
		codel->first_above_ns = 0;
		return (false);
	}
	codel->last_above_ns = now_ns;
	if (codel->first_above_ns == 0) {
		codel->first_above_ns = now_ns + interval_ns;
		return (false);
	}
	return (now_ns >= codel->first_above_ns);
}

static void
codel_begin(struct codel *codel, int64_t interval_ns, int64_t now_ns)
{
	uint32_t delta = codel->count - codel->lastcount;

	codel->dropping = true;
	codel->dropping_since_ns = now_ns;
	codel->count = 1;
	if (delta > 1 && now_ns - codel->drop_next_ns < RECENT * interval_ns)
		codel->count = delta;
	codel->drop_next_ns =
	    codel_control_law(now_ns, interval_ns, codel->count);
	codel->lastcount = codel->count;
}

bool
codel_drops(struct codel *codel, int64_t target_ns, int64_t interval_ns,
    int64_t sojourn_ns, int64_t now_ns)
{
	bool above = sojourn_ns >= target_ns;
	bool stands =
	    codel_stands(codel, target_ns, interval_ns, sojourn_ns, now_ns);

	if (!codel->dropping) {
		if (stands)
			codel_begin(codel, interval_ns, now_ns);
		return (stands);
	}
	if (now_ns - codel->dropping_since_ns >= CODEL_PATIENCE * interval_ns) {
		codel->dropping = now_ns - codel->last_above_ns < interval_ns;
		return (above);
	}
	codel->dropping = stands;
	if (!stands || now_ns < codel->drop_next_ns)
		return (false);
	codel->count++;
	codel->drop_next_ns =
	    codel_control_law(codel->drop_next_ns, interval_ns, codel->count);
	return (true);
}
