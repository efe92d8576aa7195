/*
 * A request with all that can become of it: the answer, or a message and an
 * exit status.
 */

#ifndef AGENTCTL_ASK_H
#define AGENTCTL_ASK_H

#include "agentctl/agentctl.h"
#include "agentctl/client.h"

struct json_object;

/* What an HTTP status means for the exit status. */
int ask_exit(long http_status);

/*
 * Sends it.  CTL_OK when the answer is one of success; otherwise it was said
 * why on standard error.  With -j, the answer was printed either way.  Without
 * a timeout of its own the request gets that of -t, or 10 seconds.  The caller
 * frees the answer in any case.
 */
int ask(struct ctl *, struct request *, struct answer *)
    __attribute__((warn_unused_result));

/*
 * The same without any limit but the request's own timeout; from now on the
 * signals that end agentctl cancel the request.
 */
int ask_waiting(struct ctl *, struct request *, struct answer *)
    __attribute__((warn_unused_result));

/* As ask(), for what is only looked at; member as in struct request. */
int ask_get(struct ctl *, const char *path, const char *member, struct answer *)
    __attribute__((warn_unused_result));

/* The same for what only a control socket takes, which is said if need be. */
int ask_admin(struct ctl *, struct request *, struct answer *)
    __attribute__((warn_unused_result));

/* Ends, as with wrong usage, when that cannot be the name of a tool. */
void ask_check_tool(const char *name);

/* Says what is wrong with each parameter: a list of {pointer, detail}. */
void ask_errors(struct json_object *errors);

/*
 * The first of the daemon's places where somebody listens; when there is none,
 * the one that tells best why not.  Static, until the next call.
 */
const char *ask_place_find(void);

#endif
