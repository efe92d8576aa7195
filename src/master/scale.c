/*
 * The number of agents wanted.  A pure rule: it starts nothing and has no
 * timer, and the time is an argument.
 *
 * Growth is bounded as the prefork module of the Apache HTTP server bounds it:
 * one start in the first second, then two, four and so on, up to spawn_rate a
 * second, and from one again when a second has passed without need.  What an
 * administrator decides, and what replaces the dead, is not held back.
 */

#include "master/scale.h"
#include "common/clock.h"
#include "common/log.h"
#include "conf/conf.h"

static struct {
	int64_t min, max;	    /* in force */
	int64_t file_min, file_max; /* as the configuration has them */
	int64_t rate;		    /* most starts a second */
	int64_t wish, wanted;
	int64_t second_ns; /* when the current second of growth began */
	int64_t allowed;   /* starts in that second */
	int64_t left;	   /* of them */
} scale = {.rate = 1};

static int64_t
scale_clamp(int64_t agents)
{
	if (agents < scale.min)
		return (scale.min);
	return (agents > scale.max ? scale.max : agents);
}

void
scale_bound(const struct conf *conf)
{
	int64_t min = conf_agents_min(conf), max = conf_agents_max(conf);
	bool same = min == scale.file_min && max == scale.file_max;

	scale.rate = conf->spawn_rate;
	if (same && min == max)
		return;
	scale.min = scale.file_min = min;
	scale.max = scale.file_max = max;
	if (scale.wish == 0) { /* the start */
		scale.wish = conf->agents;
		scale.wanted = scale_clamp(conf->agents);
	}
	scale.wanted = scale_clamp(scale.wanted);
	if (!same)
		log_info("pool: %lld agent%s wanted, %lld to %lld",
		    (long long)scale.wanted, LOG_S(scale.wanted),
		    (long long)min, (long long)max);
}

bool
scale_fix(int64_t agents)
{
	if (agents < 1 || agents > SCALE_AGENTS_MAX ||
	    (agents == scale.min && agents == scale.max))
		return (false);
	scale.min = scale.max = scale.wanted = agents;
	return (true);
}

void
scale_wish(int64_t agents, bool fewer)
{
	/* Those on their way may not yet be known to who wishes. */
	if (!fewer && agents < scale.wanted)
		agents = scale.wanted;
	scale.wish = agents;
}

int64_t
scale_now(void)
{
	return (scale.wanted);
}

/* A new second of growth: twice what the last allowed, if all that was used. */
static void
scale_second(int64_t now_ns)
{
	int64_t passed_ns = now_ns - scale.second_ns;

	if (scale.allowed != 0 && passed_ns < NS_PER_SEC)
		return;
	if (scale.allowed == 0 || scale.left != 0 || passed_ns > 2 * NS_PER_SEC)
		scale.allowed = 1;
	else
		scale.allowed *= 2;
	if (scale.allowed > scale.rate)
		scale.allowed = scale.rate;
	scale.left = scale.allowed;
	scale.second_ns = now_ns;
}

int64_t
scale_advance(int64_t now_ns, int64_t *again_ms)
{
	int64_t goal = scale_clamp(scale.wish), step = goal - scale.wanted;

	*again_ms = -1;
	if (step > 0) {
		scale_second(now_ns);
		if (step > scale.left) {
			step = scale.left;
			*again_ms = (scale.second_ns + NS_PER_SEC - now_ns) /
					NS_PER_MS +
				    1;
		}
		scale.left -= step;
	}
	if (step != 0)
		log_debug("pool: %lld agents wanted, %lld before",
		    (long long)(scale.wanted + step), (long long)scale.wanted);
	scale.wanted += step;
	return (scale.wanted);
}
