/*
 * The listening sockets.
 */

#ifndef MASTER_LISTEN_H
#define MASTER_LISTEN_H

#include "common/wire.h"

#include <sys/un.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct conf;

/* How one process tells another of a listener that a configuration wants. */
struct listen_record {
	bool last;  /* there is none: the rest is void; see watch_open() */
	bool fresh; /* was opened for it, and its socket goes along */
	bool control;
	uint64_t device, inode; /* of the file of a Unix socket of ours */
	char name[WIRE_NAME_MAX + 1];
	char path[sizeof(((struct sockaddr_un *)0)->sun_path) + 1]; /* or "" */
};

/* Takes over the sockets that systemd passed, if any.  0, or -1 (logged). */
int listen_inherit(void) __attribute__((warn_unused_result));

/*
 * Opens what conf lists and is not open yet.  Nothing is told to the front
 * end, and nothing closed, until listen_commit().  Returns 0, or -1 (logged)
 * and nothing was opened.
 */
int listen_prepare(const struct conf *) __attribute__((warn_unused_result));

/* Puts in force what was prepared, as master.conf wants it. */
void listen_commit(void);

/* Closes again what was opened. */
void listen_undo(void);

/*
 * When another process prepares: there, sends all that is wanted.  Here,
 * begins a preparation, and takes over what was sent, of which fd is the
 * socket, or -1.  0, or -1.
 */
int listen_hand_over(int (*send)(const struct listen_record *, int fd))
    __attribute__((warn_unused_result));
void listen_begin(void);
int listen_take(const struct listen_record *, int fd)
    __attribute__((warn_unused_result));

/* The front end has closed its copies of that name. */
void listen_left(const char *name, size_t len);

/* It is gone, and with it its copies. */
void listen_frontend_lost(void);

/* Tells a new front end of all of them. */
void listen_introduce(void);

/* Closes all, and removes the files of Unix sockets. */
void listen_close(void);

#endif
