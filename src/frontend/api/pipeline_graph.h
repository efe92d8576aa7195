/*
 * Which step of a pipeline waits for which.
 */

#ifndef FRONTEND_API_PIPELINE_GRAPH_H
#define FRONTEND_API_PIPELINE_GRAPH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Most steps, each of which is a bit of a set. */
#define STEPS_MAX 64

#define STEP_BIT(index) (UINT64_C(1) << (index))

/*
 * Whether steps wait for one another in a circle; then *index is one of those.
 * needs has for each the set of those that it waits for.
 */
bool pipeline_graph_has_cycle(
    const uint64_t *needs, size_t count, size_t *index);

#endif
