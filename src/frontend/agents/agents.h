/*
 * The agents as the front end knows them: a link to each, and who is idle.
 */

#ifndef FRONTEND_AGENTS_AGENTS_H
#define FRONTEND_AGENTS_AGENTS_H

#include "common/uuid.h"
#include "common/wire.h"
#include "frontend/router/call.h"

#include <sys/queue.h>
#include <sys/types.h>

#include <stdbool.h>
#include <stdint.h>

#include <event2/event_struct.h>

struct claim;
struct peer;

struct agent {
	uint32_t number, generation;
	char name[16];		/* "agent-3" */
	enum agent_state state; /* as the master says */
	pid_t pid;
	uint32_t restarts;
	uint32_t recycled;
	uint32_t epoch;		/* of the tools that it has */
	struct peer *link;	/* NULL: no calls can be sent */
	struct call_list inbox; /* calls that it has in hand; see inbox.h */
	unsigned int inbox_count;
	uint32_t numbered;   /* the last call that it was handed */
	int64_t stopped_ns;  /* since when it is, as by SIGSTOP; or 0 */
	int64_t deaf_ns;     /* since when it reads nothing of ours; or 0 */
	struct claim *claim; /* which of them it has begun */
	bool lane;	     /* in the list of those with fast calls */
	TAILQ_ENTRY(agent) lane_entry;
	uint8_t ended_id[UUID_SIZE]; /* of a call that ended before it did */
	bool lingers;	    /* it was answered, what it started is not over */
	bool finishing;	    /* that one, though nobody waits any more */
	struct event grace; /* how long it may; see soft.h */
	enum wire_cause cause;	/* why nobody waits */
	bool doomed;		/* we asked for its death: no more calls */
	bool draining;		/* no more calls after this one */
	bool idle;		/* in the list of those that are */
	const char *reason;	/* why it is doomed, for its caller; or NULL */
	uint64_t handled;	/* calls, over all generations */
	int64_t last_active_ns; /* wall clock; 0: never */
	int64_t idle_since_ns;	/* when it came into the list */
	TAILQ_ENTRY(agent) idle_entry;
};

/* From the master. */
void agents_up(uint32_t number, uint32_t generation, const struct wire_agent *,
    int socket_fd);
void agents_state(
    uint32_t number, uint32_t generation, const struct wire_agent *);
void agents_drain(uint32_t number, uint32_t generation);
void agents_stopped(uint32_t number, uint32_t generation, bool stopped);
void agents_gone(
    uint32_t number, uint32_t generation, const struct wire_gone *);

/* The agent that was idle last and so is warm; NULL: none is idle. */
struct agent *agents_idle(void);

/* The one that nobody has needed for longest, or NULL. */
struct agent *agents_idle_longest(void);

/* The first of the idle that has this tool as it is now, or NULL. */
struct agent *agents_idle_for(const struct tool_info *);

/* Whether an agent, idle or not, has it so. */
bool agents_know(const struct agent *, const struct tool_info *);

/* Puts an agent among those that are idle, or takes it from there. */
void agents_set_idle(struct agent *, bool idle);

/* It does not take calls as it should: others come first. */
void agents_rest(struct agent *);

/* It has nothing to do: a drained agent may go, any other gets a call. */
void agents_free(struct agent *);

/* Whether some agent still holds the other end of its link. */
bool agents_linked(void);

/* Kills all, by ourselves: the master is gone. */
void agents_abandon(void);

size_t agents_idle_count(void);

/* Those that take calls, now or when they are done with what they have. */
size_t agents_capacity(void);

/* The states that clients are shown. */
enum agents_shown {
	SHOWN_IDLE,
	SHOWN_BUSY,
	SHOWN_STARTING,
	SHOWN_DRAINING,
	SHOWN_ERROR,
	SHOWN_STATES
};

/* What GET /api/v1/agents calls the state: "idle", "busy", ... */
const char *agents_state_name(const struct agent *);

/* By number, or NULL when the slot is empty. */
struct agent *agents_find(uint32_t number);

/* The highest number there ever was. */
uint32_t agents_last(void);

struct agents_count {
	unsigned int in[SHOWN_STATES];
	uint64_t restarts, recycled;
};
struct agents_count agents_count(void);

/* Whether any agent takes calls. */
bool agents_serving(void);

/* Whether agents have failed to start for so long that waiting is no use. */
bool agents_hopeless(void);

#endif
