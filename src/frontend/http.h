/*
 * The HTTP server.
 */

#ifndef FRONTEND_HTTP_H
#define FRONTEND_HTTP_H

void http_init(void);

/* The configuration changed. */
void http_configure(void);

/* Serves on a listening socket, which it takes over, under this name. */
void http_listen(const char *name, int fd);
void http_unlisten(const char *name);

/* No further connections. */
void http_stop(void);

/*
 * Stops accepting while there are too many connections; they wait in the
 * kernel's backlog meanwhile.  Resuming is for whenever one has ended.
 */
void http_pause(void);
void http_resume(void);

#endif
