/*
 * Keeping browsers' pages away from a local daemon.
 */

#ifndef FRONTEND_GUARD_H
#define FRONTEND_GUARD_H

#include <stdbool.h>

struct conn;

/*
 * Checks Host and Origin of the request at hand.  False: it was refused.
 * Otherwise conn->origin is the Origin, if there is one.
 */
bool guard_admit(struct conn *);

/* Whether pages from there may read our answers; "" is none. */
bool guard_origin(const char *origin);

#endif
