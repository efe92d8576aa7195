/*
 * The HTTP server.
 */

#ifndef FRONTEND_HTTP_SERVER_H
#define FRONTEND_HTTP_SERVER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct route;

/*
 * Serves by a table of routes, which ends with a row without a handler;
 * retry_after() says after how many seconds it is worth to come again.
 */
void server_init(const struct route *, int (*retry_after)(void));

/* The configuration changed. */
void server_configure(void);

/*
 * Serves on a listening socket, which it takes over, under this name; control:
 * its clients are administrators.
 */
void server_listen(const char *name, int fd, bool control);
void server_unlisten(const char *name);

/*
 * How many agents there may be beside the connections that are open now, as
 * far as descriptors go; and that an administrator wants so many: further
 * connections leave them room.
 */
int64_t server_agents_room(void);
void server_agents_wanted(int64_t agents);

/* No further connections. */
void server_stop(void);

#endif
