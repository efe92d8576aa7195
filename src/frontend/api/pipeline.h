/*
 * A pipeline: calls whose parameters may be results of others.
 */

#ifndef FRONTEND_API_PIPELINE_H
#define FRONTEND_API_PIPELINE_H

#include "frontend/http/body.h"
#include "frontend/http/reply.h"

#include <stddef.h>
#include <stdint.h>

struct conn;
struct pipeline;
struct refusal;

/*
 * Reads the steps, whose text must outlive the pipeline, and finds out which
 * waits for which.  NULL with the reason in the refusal.
 */
struct pipeline *pipeline_new(const struct slices *, struct refusal *)
    __attribute__((warn_unused_result));

/* Runs it within that time and answers; it frees itself. */
void pipeline_start(struct pipeline *, struct conn *, int64_t timeout_ns);

#endif
