/*
 * The calls of a batch, as they stand in a file.
 */

#ifndef AGENTCTL_BATCH_INPUT_H
#define AGENTCTL_BATCH_INPUT_H

#include <stddef.h>

#include "agentctl/params.h"

struct json_object;

/*
 * Makes the body of a batch of text: an array of calls, an object with the
 * member "requests", or calls one a line.  Returns it, to be put, or NULL with
 * the reason in why, which begins with name.
 */
struct json_object *batch_input(const char *text, size_t len, const char *name,
    char why[static PARAMS_WHY_SIZE]) __attribute__((warn_unused_result));

#endif
