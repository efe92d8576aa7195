/*
 * Recycling: an agent that has run its calls, grown too large or lived its
 * time is replaced like one of an old configuration, but few at a time, and
 * each counts until it is gone.  Called by pool.c, which starts the
 * replacement and, when that is ready, drains the one that is retired.
 */

#include "master/recycle.h"
#include "common/clock.h"
#include "master/slot.h"

int64_t
recycle_age(struct slot *slots, unsigned int count, int64_t now_ns)
{
	int64_t next_ns = -1;

	for (unsigned int i = 0; i < count; i++) {
		struct slot *slot = &slots[i];
		int64_t left_ns = slot->expires_ns - now_ns;

		if (slot->state != AGENT_READY || slot->expires_ns == 0 ||
		    slot->worn)
			continue;
		if (left_ns <= 0)
			slot_wear(slot, "is old (max_age)");
		else if (next_ns == -1 || left_ns < next_ns)
			next_ns = left_ns;
	}
	return (next_ns == -1 ? -1 : next_ns / NS_PER_MS + 1);
}

/* The worn agent that lives longest, of those that serve; or NULL. */
static struct slot *
recycle_next(struct slot *slots, unsigned int count, uint32_t config)
{
	struct slot *next = NULL;

	for (unsigned int i = 0; i < count; i++) {
		struct slot *slot = &slots[i];

		if (slot->worn && !slot->retired && slot->config == config &&
		    slot->state == AGENT_READY &&
		    (next == NULL || slot->spawned_ns < next->spawned_ns))
			next = slot;
	}
	return (next);
}

void
recycle_retire(
    struct slot *slots, unsigned int count, uint32_t config, unsigned int most)
{
	unsigned int retired = 0;
	struct slot *slot;

	for (unsigned int i = 0; i < count; i++)
		retired += slots[i].retired && slots[i].state != AGENT_EMPTY;
	while (retired < most &&
	       (slot = recycle_next(slots, count, config)) != NULL) {
		slot->retired = true;
		retired++;
	}
}
