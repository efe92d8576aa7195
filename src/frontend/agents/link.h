/*
 * The link to one agent: what goes to it and comes from it.
 */

#ifndef FRONTEND_AGENTS_LINK_H
#define FRONTEND_AGENTS_LINK_H

#include "common/wire.h"

#include <stddef.h>

struct agent;
struct call;

/* Takes over the socket on success.  0, or -1 with errno. */
int link_open(struct agent *, int socket_fd)
    __attribute__((warn_unused_result));

/* The agent is dead: takes what it still said, and closes. */
void link_close(struct agent *);

/*
 * Sends n calls, at most INBOX_BATCH, to an agent, which from then on is not
 * idle.  Returns 0; or -1 with errno: EPIPE means that the agent has gone and
 * another should be tried, ENOMEM that they could not be sent at all.  Nothing
 * was sent then.
 */
int link_send(struct agent *, struct call *const *calls, size_t n)
    __attribute__((warn_unused_result));

/*
 * The agent's call has ended without it, for this cause: it is stopped, softly
 * first if the cause allows that (soft.h).
 */
void link_take_back(struct agent *, enum wire_cause);

/*
 * No call goes there any more; its death is asked for.  reason is for the
 * caller of what it has in hand; NULL: how it died says it.
 */
void link_doom(struct agent *, enum wire_cause, const char *reason);

#endif
