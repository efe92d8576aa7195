/*
 * The HTTP server.
 */

#ifndef FRONTEND_HTTP_HTTP_H
#define FRONTEND_HTTP_HTTP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct route;

/*
 * Serves by a table of routes, which ends with a row without a handler;
 * retry_after() says after how many seconds it is worth to come again.
 */
void http_init(const struct route *, int (*retry_after)(void));

/* The configuration changed. */
void http_configure(void);

/*
 * Serves on a listening socket, which it takes over, under this name; control:
 * its clients are administrators.
 */
void http_listen(const char *name, int fd, bool control);
void http_unlisten(const char *name);

/*
 * How many agents there may be beside the connections that are open now, as
 * far as descriptors go; and that an administrator wants so many: further
 * connections leave them room.
 */
int64_t http_agents_room(void);
void http_agents_wanted(int64_t agents);

/* No further connections. */
void http_stop(void);

/* Makes room for so many connections more: others may have to give way. */
void http_make_room(size_t more);

/*
 * The number of connections has changed: stops accepting while there are too
 * many, but for administrators; they wait in the kernel's backlog meanwhile.
 */
void http_count_changed(void);

#endif
