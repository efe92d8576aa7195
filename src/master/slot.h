/*
 * A slot: the identity of one agent, and the process that fills it now.
 */

#ifndef MASTER_SLOT_H
#define MASTER_SLOT_H

#include "common/wire.h"
#include "master/ends.h"

#include <sys/types.h>

#include <stdbool.h>
#include <stdint.h>

struct event;

/* How far its process has got; never less. */
enum slot_health {
	SLOT_NEW,
	SLOT_READY,   /* has been */
	SLOT_WORKED,  /* was given a call */
	SLOT_WORN,    /* should be replaced, when there is time */
	SLOT_RETIRED, /* is being replaced for that */
};

/* Who wants its death. */
enum slot_cause {
	SLOT_UNASKED, /* nobody */
	SLOT_STUCK,   /* somebody, but it does not die, not yet at least */
	SLOT_ASKED,   /* we do */
};

/* Written by slot.c alone. */
struct slot {
	uint32_t number;     /* 1 or more */
	char name[24];	     /* "agent-3" */
	uint32_t generation; /* grows at each spawn */
	enum agent_state state;
	enum slot_health health;
	enum slot_cause cause;
	pid_t pid;	     /* -1 once reaped */
	uint32_t epoch;	     /* of the configuration it runs with */
	struct ends ends;    /* of its channels */
	struct event *timer; /* its meaning depends on the state */
	int64_t spawned_ns;
	int64_t expires_ns;    /* when its age makes it worn; 0: never */
	unsigned int failures; /* starts that failed, in a row */
	uint32_t restarts;     /* deaths that nobody asked for */
	uint32_t recycled;     /* deaths after being worn */
};

/*
 * Room for so many, which never move; numbers begin with 1.  changed is called
 * at each change of what the pool decides by.  NULL when there is no memory.
 */
const struct slot *slot_table(unsigned int count, void (*changed)(void));

/* Before its first use.  0, or -1 when there is no memory. */
int slot_init(uint32_t number) __attribute__((warn_unused_result));

/* Forks an agent into an empty slot.  On failure the slot backs off. */
void slot_spawn(const struct slot *);

/* The agent's process: as role.run, of which a slot is the argument. */
void slot_run(void *slot);

/* No more calls for it; it goes when it has finished. */
void slot_drain(const struct slot *);

/* Asked to stop, and killed when that does not help. */
void slot_stop(const struct slot *);

/* It has served long enough, for this reason. */
void slot_wear(const struct slot *, const char *why);

/* It is worn, and is now to be replaced. */
void slot_retire(const struct slot *);

/* It closed a channel: unless it dies by itself in a moment, KILL. */
void slot_suspect(const struct slot *);

/* It is killed for its call, so its start was good. */
void slot_abort(const struct slot *, const char *why);

/* KILL, repeated until it is dead. */
void slot_kill(const struct slot *, const char *why);

/* Its process was reaped. */
void slot_reaped(const struct slot *, int wait_status);

/* Tells a new front end of it, and passes its socket if it is ready. */
void slot_introduce(const struct slot *);

/* Whether it holds, or will by itself soon hold, an agent that takes calls. */
bool slot_active(const struct slot *);

#endif
