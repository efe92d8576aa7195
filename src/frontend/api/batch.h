/*
 * A batch: many calls in one request, and their answers in one.
 */

#ifndef FRONTEND_API_BATCH_H
#define FRONTEND_API_BATCH_H

#include "frontend/http/body.h"

#include <stdbool.h>

struct conn;

/*
 * Runs calls, whose text is in the body of the request at hand, and answers:
 * with an array in their order, or with a line for each as it ends.  The
 * slices are the caller's.  Returns 0, or -1 when there is no memory: then
 * nothing was begun.
 */
int batch_start(struct conn *, const struct slices *, bool lines)
    __attribute__((warn_unused_result));

#endif
