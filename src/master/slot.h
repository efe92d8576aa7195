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

struct slot {
	uint32_t number;     /* "agent-3"; 1 or more */
	uint32_t generation; /* grows at each spawn */
	enum agent_state state;
	pid_t pid;	     /* -1 once reaped */
	uint32_t config;     /* the configuration it runs with */
	struct ends ends;    /* of its channels */
	struct event *timer; /* its meaning depends on the state */
	int64_t spawned_ns;
	bool ready;	       /* has been */
	bool worked;	       /* was given a call */
	bool killed;	       /* by us: counted once */
	bool expected;	       /* its death is what we want */
	bool lingers;	       /* does not die of KILL, not yet at least */
	bool worn;	       /* should be replaced, when there is time */
	bool retired;	       /* is being replaced for that */
	int64_t expires_ns;    /* when its age makes it worn; 0: never */
	unsigned int failures; /* starts that failed, in a row */
	uint32_t restarts;     /* deaths that nobody asked for */
	uint32_t recycled;     /* deaths after being worn */
};

/* 0, or -1 when there is no memory. */
int slot_init(struct slot *, uint32_t number)
    __attribute__((warn_unused_result));

/* Forks an agent into an empty slot.  On failure the slot backs off. */
void slot_spawn(struct slot *);

/* No more calls for it; it goes when it has finished. */
void slot_drain(struct slot *);

/* TERM, and KILL when that does not help. */
void slot_stop(struct slot *);

/* It has served long enough, for this reason. */
void slot_wear(struct slot *, const char *why);

/* It closed a channel: unless it dies by itself in a moment, KILL. */
void slot_suspect(struct slot *);

/* KILL, repeated until it is dead. */
void slot_kill(struct slot *, const char *why);

/* Its process was reaped. */
void slot_reaped(struct slot *, int wait_status);

/* Passes the socket of a ready agent to the front end, if there is one. */
void slot_offer(struct slot *);

/* Whether it holds, or will by itself soon hold, an agent that takes calls. */
bool slot_active(const struct slot *);

#endif
