/*
 * The table of slots, as pool.c sees it; for others it is behind pool.h.
 */

#ifndef MASTER_TABLE_H
#define MASTER_TABLE_H

#include "master/scale.h"
#include "master/slot.h"

/* While agents are replaced, a tenth more than wanted may live. */
#define TABLE_SURGE(agents) ((agents) < 20 ? 1 : (agents) / 10)

/* It never moves; only the first used were ever in use. */
struct table {
	struct slot *slots;
	unsigned int used;
};

extern struct table table;

/* Room for all that there can be; fatal when there is none. */
void table_init(void);

/* The first empty slot, so that names stay low; NULL: there is none. */
struct slot *table_vacancy(void);

#endif
