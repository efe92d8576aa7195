/*
 * The process that ends all agents, with whatever their tools have started,
 * when the master has died.
 */

#ifndef MASTER_WARDEN_H
#define MASTER_WARDEN_H

#include <sys/types.h>

/*
 * Once there is an event base, and before the first agent.  Should it not
 * start, that is logged and tried again.
 */
void warden_init(void);

/* An agent was started, or reaped. */
void warden_born(pid_t);
void warden_gone(pid_t);

/* As role.reaped. */
void warden_reaped(pid_t, int wait_status);

/* At the end: it ends what is left of the agents, and itself. */
void warden_finish(void);

/* The process itself, as role.run; it lives until nothing is left to kill. */
void warden_run(void *unused) __attribute__((noreturn));

#endif
