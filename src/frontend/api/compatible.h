/*
 * Answers as the Go program of the same design gave them, for its clients:
 * the setting "compatible".  agentd-api(7) has the list.  What it changes of a
 * request is in envelope.c and clients.c, of results in the tools.
 */

#ifndef FRONTEND_API_COMPATIBLE_H
#define FRONTEND_API_COMPATIBLE_H

#include "frontend/router/call.h"

struct agent_view;
struct conn;
struct refusal;

/*
 * A call that was not accepted: answers it, if it is for a tool that there is
 * not.  False: nothing was done, by this setting or for this refusal.
 */
bool compatible_refuses(struct conn *, const struct refusal *);

/* The same for a call that has ended, if its parameters were not good. */
bool compatible_answers(struct conn *, const struct call *, enum outcome,
    const char *text, size_t len);

/* Wall clock: the end of its last call, or else when it was ready; 0: never. */
int64_t compatible_last_active(const struct agent_view *);

#endif
