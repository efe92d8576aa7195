/*
 * How many agents are wanted: between two bounds, as the front end wishes, and
 * growing no faster than the configuration allows.
 */

#ifndef MASTER_SCALE_H
#define MASTER_SCALE_H

#include <stdbool.h>
#include <stdint.h>

struct conf;

#define SCALE_AGENTS_MAX 1024

/*
 * The configuration is this one.  A number that an administrator has fixed
 * stays where the pool is of a fixed size and the file says no other than
 * before; an elastic pool is elastic again.
 */
void scale_bound(const struct conf *);

/* Fixes the number.  False: it is so already, or is none that could be. */
bool scale_fix(int64_t agents);

/*
 * The front end wishes for so many, which may or may not be fewer than now.
 * Any number is harmless.
 */
void scale_wish(int64_t agents, bool fewer);

/*
 * How many are wanted now.  again_ms: after which time there will be more, or
 * -1.
 */
int64_t scale_advance(int64_t now_ns, int64_t *again_ms);

/* How many were at that time, or are since an administrator's decision. */
int64_t scale_now(void);

#endif
