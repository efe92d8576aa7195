/*
 * The slots of all agents, and what is done to, or asked about, whichever there
 * are.  Called by pool.c, which decides what becomes of them, and by those who
 * know an agent by its number or its process.
 */

#include "master/table.h"
#include "common/claim.h"
#include "common/log.h"
#include "master/channel.h"
#include "master/pool.h"

#include <stdlib.h>

#define SLOTS_MAX (2 * SCALE_AGENTS_MAX + TABLE_SURGE(SCALE_AGENTS_MAX))

struct table table;

void
table_init(void)
{
	table.slots = calloc(SLOTS_MAX, sizeof(*table.slots));
	if (table.slots == NULL || claim_init(SLOTS_MAX) == -1)
		log_fatal("out of memory");
}

struct slot *
table_vacancy(void)
{
	for (unsigned int i = 0; i < table.used; i++)
		if (table.slots[i].state == AGENT_EMPTY)
			return (&table.slots[i]);
	if (table.used == SLOTS_MAX ||
	    slot_init(&table.slots[table.used], table.used + 1) == -1)
		return (NULL);
	return (&table.slots[table.used++]);
}

struct slot *
pool_find(uint32_t number, uint32_t generation)
{
	struct slot *slot;

	if (number == 0 || number > table.used)
		return (NULL);
	slot = &table.slots[number - 1];
	if (slot->generation != generation || slot->pid == -1)
		return (NULL);
	return (slot);
}

static struct slot *
table_pool_by_pid(pid_t pid)
{
	for (unsigned int i = 0; i < table.used; i++)
		if (table.slots[i].pid == pid)
			return (&table.slots[i]);
	return (NULL);
}

void
pool_each(void (*tell)(pid_t))
{
	for (unsigned int i = 0; i < table.used; i++)
		if (table.slots[i].pid != -1)
			tell(table.slots[i].pid);
}

bool
pool_owns(pid_t pid)
{
	return (table_pool_by_pid(pid) != NULL);
}

void
pool_stopped(pid_t pid, bool stopped)
{
	const struct slot *slot = table_pool_by_pid(pid);

	if (slot == NULL)
		return;
	log_info("agent-%u: %s (pid %d)", slot->number,
	    stopped ? "is stopped" : "runs on", (int)pid);
	channel_agent_stopped(slot, stopped);
}

bool
pool_reaped(pid_t pid, int wait_status)
{
	struct slot *slot = table_pool_by_pid(pid);

	if (slot == NULL)
		return (false);
	slot_reaped(slot, wait_status);
	return (true);
}

void
pool_frontend_lost(void)
{
	for (unsigned int i = 0; i < table.used; i++)
		/* One whose socket was not passed on has lost nothing. */
		if (table.slots[i].pid != -1 &&
		    table.slots[i].ends.socket_fd == -1)
			slot_stop(&table.slots[i]);
}

void
pool_introduce(void)
{
	for (unsigned int i = 0; i < table.used; i++) {
		channel_agent_state(&table.slots[i]);
		slot_offer(&table.slots[i]);
	}
}

unsigned int
pool_alive(void)
{
	unsigned int alive = 0;

	for (unsigned int i = 0; i < table.used; i++)
		alive += table.slots[i].pid != -1;
	return (alive);
}
