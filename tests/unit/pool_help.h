/*
 * Help for the tests of the pool.
 */

#ifndef UNIT_POOL_HELP_H
#define UNIT_POOL_HELP_H

#include <stdint.h>

#include "master/slot.h"

#define HELP_SLOTS 32
#define HELP_PID(number) (1000 + (pid_t)(number))

extern struct slot *pool_help_slots[HELP_SLOTS]; /* by their number less 1 */

/* Slots ever used, killed, and offered to the front end. */
extern unsigned int pool_help_known, pool_help_killed, pool_help_introduced;

extern int64_t pool_help_now_ns;
extern int64_t
    pool_help_timer_ms; /* when the pool wants to look again; -1 never */

/* There is none for a further slot. */
extern bool pool_help_no_memory;

int pool_help_set_up(void **state);

/* One letter a slot, as it is after the pool has looked at it. */
void pool_help_expect(const char *states);

/* Another configuration is in force. */
void pool_help_renew(void);

void pool_help_become(unsigned int number, enum agent_state);

/* Lets time pass, and the pool look. */
void pool_help_pass(int64_t ms);

#endif
