/*
 * Keeping browsers' pages away from a local daemon.
 */

#ifndef FRONTEND_HTTP_GUARD_H
#define FRONTEND_HTTP_GUARD_H

#include <stdbool.h>

struct conn;
struct evhttp_request;

/*
 * Checks Host and Origin of the request at hand.  False: it was refused.
 * Otherwise conn->origin is the Origin, if there is one.
 */
bool guard_admit(struct conn *);

/*
 * Whether the header fields of a request say beyond doubt where its body ends,
 * and its method may have that body.
 */
bool guard_framing(const struct evhttp_request *);

#endif
