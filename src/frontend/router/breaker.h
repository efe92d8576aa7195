/*
 * A circuit breaker, in the terms of resilience4j.  It is CLOSED while calls
 * go well; OPEN, and lets none through, when of those in its sliding window
 * too many failed or were slow; and after a while HALF_OPEN, when it lets a few
 * through to see.  A state machine and nothing else: time comes from the
 * caller, who also refuses, logs and answers.
 */

#ifndef FRONTEND_ROUTER_BREAKER_H
#define FRONTEND_ROUTER_BREAKER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What was counted, of all of the window or of a part. */
struct breaker_sum {
	uint32_t calls, failures, slow;
};

/*
 * A sliding window over the outcomes of calls: the last so many of them, or
 * those of the last so many seconds.
 */
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

/* One outcome more, and what is too old less. */
void breaker_window_add(
    struct breaker_window *, bool failed, bool slow, int64_t now_ns);

enum breaker_state {
	BREAKER_CLOSED,
	BREAKER_OPEN,
	BREAKER_HALF_OPEN,
	BREAKER_STATES
};

/* In brackets what resilience4j calls it. */
struct breaker_conf {
	bool by_time;	       /* slidingWindowType */
	uint32_t window;       /* calls or seconds (slidingWindowSize) */
	uint32_t min_calls;    /* fewer say nothing (minimumNumberOfCalls) */
	uint32_t failure_rate; /* percent (failureRateThreshold) */
	uint32_t slow_rate;    /* percent (slowCallRateThreshold) */
	int64_t slow_ns;       /* longer is slow (slowCallDurationThreshold) */
	int64_t wait_ns;       /* (waitDurationInOpenState) */
	uint32_t probes;       /* (permittedNumberOfCallsInHalfOpenState) */
};

struct breaker {
	struct breaker_conf conf;
	enum breaker_state state;
	struct breaker_window window; /* of what was called when closed */
	struct breaker_window trial;  /* of what was called half-open */
	uint32_t permitted;	      /* half-open: that many more calls */
	uint32_t turn;		      /* another with each state */
	int64_t opened_ns;	      /* 0: not since it was closed */
};

/* NULL: no memory. */
struct breaker *breaker_new(const struct breaker_conf *);
void breaker_free(struct breaker *);

/*
 * May a call begin?  If so, returns a number to give back with what came of
 * it, by either of the two below; 0: no.
 */
uint32_t breaker_permit(struct breaker *, int64_t now_ns);

/*
 * What came of a call that was let through.  It only means something to the
 * state in which that was done.
 */
void breaker_record(struct breaker *, uint32_t turn, bool failed,
    int64_t run_ns, int64_t now_ns);

/* It came to nothing that says how the tool is: cancelled, never begun. */
void breaker_release(struct breaker *, uint32_t turn);

/* By an administrator: forgets all and is closed; is open from now on. */
void breaker_reset(struct breaker *);
void breaker_open(struct breaker *, int64_t now_ns);

/* How long calls are refused yet, nanoseconds. */
int64_t breaker_wait_ns(const struct breaker *, int64_t now_ns);

/* What is in the window that now counts. */
struct breaker_sum breaker_sum(struct breaker *, int64_t now_ns);

/* "closed", "open", "half-open" */
const char *breaker_state_name(enum breaker_state);

#endif
