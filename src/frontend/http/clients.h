/*
 * Who the clients are, and what each may: the settings client_rate,
 * client_burst and cors_origins.
 */

#ifndef FRONTEND_HTTP_CLIENTS_H
#define FRONTEND_HTTP_CLIENTS_H

#include "common/bucket.h"
#include "frontend/caller.h"

#include <sys/queue.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct sockaddr;

/* The most clients that are remembered. */
#define CLIENTS_MAX 4096

/* Who it is; two of the same kind and value are the same. */
struct client_key {
	enum { CLIENT_UNKNOWN, CLIENT_V4, CLIENT_V6, CLIENT_USER } kind;
	uint64_t value; /* address, network of 64 bits, uid */
};

/* The connections that a client has at the moment. */
struct client_share {
	struct client_key key;
	size_t connections;
	size_t bytes; /* for evict.c */
	LIST_ENTRY(client_share) entry;
};

/*
 * Of an IP address; IPv4 within IPv6 is IPv4, and all that is loopback is one.
 */
struct client_key client_key(const struct sockaddr *);

/*
 * Lets that client make so many calls and returns 0; or how long it has to
 * wait, nanoseconds; see bucket_take().  The one seen least lately is forgotten
 * for one that is new.
 */
int64_t clients_take(
    struct client_key, struct bucket_rate, int64_t calls, int64_t now_ns);

/* Counts a connection of a client; NULL when there is no memory. */
struct client_share *clients_join(int fd, bool local);

/* It has ended; NULL is none. */
void clients_part(struct client_share *);

/* The same as clients_take() for who is at the other end, by client_rate. */
int64_t clients_admit(int fd, bool local, int64_t calls);

/*
 * Who makes a request that has this name, or NULL, on a connection whose last
 * one was from that caller, or NULL: which is passed on, or released.  A name
 * that is too long or not visible ASCII is as none.  The address is
 * "ADDRESS:PORT", "[ADDRESS]:PORT", "uid:UID" of a Unix socket, or "-" when
 * that cannot be told.  NULL without memory.
 */
struct caller *clients_caller(
    struct caller *, int fd, bool local, const char *name);

/* Whether pages from that origin may read our answers; "" is none. */
bool client_may_read(const char *origin);

#endif
