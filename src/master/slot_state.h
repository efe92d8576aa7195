/*
 * The states of a slot.
 */

#ifndef MASTER_SLOT_STATE_H
#define MASTER_SLOT_STATE_H

#include "common/wire.h"

#include <stdint.h>

struct slot;

/* KILL is repeated, and the last parts of a death waited for, this often. */
#define KILL_AGAIN_MS 300

/* To one that may follow; sets the timer by it, and tells front end and pool.
 */
void slot_set_state(struct slot *, enum agent_state);

/* Sets the timer, which means what slot_timer() says for the state. */
void slot_arm(struct slot *, int64_t ms);

/* The pause after as many failures in a row: twice as long each time. */
int64_t slot_backoff_ms(const struct slot *);

#endif
