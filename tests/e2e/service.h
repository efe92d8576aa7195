/*
 * An HTTP service that tools of a daemon under test can call.
 */

#ifndef E2E_SERVICE_H
#define E2E_SERVICE_H

struct service;

/*
 * Starts it on the loopback interface, in threads of this process, where no
 * daemon has it for a child.  What it answers is decided by the path:
 *	/ok	{"n": 1}
 *	/show	{"request": the head of the request}
 *	/hang	nothing, until the client goes
 *	/wait	{"n": 2}, once service_release() was called
 *	/huge	more than anybody wants
 *	/broken	half a JSON
 *	/away	a redirect to /ok
 *	/503, /500, /404 that status with a few words
 */
struct service *service_start(void);
int service_port(const struct service *);
/* Requests so far, to any path. */
int service_requests(struct service *);
void service_release(struct service *);
void service_stop(struct service *);

#endif
