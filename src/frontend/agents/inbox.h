/*
 * The calls that were handed to an agent and are not answered: the first runs,
 * those behind it are next.
 *
 * Waking an agent and being woken by it costs more than a short call does.  So
 * calls of tools that have lately been fast are handed over several at a time,
 * and to no more agents at once than there are processors; the next are there
 * when the first is done.  When one takes long after all, those behind it are
 * taken back and go elsewhere (see claim.h).
 */

#ifndef FRONTEND_AGENTS_INBOX_H
#define FRONTEND_AGENTS_INBOX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct agent;
struct call;
struct tool_info;

/* The most calls that are handed over at once. */
#define INBOX_BATCH 8

/* Fatal when it cannot. */
void inbox_init(void);

/* An agent with a new link has nothing in hand. */
void inbox_open(struct agent *);

/* The agent that should get this call now; NULL: let it wait. */
struct agent *inbox_choose(const struct call *);

/*
 * How many calls, the given one being the first of so many that wait, should
 * be handed to an agent: 1 to INBOX_BATCH.
 */
size_t inbox_share(const struct call *, size_t waiting);

/*
 * How long the agent may poll, for the next call and for what this one waits
 * for, microseconds: 0 but for a call that is alone, as those before it were,
 * of the only client that calls, of a tool whose last call took no longer than
 * that, and where there is a second processor.  To be asked once a call.
 */
uint32_t inbox_poll_us(const struct call *);

/* Whether a call may be handed over behind another. */
bool inbox_goes_along(const struct call *);

/*
 * The agent is stopped: what it has not begun goes elsewhere, and unless it
 * soon runs on, and has nothing in hand, it is killed.
 */
void inbox_stopped(struct agent *);

/* No more calls go there behind the one that runs. */
void inbox_shut(struct agent *);

/*
 * Something is about to be sent: what it did not read of what went before does
 * not count any more if by now it has read all.
 */
void inbox_listens(struct agent *);

/* It was sent to that agent. */
void inbox_add(struct agent *, struct call *);

/* It is answered, or ended otherwise. */
void inbox_remove(struct agent *, struct call *);

/* The agent took so long for a call of that tool. */
void inbox_learn(struct tool_info *, uint32_t run_us);

/* Whether an agent has begun it. */
bool inbox_runs(const struct call *);

/* The call that it runs, or NULL. */
struct call *inbox_first(const struct agent *);

/*
 * Takes back to the queue what the agent has not begun.  All that it has
 * answered is read before: calls may end in here.  An agent that for long did
 * not even read what it was handed is killed, now or later.
 */
void inbox_recall(struct agent *);

#endif
