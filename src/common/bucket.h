/*
 * A token bucket: so many calls at once, and then so many in a time.  Time
 * comes from the caller.
 */

#ifndef COMMON_BUCKET_H
#define COMMON_BUCKET_H

#include <stdint.h>

/* Zeroed it is full. */
struct bucket {
	int64_t full_ns; /* when it will be full again */
};

/* How fast it fills, and how much it holds. */
struct bucket_rate {
	int64_t interval_ns; /* for one token */
	int64_t burst;	     /* tokens, at least 1 */
};

/* per_hour is over 0; burst 0: as many as come in a second, at least one. */
struct bucket_rate bucket_rate(int64_t per_hour, int64_t burst);

/*
 * Takes so many tokens, at least 1, and returns 0; or how long until there is
 * one, nanoseconds.  One must be there, the others may be owed: then it is the
 * longer until the next.
 */
int64_t bucket_take(
    struct bucket *, struct bucket_rate, int64_t tokens, int64_t now_ns);

#endif
