/*
 * The pool of agents: how many there should be, and of which configuration.
 */

#ifndef MASTER_POOL_H
#define MASTER_POOL_H

#include <sys/types.h>

#include <stdbool.h>
#include <stdint.h>

struct conf;
struct slot;

/*
 * Allocates the slot table; ready is called once, when every agent is, or has
 * failed once.
 */
void pool_init(void (*ready)(void));

/* Whether that has been. */
bool pool_was_ready(void);

/* How many agents there may be, by the configuration: at start and reload. */
void pool_bound(const struct conf *);

/* An administrator fixes their number, 1 to 1024; see scale.h. */
void pool_resize(int64_t agents);

/* How many are wanted at the moment. */
int64_t pool_size(void);

/*
 * The front end could do with so many agents, and without this one; when it
 * names none (number 0), there will not be fewer than now.
 */
void pool_wish(int64_t agents, uint32_t number, uint32_t generation);

/* All agents are to be replaced, new ones first: the configuration changed. */
void pool_renew(void);

/* Number of the configuration that new agents get. */
uint32_t pool_config(void);

/* A slot's state changed: looks again, soon, at what is to be done. */
void pool_changed(void);

/* The agent in that slot, if it is of that generation and alive; or NULL. */
struct slot *pool_find(uint32_t number, uint32_t generation);

/* A child was reaped.  False: it was no agent. */
bool pool_reaped(pid_t, int wait_status);

bool pool_owns(pid_t);

/* Tells of every process of an agent. */
void pool_each(void (*tell)(pid_t));

/* A child was stopped, or runs on. */
void pool_stopped(pid_t, bool stopped);

/* The front end is gone, and with it what the agents were doing. */
void pool_frontend_lost(void);

/* There is a front end (again): tells it of all agents. */
void pool_introduce(void);

/* No more agents: TERM, or KILL at once. */
void pool_shutdown(bool now);

/* Agents that are not yet gone. */
unsigned int pool_alive(void);

#endif
