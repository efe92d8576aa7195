/*
 * The channel to the master.
 */

#ifndef FRONTEND_CHANNEL_H
#define FRONTEND_CHANNEL_H

#include "common/wire.h"

#include <stdint.h>

struct agent;

/*
 * Takes over WIRE_SOCKET_FD; fatal when it cannot.  The function is called when
 * the front end shall take no more, finish within that time and then call
 * channel_drained().
 */
void channel_init(void (*drain)(int64_t timeout_ms));

/* Asks for the death of an agent; its master does it, or nobody. */
void channel_kill(uint32_t number, uint32_t generation, enum wire_cause);

/* A drained agent has nothing left to do. */
void channel_free(uint32_t number, uint32_t generation);

/* So many agents are wanted; for fewer, that one can go, else it is NULL. */
void channel_wanted(unsigned int agents, const struct agent *dispensable);

/* What an administrator asks for; the answer goes to admin_done(). */
void channel_admin(const struct wire_admin *);

/* Everything that was accepted is answered. */
void channel_drained(void);

#endif
