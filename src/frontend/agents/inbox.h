/*
 * The calls that were handed to an agent and are not answered: the first runs,
 * those behind it are next.
 *
 * Waking an agent and being woken by it costs more than a short call does.  So
 * calls that should be fast are handed over several at a time, and to no more
 * agents at once than there are processors; the next are there when the first
 * is done.  When one takes long after all, those behind it are recalled and go
 * elsewhere (see claim.h).
 */

#ifndef FRONTEND_AGENTS_INBOX_H
#define FRONTEND_AGENTS_INBOX_H

#include "frontend/agents/work.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct agent;

/* The most calls that are handed over at once. */
#define INBOX_BATCH 8

/* Fatal when it cannot. */
void inbox_init(void);

/* That we may run on, 1 or more. */
size_t inbox_processors(void);

/*
 * The agent that should get a call now, which needs tools of that epoch or
 * later, and may be a fast one; NULL: let it wait.
 */
struct agent *inbox_choose(uint32_t epoch, bool fast);

/*
 * How many fast calls, when so many calls wait, should be handed to an agent:
 * 1 to INBOX_BATCH.
 */
size_t inbox_share(size_t waiting);

/*
 * Hands over n calls, at most INBOX_BATCH, to an agent, which from then on is
 * not idle.  Returns 0; or -1 with errno: EPIPE means that the agent has gone
 * and another should be tried, ENOMEM that they could not be sent at all.
 * Nothing was sent then.
 */
int inbox_hand_over(struct agent *, struct work *const *works, size_t n)
    __attribute__((warn_unused_result));

/*
 * Recalls what the agent has not begun: it is requeued.  All that it has
 * answered is read before: calls may end in here.  An agent that for long did
 * not even read what it was handed is killed, now or later.
 */
void inbox_recall(struct agent *);

/*
 * Takes from its agent what this has begun, after inbox_recall(), because it
 * ends otherwise.  The agent is returned, for agent_stop().
 */
struct agent *inbox_withdraw(struct work *);

/* Whether an agent has begun it. */
bool inbox_runs(const struct work *);

/* The rest is for this folder.  What an agent runs, or NULL. */
struct work *inbox_first(const struct agent *);

/* An agent with a new link has nothing in hand. */
void inbox_open(struct agent *);

/* It is answered, or ended otherwise. */
void inbox_remove(struct agent *, struct work *);

/*
 * The agent is stopped: what it has not begun goes elsewhere, and unless it
 * soon runs on, and has nothing in hand, it is killed.
 */
void inbox_stopped(struct agent *);

#endif
