/*
 * The listening sockets.
 */

#ifndef MASTER_LISTEN_H
#define MASTER_LISTEN_H

struct conf;

/* Takes over the sockets that systemd passed, if any.  0, or -1 (logged). */
int listen_inherit(void) __attribute__((warn_unused_result));

/*
 * Opens what conf lists and is not open yet.  Nothing is told to the front
 * end, and nothing closed, until listen_commit().  Returns 0, or -1 (logged)
 * and nothing was opened.
 */
int listen_prepare(const struct conf *) __attribute__((warn_unused_result));
void listen_commit(void);

/* Tells a new front end of all of them. */
void listen_introduce(void);

/* Closes all, and removes the files of Unix sockets. */
void listen_close(void);

#endif
