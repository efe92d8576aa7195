/*
 * Starts the process of a slot.
 */

#include "common/claim.h"
#include "common/clock.h"
#include "common/log.h"
#include "conf/conf.h"
#include "master/ends.h"
#include "master/globals.h"
#include "master/pool.h"
#include "master/slot.h"
#include "master/slot_state.h"
#include "master/spawn.h"
#include "master/warden.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* In the child. */
static void
slot_run(void *arg)
{
	struct slot *slot = arg;

	master.options.roles.agent(slot->number, slot->generation, master.conf,
	    master.bundle.tools, master.bundle.tools_len);
}

/* Returns NULL, or what failed, with errno. */
static const char *
slot_fork(struct slot *slot)
{
	int child[ENDS_CHILD];
	const char *failed;
	char who[32];
	int error;

	snprintf(who, sizeof(who), "agent-%u", slot->number);
	failed = ends_open(&slot->ends, who, slot->generation, child);
	if (failed != NULL)
		return (failed);
	slot->pid =
	    spawn_child(&spawn_agent, child, ENDS_CHILD, slot_run, slot);
	error = errno;
	ends_close_child(child);
	if (slot->pid != -1) {
		warden_born(slot->pid);
		return (NULL);
	}
	ends_close(&slot->ends);
	errno = error;
	return ("fork");
}

/* Chance takes off up to a tenth: what starts together need not end so. */
static int64_t
slot_expiry(int64_t now_ns)
{
	int64_t max_ms = master.conf->max_age_ms;

	if (max_ms == 0)
		return (0);
	max_ms -= arc4random_uniform((uint32_t)(max_ms / 10) + 1);
	return (now_ns + max_ms * NS_PER_MS);
}

void
slot_spawn(struct slot *slot)
{
	const char *failed;

	assert(slot->state == AGENT_EMPTY && slot->pid == -1);
	slot->generation++;
	slot->ready = slot->worked = false;
	slot->killed = slot->expected = slot->lingers = false;
	slot->worn = slot->retired = false;
	slot->spawned_ns = clock_now_ns();
	slot->expires_ns = slot_expiry(slot->spawned_ns);
	claim_reset(claim_of(slot->number, slot->generation));
	slot->config = pool_config();
	if ((failed = slot_fork(slot)) == NULL) {
		slot_set_state(slot, AGENT_STARTING);
		return;
	}
	slot->failures++;
	log_warn("agent-%u: cannot be started: %s: %s; next try in %lld ms",
	    slot->number, failed, strerror(errno),
	    (long long)slot_backoff_ms(slot));
	slot_set_state(slot, AGENT_BACKOFF);
}
