/*
 * Who is at the other end of a connection.  The control socket is for
 * administrators, whom no rate binds; of a Unix socket the users are told
 * apart, so that a proxy there is one client.
 *
 * The clients that called lately have a bucket each.  The table has a fixed
 * size, so that nobody can fill memory by calling from many addresses; who is
 * forgotten begins with a full bucket again.
 */

#include "frontend/http/clients.h"
#include "common/clock.h"
#include "common/sys.h"
#include "conf/conf.h"
#include "frontend/globals.h"

#include <sys/queue.h>
#include <sys/socket.h>

#include <arpa/inet.h>
#include <netinet/in.h>

#include <endian.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A power of two. */
#define HEADS CLIENTS_MAX

struct client {
	struct client_key key;
	struct bucket bucket;
	LIST_ENTRY(client) hash_entry;
	TAILQ_ENTRY(client) use_entry;
};

LIST_HEAD(client_list, client);

static struct client table[CLIENTS_MAX];
static struct client_list heads[HEADS];
TAILQ_HEAD(client_order, client);

/* Last used first. */
static struct client_order used = TAILQ_HEAD_INITIALIZER(used);
static size_t count;

/* A client here may take any of 2^24 addresses: they are all one. */
static struct client_key
client_key_v4(uint32_t address)
{
	if (address >> 24 == IN_LOOPBACKNET)
		address = INADDR_LOOPBACK;
	return ((struct client_key){CLIENT_V4, address});
}

static struct client_key
client_key_v6(const struct in6_addr *address)
{
	struct client_key key = {CLIENT_V6, 0};
	uint32_t v4;

	if (IN6_IS_ADDR_V4MAPPED(address)) {
		memcpy(&v4, address->s6_addr + 12, sizeof(v4));
		return (client_key_v4(ntohl(v4)));
	}
	if (IN6_IS_ADDR_LOOPBACK(address))
		return (client_key_v4(INADDR_LOOPBACK));
	memcpy(&key.value, address->s6_addr, sizeof(key.value));
	key.value = be64toh(key.value);
	return (key);
}

struct client_key
client_key(const struct sockaddr *address)
{
	struct sockaddr_in6 in6;
	struct sockaddr_in in;

	if (address->sa_family == AF_INET) {
		memcpy(&in, address, sizeof(in));
		return (client_key_v4(ntohl(in.sin_addr.s_addr)));
	}
	if (address->sa_family != AF_INET6)
		return ((struct client_key){CLIENT_UNKNOWN, 0});
	memcpy(&in6, address, sizeof(in6));
	return (client_key_v6(&in6.sin6_addr));
}

/* False: it cannot be told. */
static bool
client_user(int fd, uid_t *uid)
{
	struct ucred user;
	socklen_t len = sizeof(user);

	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &user, &len) == -1)
		return (false);
	*uid = user.uid;
	return (true);
}

/* Those that cannot be told are all one. */
static struct client_key
client_of(int fd, bool local)
{
	struct sockaddr_storage address = {.ss_family = AF_UNSPEC};
	socklen_t len = sizeof(address);
	uid_t uid;

	if (local && client_user(fd, &uid))
		return ((struct client_key){CLIENT_USER, uid});
	if (local)
		return ((struct client_key){CLIENT_UNKNOWN, 0});
	(void)!getpeername(fd, (struct sockaddr *)&address, &len);
	return (client_key((const struct sockaddr *)&address));
}

/* Unforeseeable, so that nobody can choose addresses that fall together. */
static size_t
clients_hash(struct client_key key)
{
	static uint64_t seed;
	uint64_t hash;

	while (seed == 0)
		arc4random_buf(&seed, sizeof(seed));
	hash = (key.value + (uint64_t)key.kind) ^ seed;
	hash = (hash ^ hash >> 32) * (seed | 1);
	hash = (hash ^ hash >> 29) * UINT64_C(0x9e3779b97f4a7c15);
	return ((hash >> 40) % HEADS);
}

static bool
clients_same(struct client_key a, struct client_key b)
{
	return (a.kind == b.kind && a.value == b.value);
}

/* A place in the table, and if it must be that of the one used least lately. */
static struct client *
clients_new(struct client_key key)
{
	struct client *client;

	if (count < CLIENTS_MAX) {
		client = &table[count++];
	} else {
		client = TAILQ_LAST(&used, client_order);
		TAILQ_REMOVE(&used, client, use_entry);
		LIST_REMOVE(client, hash_entry);
	}
	client->key = key;
	client->bucket = (struct bucket){0};
	LIST_INSERT_HEAD(&heads[clients_hash(key)], client, hash_entry);
	TAILQ_INSERT_HEAD(&used, client, use_entry);
	return (client);
}

static struct client *
clients_find(struct client_key key)
{
	struct client *client;

	LIST_FOREACH (client, &heads[clients_hash(key)], hash_entry) {
		if (!clients_same(client->key, key))
			continue;
		TAILQ_REMOVE(&used, client, use_entry);
		TAILQ_INSERT_HEAD(&used, client, use_entry);
		return (client);
	}
	return (clients_new(key));
}

int64_t
clients_take(struct client_key key, struct bucket_rate rate, int64_t calls,
    int64_t now_ns)
{
	return (bucket_take(&clients_find(key)->bucket, rate, calls, now_ns));
}

int64_t
clients_admit(int fd, bool local, int64_t calls)
{
	const struct conf *conf = frontend.conf;

	if (conf->client_rate == 0)
		return (0);
	return (clients_take(client_of(fd, local),
	    bucket_rate(conf->client_rate, conf->client_burst), calls,
	    clock_now_ns()));
}

static void
client_describe_ip(
    const struct sockaddr_storage *ss, char text[static CALLER_ADDRESS_SIZE])
{
	const struct sockaddr_in6 *in6 = (const void *)ss;
	const struct sockaddr_in *in = (const void *)ss;
	char ip[INET6_ADDRSTRLEN];

	if (ss->ss_family == AF_INET &&
	    inet_ntop(AF_INET, &in->sin_addr, ip, sizeof(ip)) != NULL)
		snprintf(text, CALLER_ADDRESS_SIZE, "%s:%u", ip,
		    ntohs(in->sin_port));
	else if (ss->ss_family == AF_INET6 &&
		 inet_ntop(AF_INET6, &in6->sin6_addr, ip, sizeof(ip)) != NULL)
		snprintf(text, CALLER_ADDRESS_SIZE, "[%s]:%u", ip,
		    ntohs(in6->sin6_port));
}

static void
client_describe(int fd, bool local, char text[static CALLER_ADDRESS_SIZE])
{
	struct sockaddr_storage address = {.ss_family = AF_UNSPEC};
	socklen_t len = sizeof(address);
	uid_t uid;

	strcpy(text, "-");
	if (local && client_user(fd, &uid))
		snprintf(text, CALLER_ADDRESS_SIZE, "uid:%u", uid);
	else if (!local &&
		 getpeername(fd, (struct sockaddr *)&address, &len) == 0)
		client_describe_ip(&address, text);
}

/* The name, or "" when we do not repeat it. */
static const char *
client_name(const char *name)
{
	size_t len = 0;

	if (name == NULL)
		return ("");
	while (name[len] > ' ' && name[len] < 127)
		len++;
	return (name[len] == '\0' && len <= CALLER_NAME_MAX ? name : "");
}

struct caller *
clients_caller(struct caller *caller, int fd, bool local, const char *name)
{
	name = client_name(name);
	if (caller != NULL && strcmp(caller->name, name) == 0)
		return (caller);
	if (caller == NULL || caller->holders > 1) {
		caller_release(caller);
		if ((caller = caller_new()) == NULL)
			return (NULL);
		client_describe(fd, local, caller->address);
	}
	strlcpy(caller->name, name, sizeof(caller->name));
	return (caller);
}

/* Clients that are connected, by hash. */
static LIST_HEAD(, client_share) shares[HEADS];

struct client_share *
clients_join(int fd, bool local)
{
	struct client_key key = client_of(fd, local);
	size_t hash = clients_hash(key);
	struct client_share *share;

	LIST_FOREACH (share, &shares[hash], entry) {
		if (clients_same(share->key, key)) {
			share->connections++;
			return (share);
		}
	}
	if ((share = sys.malloc(sizeof(*share))) == NULL)
		return (NULL);
	*share = (struct client_share){.key = key, .connections = 1};
	LIST_INSERT_HEAD(&shares[hash], share, entry);
	return (share);
}

void
clients_part(struct client_share *share)
{
	if (share == NULL || --share->connections > 0)
		return;
	LIST_REMOVE(share, entry);
	free(share);
}

bool
client_may_read(const char *origin)
{
	const struct conf_list *origins = &frontend.conf->cors_origins;

	if (origin[0] == '\0')
		return (false);
	if (frontend.conf->compatible && origins->count == 0)
		return (true);
	for (size_t i = 0; i < origins->count; i++)
		if (strcmp(origins->items[i], "*") == 0 ||
		    strcasecmp(origin, origins->items[i]) == 0)
			return (true);
	return (false);
}
