/*
 * How far a call is, as its tool last said.
 */

#ifndef FRONTEND_ROUTER_PROGRESS_H
#define FRONTEND_ROUTER_PROGRESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct call;
struct json_object;

/*
 * Takes the body of a PROGRESS, whose length was checked, in the place of the
 * one before.  False: it is not what an agent sends.  call->progress is to be
 * freed with free().
 */
bool progress_take(struct call *, const uint8_t *body, size_t len)
    __attribute__((warn_unused_result));

/* What was told of an attempt that failed. */
void progress_forget(struct call *);

/* {value, total?, message?} of a call that has some; NULL: no memory. */
struct json_object *progress_json(const struct call *);

#endif
