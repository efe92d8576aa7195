/*
 * The process that ends all agents, with whatever their tools have started,
 * when the master has died.
 */

#ifndef MASTER_WARDEN_H
#define MASTER_WARDEN_H

#include <sys/types.h>

#include <stdbool.h>

/*
 * Once there is an event base, and before the first agent; each is to tell of
 * every agent that is alive.  Should the warden not start, that is logged and
 * tried again.
 */
void warden_init(void (*each)(void (*tell)(pid_t)));

/* An agent was started, or reaped. */
void warden_born(pid_t);
void warden_gone(pid_t);

/* Whether that process is it. */
bool warden_owns(pid_t);

/* A child was reaped; another warden follows it.  False: it was none. */
bool warden_reaped(pid_t, int wait_status);

/* At the end: it ends what is left of the agents, and itself. */
void warden_finish(void);

/* The process itself, as role.run; it lives until nothing is left to kill. */
void warden_run(void *unused) __attribute__((noreturn));

#endif
