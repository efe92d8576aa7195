/*
 * The door: whether a call that has just been made may wait for an agent.
 */

#ifndef FRONTEND_ROUTER_ADMIT_H
#define FRONTEND_ROUTER_ADMIT_H

#include "frontend/router/router.h"

struct call;

/* ROUTER_ACCEPTED, or why not. */
enum router_verdict admit(const struct call *);

#endif
