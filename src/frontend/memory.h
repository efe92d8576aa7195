/*
 * How much memory this process holds for its clients, within the setting
 * frontend_memory: bodies, parameters, results, answers and what surrounds
 * them.
 */

#ifndef FRONTEND_MEMORY_H
#define FRONTEND_MEMORY_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/* Before the first event base is made: libevent's memory is counted by it. */
void memory_count_libevent(void);

/*
 * With the event base; fatal when it cannot.  The function ends whoever holds
 * most, and returns about how many bytes are soon free for it; 0: nobody does.
 */
void memory_init(size_t (*end_largest)(void));

/* So many bytes more, or fewer, are held elsewhere than in libevent. */
void memory_changed(ssize_t bytes);

size_t memory_used(void);

/* Whether so many bytes more are within the budget. */
bool memory_has_room(size_t bytes);

/* Whether so much is held that who has begun something should wait. */
bool memory_is_short(void);

/*
 * More may be held than before.  When it is nearly all that may be, whoever
 * holds most is ended, but only after the callers have returned.
 */
void memory_look(void);

#endif
