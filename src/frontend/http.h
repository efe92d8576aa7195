/*
 * The HTTP server.
 */

#ifndef FRONTEND_HTTP_H
#define FRONTEND_HTTP_H

#include <stdbool.h>

void http_init(void);

/* The configuration changed. */
void http_configure(void);

/*
 * Serves on a listening socket, which it takes over, under this name; control:
 * its clients are administrators.
 */
void http_listen(const char *name, int fd, bool control);
void http_unlisten(const char *name);

/* No further connections. */
void http_stop(void);

/*
 * The number of connections has changed: stops accepting while there are too
 * many, but for administrators; they wait in the kernel's backlog meanwhile.
 */
void http_count_changed(void);

#endif
