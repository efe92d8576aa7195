/*
 * Keeps the budget of memory.  Whatever clients can make large passes through
 * here: libevent's buffers, since its allocations are counted, and by
 * memory_changed() the parameters of calls, answers that are held, and what
 * agents are in the midst of sending.  The connections' layer says who has to
 * go.
 *
 * What was freed is given back to the system a moment after a burst: free()
 * alone keeps the pages of small blocks for ever.
 */

#include "frontend/memory.h"
#include "common/clock.h"
#include "common/log.h"
#include "common/sys.h"
#include "conf/conf.h"
#include "frontend/globals.h"

#include <malloc.h>
#include <stdlib.h>

#include <event2/event.h>

/* Freed bytes that are worth a look at the whole heap, and how often. */
#define TRIM_BYTES (8 * 1024 * 1024)
#define TRIM_MS 1000

/* Warnings that somebody was ended come at most so often. */
#define WARN_EVERY_NS (10 * NS_PER_SEC)

static ssize_t used;
static size_t peak; /* since the last trim */
static size_t (*end_largest)(void);
static struct event *relieve, *trim;

static void *
memory_malloc(size_t size)
{
	void *block = sys.event_malloc(size);

	if (block != NULL)
		used += (ssize_t)malloc_usable_size(block);
	return (block);
}

static void *
memory_realloc(void *block, size_t size)
{
	ssize_t before = block == NULL ? 0 : (ssize_t)malloc_usable_size(block);
	void *other = realloc(block, size);

	if (other != NULL)
		used += (ssize_t)malloc_usable_size(other) - before;
	return (other);
}

static void
memory_free(void *block)
{
	if (block != NULL)
		used -= (ssize_t)malloc_usable_size(block);
	free(block);
}

void
memory_count_libevent(void)
{
	event_set_mem_functions(memory_malloc, memory_realloc, memory_free);
}

size_t
memory_used(void)
{
	return (used > 0 ? (size_t)used : 0);
}

void
memory_changed(ssize_t bytes)
{
	used += bytes;
}

static size_t
memory_limit(void)
{
	return ((size_t)frontend.conf->frontend_memory_bytes);
}

bool
memory_has_room(size_t bytes)
{
	return (memory_used() + bytes <= memory_limit());
}

bool
memory_is_short(void)
{
	return (memory_used() > memory_limit() / 2);
}

/* The rest is kept for what comes before the largest holder is ended. */
static size_t
memory_high(void)
{
	return (memory_limit() - memory_limit() / 8);
}

/* libevent frees a connection's buffers only after this has returned. */
static void
memory_relieve(evutil_socket_t fd, short what, void *arg)
{
	static struct log_limit limit;
	unsigned long held;
	size_t ended, freed = 0;

	while (memory_used() > memory_high() + freed &&
	       (ended = end_largest()) > 0) {
		freed += ended;
		if (log_limit_admit(&limit, WARN_EVERY_NS, &held))
			log_warn("frontend_memory is used up: the client that "
				 "held most was ended; %lu more were since "
				 "the last such warning",
			    held);
	}
}

static void
memory_trim(evutil_socket_t fd, short what, void *arg)
{
	struct timeval again = clock_timeval(TRIM_MS);

	if (peak > memory_used() + TRIM_BYTES) {
		malloc_trim(0);
		peak = memory_used();
	}
	if (peak > TRIM_BYTES)
		evtimer_add(trim, &again);
}

void
memory_look(void)
{
	struct timeval later = clock_timeval(TRIM_MS);

	if (memory_used() > peak)
		peak = memory_used();
	if (peak > TRIM_BYTES && !evtimer_pending(trim, NULL))
		evtimer_add(trim, &later);
	if (memory_used() > memory_high())
		event_active(relieve, 0, 0);
}

void
memory_init(size_t (*end)(void))
{
	end_largest = end;
	relieve = event_new(frontend.base, -1, 0, memory_relieve, NULL);
	trim = evtimer_new(frontend.base, memory_trim, NULL);
	if (relieve == NULL || trim == NULL)
		log_fatal("out of memory");
}
