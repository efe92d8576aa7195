/*
 * The clients that called lately, each with its bucket.  The table has a fixed
 * size, so that nobody can fill memory by calling from many addresses; who is
 * forgotten begins with a full bucket again.
 */

#include "frontend/http/clients.h"
#include "common/sys.h"

#include <sys/queue.h>

#include <stdbool.h>
#include <stdlib.h>

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

static struct client_list *
clients_head(struct client_key key)
{
	return (&heads[clients_hash(key)]);
}

static bool
clients_same(struct client_key a, struct client_key b)
{
	return (a.kind == b.kind && a.value == b.value);
}

static bool
clients_is(const struct client *client, struct client_key key)
{
	return (clients_same(client->key, key));
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
	LIST_INSERT_HEAD(clients_head(key), client, hash_entry);
	TAILQ_INSERT_HEAD(&used, client, use_entry);
	return (client);
}

static struct client *
clients_find(struct client_key key)
{
	struct client *client;

	LIST_FOREACH (client, clients_head(key), hash_entry) {
		if (!clients_is(client, key))
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

/* Clients that are connected, by hash. */
static LIST_HEAD(, client_share) shares[HEADS];

struct client_share *
client_share_join(struct client_key key)
{
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
