/*
 * A hash table with chains, and a list.  Clients choose ids, so the hash has a
 * key that they do not know: they cannot make them meet in one chain.  Used by
 * call.c only.
 */

#include "frontend/router/call_index.h"
#include "common/sys.h"
#include "frontend/router/call.h"

#include <sys/queue.h>

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define FIRST_SIZE 256

static struct call *first_buckets[FIRST_SIZE];
static struct call **buckets = first_buckets;
static size_t size = FIRST_SIZE, count;
static TAILQ_HEAD(, call) all = TAILQ_HEAD_INITIALIZER(all);

/* The product of its halves, as folded as wyhash does it. */
static size_t
call_index_hash(const uint8_t id[static UUID_SIZE])
{
	static uint64_t key[2];
	uint64_t half[2];
	__uint128_t product;

	if (key[0] == 0)
		arc4random_buf(key, sizeof(key));
	memcpy(half, id, sizeof(half));
	product = (__uint128_t)(half[0] ^ key[0]) * (half[1] ^ key[1]);
	return ((size_t)(product >> 64) ^ (size_t)product);
}

static struct call **
call_index_bucket(const uint8_t id[static UUID_SIZE])
{
	return (&buckets[call_index_hash(id) & (size - 1)]);
}

/* To twice the size; without memory the chains just get longer. */
static void
call_index_grow(void)
{
	struct call **old = buckets, **bucket, *call;
	struct call **larger = sys.malloc(2 * size * sizeof(*larger));

	if (larger == NULL)
		return;
	memset(larger, 0, 2 * size * sizeof(*larger));
	buckets = larger;
	size *= 2;
	TAILQ_FOREACH (call, &all, index_entry) {
		bucket = call_index_bucket(call->work.id);
		call->index_next = *bucket;
		*bucket = call;
	}
	if (old != first_buckets)
		free(old);
}

void
call_index_add(struct call *call)
{
	struct call **bucket;

	if (count >= size)
		call_index_grow();
	bucket = call_index_bucket(call->work.id);
	call->index_next = *bucket;
	*bucket = call;
	TAILQ_INSERT_TAIL(&all, call, index_entry);
	count++;
}

void
call_index_remove(struct call *call)
{
	struct call **at = call_index_bucket(call->work.id);

	while (*at != call)
		at = &(*at)->index_next;
	*at = call->index_next;
	TAILQ_REMOVE(&all, call, index_entry);
	count--;
}

struct call *
call_index_find(const uint8_t id[static UUID_SIZE])
{
	struct call *call = *call_index_bucket(id);

	while (call != NULL && memcmp(call->work.id, id, UUID_SIZE) != 0)
		call = call->index_next;
	return (call);
}

struct call *
call_index_first(void)
{
	return (TAILQ_FIRST(&all));
}

struct call *
call_index_next(const struct call *call)
{
	return (TAILQ_NEXT(call, index_entry));
}

size_t
call_index_count(void)
{
	return (count);
}
