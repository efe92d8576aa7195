/*
 * Looks at the graph of a pipeline before anything runs.  Knows nothing of
 * steps but their numbers.
 */

#include "frontend/api/pipeline_graph.h"

/* Those that can be done, one after the other. */
static uint64_t
pipeline_graph_reachable(const uint64_t *needs, size_t count)
{
	uint64_t done = 0, before;

	do {
		before = done;
		for (size_t i = 0; i < count; i++)
			if ((needs[i] & ~done) == 0)
				done |= STEP_BIT(i);
	} while (done != before);
	return (done);
}

static size_t
pipeline_graph_first(uint64_t set)
{
	return ((size_t)__builtin_ctzll(set));
}

/* From one that cannot be done, the way leads to the circle. */
bool
pipeline_graph_has_cycle(const uint64_t *needs, size_t count, size_t *index)
{
	uint64_t all = count == STEPS_MAX ? UINT64_MAX : STEP_BIT(count) - 1;
	uint64_t stuck = all & ~pipeline_graph_reachable(needs, count);

	if (stuck == 0)
		return (false);
	*index = pipeline_graph_first(stuck);
	for (size_t i = 0; i < count; i++)
		*index = pipeline_graph_first(needs[*index] & stuck);
	return (true);
}
