/*
 * One agent: its state, and who changes that.  For this folder only.
 */

#ifndef FRONTEND_AGENTS_AGENT_H
#define FRONTEND_AGENTS_AGENT_H

#include "common/uuid.h"
#include "common/wire.h"
#include "frontend/agents/agents.h"
#include "frontend/agents/work.h"

#include <sys/queue.h>
#include <sys/types.h>

#include <stdbool.h>
#include <stdint.h>

#include <event2/event_struct.h>

struct claim;
struct peer;

/* What it does for us. */
enum agent_phase {
	PHASE_UNLINKED,	    /* nothing: it starts, or is gone */
	PHASE_IDLE,	    /* waits for a call */
	PHASE_BUSY,	    /* has calls, or does not read: gets no more */
	PHASE_FAST,	    /* has fast calls, and gets more behind them */
	PHASE_FINISHING,    /* its call was ended for it; it is to answer yet */
	PHASE_LINGERING,    /* it has answered; what it started goes on */
	PHASE_UNRESPONSIVE, /* we asked for its death */
	AGENT_PHASES
};

struct agent {
	uint32_t number, generation;
	char name[16];
	/* As the master says. */
	enum agent_state reported;
	pid_t pid;
	uint32_t restarts, recycled;
	uint32_t epoch;	    /* of the tools that it has */
	bool draining;	    /* it gets no more calls, and may go when free */
	int64_t stopped_ns; /* since when it is, as by SIGSTOP; or 0 */
	/* agent_set_phase() alone writes this. */
	enum agent_phase phase;
	TAILQ_ENTRY(agent) all_entry;
	TAILQ_ENTRY(agent) entry; /* of the idle, or of those that are fast */
	struct event grace;	  /* the end of finishing or lingering */
	enum wire_cause cause;	  /* of that */
	const char
	    *reason; /* why it is unresponsive, for its caller; or NULL */
	/* See inbox.h. */
	struct peer *link; /* NULL: nothing can be sent */
	struct work_list inbox;
	unsigned int inbox_count;
	uint32_t numbered;   /* the last call that it was handed */
	struct claim *claim; /* which of them it has begun */
	int64_t unread_ns;   /* since when it reads nothing of ours; or 0 */
	uint8_t ended_id[UUID_SIZE]; /* of a call that ended before it did */
	uint64_t handled;
	int64_t last_active_ns, idle_since_ns;
};

TAILQ_HEAD(agent_list, agent);

/* All that there ever were, with or without a process. */
extern struct agent_list agent_all;

/* Those of PHASE_FAST; inbox.c orders them: those that are low come first. */
extern struct agent_list agent_fast;
extern size_t agent_fast_count;

extern struct agents_ops agent_ops;

/* PHASE_UNLINKED; NULL: no memory. */
struct agent *agent_new(uint32_t number);

/* The one place that changes the phase, and what is derived of it. */
void agent_set_phase(struct agent *, enum agent_phase);

/* Takes what the master says of it. */
void agent_report(
    struct agent *, uint32_t generation, const struct wire_agent *);

/* Finishing or lingering. */
bool agent_is_finishing(const struct agent *);

/* It gets no call until it is offered again. */
void agent_withhold(struct agent *);

/* It has nothing to do: a drained agent may go, any other gets a call. */
void agent_offer(struct agent *);

/* The same, but it does not take calls as it should: others come first. */
void agent_offer_last(struct agent *);

/*
 * The call that it has begun ended, and what that started may live on for so
 * long; the agent says when it is over.  One that takes longer is killed.
 */
void agent_linger(
    struct agent *, const uint8_t id[static UUID_SIZE], int64_t grace_ms);

/* It has finished what it was left to finish, or is gone. */
void agent_finished(struct agent *);

/*
 * Asks for its death, once.  reason is for the caller of what it has in hand;
 * NULL: how it died says it.
 */
void agent_kill(struct agent *, enum wire_cause, const char *reason);

enum agents_shown agent_shown(const struct agent *);

#endif
