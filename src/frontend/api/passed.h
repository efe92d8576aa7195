/*
 * The headers of a request that go to the tool with its call.
 */

#ifndef FRONTEND_API_PASSED_H
#define FRONTEND_API_PASSED_H

struct call;
struct conn;
struct refusal;

/* Made by us: who the client is, whatever it says itself. */
#define PASSED_CLIENT "X-Agentd-Client"

/* The most that names and values of one call may have, bytes. */
#define PASSED_MAX 8192

/*
 * Gives a call of a tool that names headers those of the connection's request.
 * 0; or -1 when one cannot be passed on, or there is no memory: then the
 * refusal says why.
 */
int passed_collect(struct call *, struct conn *, struct refusal *)
    __attribute__((warn_unused_result));

#endif
