/*
 * The pool of agents.
 */

#ifndef MASTER_POOL_H
#define MASTER_POOL_H

#include "common/wire.h"

#include <sys/types.h>

#include <stdbool.h>
#include <stdint.h>

struct conf;
struct slot;

/* ready is called once, when every agent is, or has failed once. */
void pool_init(void (*ready)(void));

/* Whether that has been. */
bool pool_was_ready(void);

/*
 * Says how many agents there may be: at the start, and when master.conf is
 * another, of which agents of an older master.epoch are replaced, new ones
 * first.
 */
void pool_configure(const struct conf *);

/* An administrator fixes their number, 1 to 1024; see scale.h. */
void pool_resize(int64_t agents);

/* How many are wanted at the moment. */
int64_t pool_size(void);

/*
 * The front end could do with so many agents, and without this one; when it
 * names none (number 0), there will not be fewer than now.
 */
void pool_wish(int64_t agents, uint32_t number, uint32_t generation);

/* It wants the agent in that slot killed, or has done with it. */
void pool_kill(uint32_t number, uint32_t generation, enum wire_cause);
void pool_free(uint32_t number, uint32_t generation);

/* Something that the pool decides by is another: it looks again, soon. */
void pool_changed(void);

/* The agent in that slot, if it is of that generation and alive; or NULL. */
const struct slot *pool_find(uint32_t number, uint32_t generation);
bool pool_has(uint32_t number, uint32_t generation);

/* As role.reaped and role.stopped. */
void pool_reaped(pid_t, int wait_status);
void pool_stopped(pid_t, bool stopped);

/* The front end is gone, and with it what the agents were doing. */
void pool_frontend_lost(void);

/* There is a front end (again): tells it of all agents. */
void pool_introduce(void);

/* No more agents: told to stop, or killed at once. */
void pool_shutdown(bool now);

/* Agents that are not yet gone. */
unsigned int pool_alive(void);

/*
 * Compares the limit of this process with what the listeners of conf and so
 * many agents need.  0, or -1 with the reason in why, so that a
 * limit that lets no agent come up is one clear message, and not a failure that
 * is tried again for ever.
 */
int pool_fits(const struct conf *conf, int64_t agents, char *why,
    size_t why_size) __attribute__((warn_unused_result));

#endif
