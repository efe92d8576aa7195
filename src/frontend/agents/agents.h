/*
 * The agents as the front end knows them: who there is, who is idle, and what
 * the master says of them.  What they have in hand is in inbox.h.
 */

#ifndef FRONTEND_AGENTS_AGENTS_H
#define FRONTEND_AGENTS_AGENTS_H

#include "common/wire.h"

#include <sys/types.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct agent;
struct work;

/* What this layer asks of those above it; all are set. */
struct agents_ops {
	/* An agent can take calls. */
	void (*idle)(void);
	/* The master said something new of an agent. */
	void (*changed)(void);
	/* Work that left its inbox: it was not begun, ... */
	void (*requeue)(struct work *);
	/* ... was answered, by a text that begins as its outcome wants, ... */
	void (*answered)(struct work *, const struct wire_result *,
	    const char *text, size_t len);
	/* ... or ended with its agent, which died in this way. */
	void (*died)(struct work *, const char *how);
	/* False: it is not what an agent sends.  The length was checked. */
	bool (*progress)(struct work *, const uint8_t *body, size_t len);
	/* An answer came that nobody waits for any more. */
	void (*late)(void);
};

/* Fatal when it cannot. */
void agents_init(const struct agents_ops *);

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

/* The first of the idle whose tools are of this epoch or later, or NULL. */
struct agent *agents_idle_for(uint32_t epoch);

size_t agents_idle_count(void);

/* Whether an agent, idle or not, has the tools of that epoch or later. */
bool agents_know(const struct agent *, uint32_t epoch);

/* Those that take calls, now or when they are done with what they have. */
size_t agents_capacity(void);

/* Whether some agent still holds the other end of its link. */
bool agents_linked(void);

/* Kills all, by ourselves: the master is gone. */
void agents_abandon(void);

/* By number, or NULL when the slot is empty. */
struct agent *agents_find(uint32_t number);

/* The highest number there ever was. */
uint32_t agents_last(void);

/* The states that clients are shown. */
enum agents_shown {
	SHOWN_IDLE,
	SHOWN_BUSY,
	SHOWN_STARTING,
	SHOWN_DRAINING,
	SHOWN_ERROR,
	SHOWN_STATES
};

struct agents_count {
	unsigned int in[SHOWN_STATES];
	uint64_t restarts, recycled;
};
struct agents_count agents_count(void);

/* Whether any agent takes calls. */
bool agents_serving(void);

/* Whether agents have failed to start for so long that waiting is no use. */
bool agents_hopeless(void);

/* What there is to say of one agent. */
struct agent_view {
	uint32_t number, generation;
	const char *state; /* "idle", "busy", ... */
	pid_t pid;	   /* -1: it has no process */
	uint32_t restarts;
	uint64_t handled;	/* calls, over all generations */
	int64_t last_active_ns; /* wall clock; 0: never */
	int64_t idle_since_ns;	/* when it was last idle; 0: never */
	int64_t resident;	/* bytes, as it last said */
	struct work *current;	/* what it runs; or NULL */
};
struct agent_view agent_view(const struct agent *);

/* "agent-3" */
const char *agent_name(const struct agent *);

bool agent_is_idle(const struct agent *);

/*
 * What the agent runs has been taken from it by inbox_withdraw(), and nobody
 * wants it any more.  A deadline leaves what the call started grace_ms to end;
 * for other causes the agent is told if the cause allows that, and has
 * cancel_grace to answer.  Else it is killed.
 */
void agent_stop(struct agent *, enum wire_cause, int64_t grace_ms);

#endif
