/*
 * The index of calls in flight: by id, and all of them in the order in which
 * they were accepted.
 */

#ifndef FRONTEND_ROUTER_CALL_INDEX_H
#define FRONTEND_ROUTER_CALL_INDEX_H

#include "common/uuid.h"

#include <stddef.h>

struct call;

/* A call whose id is not in it. */
void call_index_add(struct call *);

void call_index_remove(struct call *);

/* NULL when there is none. */
struct call *call_index_find(const uint8_t id[static UUID_SIZE]);

/* In the order of acceptance; NULL after the last. */
struct call *call_index_first(void);
struct call *call_index_next(const struct call *);
size_t call_index_count(void);

#endif
