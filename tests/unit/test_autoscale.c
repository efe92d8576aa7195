/*
 * When more agents are wanted, and when fewer: situations one after the other,
 * and the wish that comes of each.
 */

#include "test.h"

#include "common/clock.h"
#include "frontend/router/autoscale.h"

#define PATIENCE (60 * NS_PER_SEC)
#define LONG PATIENCE
#define NEVER -1
#define SOON 0

/* min, max, spare and reserve of a story, and what happens in it. */
struct situation {
	int64_t idle, busy, starting, queued, idle_ns;
	int64_t wish; /* 0: none */
	int64_t rest;
};

struct story {
	const char *name;
	int64_t min, max, spare, reserve;
	struct situation situations[12]; /* ends with one without agents */
};

static const struct story stories[] = {
    {"nothing to do", 2, 20, 0, 0,
	{{2, 0, 0, 0, 0, 0, NEVER}, {2, 0, 0, 0, LONG, 0, NEVER},
	    {1, 1, 0, 0, LONG, 0, SOON}, {0, 2, 0, 0, 0, 0, SOON}}},
    {"a fixed number", 5, 5, 0, 0,
	{{0, 5, 0, 100, 0, 0, NEVER}, {5, 0, 0, 0, LONG, 0, NEVER}}},
    {"calls wait", 2, 20, 0, 0,
	{{0, 2, 0, 3, 0, 5, SOON},    /* so many calls */
	    {0, 2, 3, 3, 0, 0, SOON}, /* they start */
	    {0, 2, 3, 5, 0, 7, SOON}, /* more */
	    {0, 2, 3, 4, 0, 0, SOON}, /* for less it is not lowered */
	    {0, 7, 0, 900, 0, 20, SOON}, {0, 19, 1, 900, 0, 0, SOON},
	    {0, 20, 0, 900, 0, 0, SOON}, {20, 0, 0, 0, 0, 0, PATIENCE}}},
    {"calls wait for something else", 2, 20, 0, 0,
	{{1, 1, 0, 50, 0, 0, SOON}, {0, 2, 0, 50, 0, 20, SOON},
	    {1, 2, 0, 50, 0, 3, SOON}, /* enough: the growth ends */
	    {1, 2, 0, 50, 0, 0, SOON}}},
    {"spare ones", 2, 20, 3, 0,
	{{2, 0, 0, 0, 0, 3, SOON}, {2, 0, 1, 0, 0, 0, NEVER},
	    {3, 0, 0, 0, LONG, 0, NEVER}, /* are not too many */
	    {0, 3, 0, 0, 0, 6, SOON}, {3, 3, 0, 0, LONG, 0, SOON},
	    {6, 0, 0, 0, 1, 0, PATIENCE - 1}, {6, 0, 0, 0, LONG, 5, NEVER}}},
    {"a reserve is not for all", 2, 20, 0, 2,
	{{2, 3, 0, 4, 0, 9, SOON}, {6, 3, 0, 0, 0, 0, SOON},
	    {2, 3, 0, 0, LONG, 0, SOON}, {3, 3, 0, 0, LONG, 5, SOON}}},
    {"idleness", 2, 20, 0, 0,
	{{5, 0, 0, 0, LONG - 1, 0, 1}, {5, 0, 0, 0, LONG, 4, NEVER},
	    {5, 0, 0, 0, LONG + 1, 0, NEVER}, /* it was said */
	    {4, 0, 0, 0, LONG, 3, NEVER}, {3, 0, 0, 0, 1, 0, PATIENCE - 1},
	    {3, 0, 0, 0, LONG, 2, NEVER}, {2, 0, 0, 0, LONG, 0, NEVER}}},
    {"idle beside busy ones", 2, 20, 0, 0,
	{{4, 6, 0, 0, LONG, 9, SOON}, {3, 6, 0, 0, 1, 0, SOON},
	    {3, 6, 0, 9, LONG, 8, SOON}}},
    {"an agent dies", 2, 20, 0, 0,
	{{0, 4, 0, 2, 0, 6, SOON}, {0, 6, 0, 0, 0, 0, SOON},
	    {0, 5, 0, 0, 0, 0, SOON}, /* the master replaces it by itself */
	    {3, 2, 1, 0, 0, 0, SOON}, {4, 2, 0, 0, 1, 0, SOON}}},
    {"growth that ends when some are idle for long", 2, 20, 0, 0,
	{{0, 2, 0, 3, 0, 5, SOON}, {4, 0, 0, 0, LONG, 4, SOON},
	    {4, 0, 0, 0, LONG, 3, NEVER}}},
    {"growth that is taken back and repeated", 2, 20, 0, 0,
	{{0, 2, 0, 9, 0, 11, SOON}, {3, 2, 0, 0, 0, 5, SOON},
	    {0, 5, 0, 6, 0, 11, SOON}, {5, 0, 0, 0, 0, 5, PATIENCE},
	    {5, 0, 0, 0, LONG, 4, NEVER}}},
};

static void
tell(const struct story *story)
{
	const struct situation *s = story->situations;
	struct autoscale scale = {0};

	for (; s->idle + s->busy > 0; s++) {
		struct autoscale_view view = {.idle = s->idle,
		    .busy = s->busy,
		    .starting = s->starting,
		    .queued = s->queued,
		    .min = story->min,
		    .max = story->max,
		    .spare = story->spare,
		    .reserve = story->reserve,
		    .idle_ns = s->idle_ns,
		    .patience_ns = PATIENCE};
		int64_t wish = autoscale_step(&scale, &view);
		int64_t rest = autoscale_rest(&scale, &view);

		if (wish != s->wish || rest != s->rest)
			fail_msg("%s, %d: %lld wished, rest for %lld ns",
			    story->name, (int)(s - story->situations) + 1,
			    (long long)wish, (long long)rest);
	}
}

static void
test_stories(void **state)
{
	for (size_t i = 0; i < sizeof(stories) / sizeof(stories[0]); i++)
		tell(&stories[i]);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_stories)};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
