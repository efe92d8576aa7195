/*
 * Sockets that listen.  For listen.c only.
 */

#ifndef MASTER_LISTEN_SOCKET_H
#define MASTER_LISTEN_SOCKET_H

#include "common/safe.h"

#include <sys/types.h>

#include <stdbool.h>

struct conf;
struct stat;

/*
 * A socket at path, in place of one that a crash has left.  shared: its file
 * belongs to the user and group of the children.  What that file is, is in st.
 * Returns the socket, or -1 with the reason in why.
 */
int listen_socket_unix(const char *path, mode_t mode, bool shared,
    struct stat *st, char why[static SAFE_WHY_SIZE])
    __attribute__((warn_unused_result));

/*
 * Changes the mode of the file of a socket, which must still be that one.  0,
 * or -1 with the reason in why.
 */
int listen_socket_chmod(const char *path, dev_t device, ino_t inode,
    mode_t mode, char why[static SAFE_WHY_SIZE])
    __attribute__((warn_unused_result));

/*
 * A socket for each address of name, which is HOST:PORT, [HOST]:PORT or
 * *:PORT, as conf has checked.  add takes each over, also when it fails.
 * Returns 0, or -1 with errno; what was added before stays.
 */
int listen_socket_inet(const char *name, int (*add)(const char *name, int fd))
    __attribute__((warn_unused_result));

/*
 * The sockets that systemd passed, if any; add takes each over.  0, or -1
 * (logged).
 */
int listen_socket_inherit(int (*add)(const char *name, int fd))
    __attribute__((warn_unused_result));

/*
 * Of the directories that control sockets are made in, makes those that conf
 * has sockets in.
 */
void listen_socket_make_places(const struct conf *);

/* Where it really listens: the configured port may be 0. */
void listen_socket_log(int fd, const char *name);

#endif
