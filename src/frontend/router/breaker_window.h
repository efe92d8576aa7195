/*
 * A sliding window over the outcomes of calls: the last so many of them, or
 * those of the last so many seconds.  Time comes from the caller.
 */

#ifndef FRONTEND_ROUTER_BREAKER_WINDOW_H
#define FRONTEND_ROUTER_BREAKER_WINDOW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What was counted, of all of the window or of a part. */
struct breaker_sum {
	uint32_t calls, failures, slow;
};

struct breaker_window {
	bool by_time;
	uint32_t size;	/* calls, or seconds */
	uint32_t next;	/* by count: where the next goes; by time: the newest */
	int64_t second; /* by time: of the newest */
	struct breaker_sum sum;
	union {
		uint8_t *outcomes;	   /* by count: a circle of size */
		struct breaker_sum *parts; /* by time: one for each second */
	};
};

/* 0; or -1, no memory.  Freed with breaker_window_fini(). */
int breaker_window_init(struct breaker_window *, bool by_time, uint32_t size)
    __attribute__((warn_unused_result));
void breaker_window_fini(struct breaker_window *);

/* Forgets all. */
void breaker_window_clear(struct breaker_window *);

/* By time: forgets what is too old at now_ns. */
void breaker_window_move(struct breaker_window *, int64_t now_ns);

/* One outcome more, and what is too old less. */
void breaker_window_add(
    struct breaker_window *, bool failed, bool slow, int64_t now_ns);

#endif
