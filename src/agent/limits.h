/*
 * The limits of the processes that run tools.
 */

#ifndef AGENT_LIMITS_H
#define AGENT_LIMITS_H

#include <stddef.h>

struct conf;

/*
 * Limits this process as the configuration says.  0, or -1 with the reason in
 * why.
 */
int limits_set(const struct conf *, char *why, size_t why_size)
    __attribute__((warn_unused_result));

#endif
