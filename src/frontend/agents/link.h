/*
 * The link to one agent: what goes to it and comes from it.
 * For this folder only.
 */

#ifndef FRONTEND_AGENTS_LINK_H
#define FRONTEND_AGENTS_LINK_H

#include "frontend/agents/work.h"

#include <stddef.h>

struct agent;

/* Takes over the socket on success.  0, or -1 with errno. */
int link_open(struct agent *, int socket_fd)
    __attribute__((warn_unused_result));

/* The agent is dead: takes what it still said, and closes. */
void link_close(struct agent *);

/* For inbox_hand_over(), which says what it returns. */
int link_send(struct agent *, struct work *const *works, size_t n)
    __attribute__((warn_unused_result));

#endif
