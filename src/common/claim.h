/*
 * Who has a call: the front end, which may still recall it, or the agent,
 * which has begun it.  An agent is handed several calls at once; should one of
 * them take long, those behind it must be free to go to another agent, and yet
 * none may run twice.  A word of shared memory an agent decides it, by compare
 * and swap, for a few nanoseconds a call.
 *
 * Calls of an agent are numbered 1, 2, 3 ... in the order in which they are
 * sent to it; the numbers wrap.  The word holds the last one begun and the
 * last one recalled.
 *
 * A call that is begun cannot be recalled, but cancelled: a second word says
 * which.  An agent reads it at the cost of a load, as often as it likes.
 */

#ifndef COMMON_CLAIM_H
#define COMMON_CLAIM_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

/* Number 0 is one as well. */
#define CLAIM_CANCELLED ((uint64_t)1 << 32)

struct claim {
	_Atomic uint64_t word;	    /* recalled << 32 | begun */
	_Atomic uint64_t cancelled; /* CLAIM_CANCELLED | number; 0: none */
	_Atomic int64_t resident;   /* bytes of the agent, as it last said */
};

/*
 * In the master, once, before it forks: room for agents 1 to last.  0, or -1
 * with errno.
 */
int claim_init(uint32_t last) __attribute__((warn_unused_result));

/*
 * The claim of an agent.  Those of earlier generations of its slot are
 * untouched for a while: a front end that is late still reads the right one.
 */
struct claim *claim_of(uint32_t slot, uint32_t generation);

/* In the master, before the fork of an agent: nothing is begun yet. */
void claim_reset(struct claim *);

/*
 * In an agent: gives up the memory of all the others; what it forks has not
 * even its own.
 */
void claim_keep(uint32_t slot);

/* In an agent: may it begin call number n?  If not, it was recalled. */
bool claim_begin(struct claim *, uint32_t n);

/*
 * In the front end: recalls all calls up to number n that are not begun.
 * Returns the number of the last one that is.
 */
uint32_t claim_recall(struct claim *, uint32_t n);

/* In the front end: the number of the last call that is begun. */
uint32_t claim_begun(struct claim *);

/*
 * In the front end: the call that the agent began last, the only one that it
 * has in hand, is cancelled.
 */
void claim_cancel(struct claim *);

/* In an agent: whether call number n is. */
static inline bool
claim_cancelled(const struct claim *claim, uint32_t n)
{
	return (atomic_load(&claim->cancelled) == (CLAIM_CANCELLED | n));
}

/* Whether number a comes after b. */
static inline bool
claim_after(uint32_t a, uint32_t b)
{
	return ((int32_t)(a - b) > 0);
}

#endif
