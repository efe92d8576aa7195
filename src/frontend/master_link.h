/*
 * The link to the master: what the front end says to it, and to whom what the
 * master says goes.
 */

#ifndef FRONTEND_MASTER_LINK_H
#define FRONTEND_MASTER_LINK_H

#include "common/peer.h"

#include <stdint.h>

struct master_link_ops {
	const peer_handler *handlers; /* a function for each type, or NULL */

	/* The master is dead. */
	void (*gone)(void);

	/* A message is lost; must not return. */
	void (*lost)(void) __attribute__((noreturn));
};

/* Takes over WIRE_SOCKET_FD; fatal when it cannot.  The ops must stay. */
void master_link_init(const struct master_link_ops *);

/* Says that the front end lives. */
void master_link_pong(void);

/* Says that nobody listens any more on the socket of that name. */
void master_link_unlistened(const char *name);

/* Asks for the death of an agent; its master does it, or nobody. */
void master_link_kill(uint32_t number, uint32_t generation, enum wire_cause);

/* Says that a drained agent has nothing left to do. */
void master_link_free(uint32_t number, uint32_t generation);

/*
 * Asks for so many agents; for fewer, the agent of that number and generation
 * can go, else they are 0.
 */
void master_link_scale(
    unsigned int agents, uint32_t number, uint32_t generation);

/* Asks for what an administrator wants; WIRE_ADMIN_DONE is the answer. */
void master_link_admin(const struct wire_admin *);

/* Says that everything that was accepted is answered. */
void master_link_drained(void);

#endif
