/*
 * Saying the same thing not too often.
 */

#ifndef COMMON_RATELIMIT_H
#define COMMON_RATELIMIT_H

#include <stdbool.h>
#include <stdint.h>

/* Zeroed before its first use. */
struct ratelimit {
	int64_t last_ns;    /* when it was last admitted */
	unsigned long held; /* how often it was not, since then */
};

/*
 * Whether it may be said now: at most once in every_ns.  If so, *held is how
 * often it was held back since it was last said.
 */
bool ratelimit_admit(struct ratelimit *, int64_t every_ns, unsigned long *held);

#endif
