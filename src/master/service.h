/*
 * Services: processes of which there is one each for as long as the daemon
 * runs, and to which the master has a link.  Today that is the front end.
 */

#ifndef MASTER_SERVICE_H
#define MASTER_SERVICE_H

#include "common/peer.h"
#include "master/spawn.h"

/* What the row of a role says of a service. */
struct service_role {
	enum wire_role wire;
	const peer_handler *handlers; /* of what it sends; arg is void */
	bool drains; /* it has calls to finish when the daemon stops */
	void (*introduce)(void); /* it was started: it is told what there is */
	void (*lost)(void);	 /* it is dead */
};

/*
 * Starts all.  came_up is called when one first answers, drained when those
 * that were to finish their calls have, or are gone.
 */
void service_init(void (*came_up)(void), void (*drained)(void));

/* Whether those that run have answered. */
bool service_up(void);

/* Asks whether they are alive; true when all answered the time before. */
bool service_probe(void);

/* Whether any is alive. */
bool service_any(void);

/* As role.reaped. */
void service_reaped(pid_t, int wait_status);

/* From its handlers: it answered; it has finished. */
void service_heard(enum role_kind);
void service_drained(enum role_kind);

/* Finish what is accepted and refuse the rest. */
void service_drain(int64_t timeout_ms);

/* They are not wanted any more: told to stop, or killed at once. */
void service_stop(bool now);

#endif
