/*
 * The memory that master, front end and agents share, and the only one: a
 * page an agent, of which the agent itself keeps nothing but its own, so that
 * no stray write of a tool reaches another.  The front end believes what it
 * reads there no more than what it reads from the agent's socket.
 */

#include "common/claim.h"

#include <sys/mman.h>

#include <stddef.h>
#include <unistd.h>

/* So many generations of a slot have a claim of their own. */
#define GENERATIONS 16

/* Two of them never share a line of the processor's cache. */
#define STRIDE 64

static uint8_t *memory;
static size_t page, pages;

int
claim_init(uint32_t last)
{
	void *p;

	page = (size_t)sysconf(_SC_PAGESIZE);
	pages = (size_t)last + 1;
	p = mmap(NULL, pages * page, PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (p == MAP_FAILED)
		return (-1);
	memory = p;
	return (0);
}

struct claim *
claim_of(uint32_t slot, uint32_t generation)
{
	return ((struct claim *)(void *)(memory + slot * page +
					 generation % GENERATIONS * STRIDE));
}

void
claim_reset(struct claim *claim)
{
	atomic_store(&claim->word, 0);
	atomic_store(&claim->cancelled, 0);
	atomic_store(&claim->resident, 0);
}

void
claim_keep(uint32_t slot)
{
	uint8_t *own = memory + slot * page, *end = memory + pages * page;

	if (own > memory)
		munmap(memory, (size_t)(own - memory));
	if (own + page < end)
		munmap(own + page, (size_t)(end - own - page));
	/* What a tool starts may be another user, and has no part in this. */
	(void)!madvise(own, page, MADV_DONTFORK);
}

bool
claim_begin(struct claim *claim, uint32_t n)
{
	uint64_t word = atomic_load(&claim->word), begun;

	do {
		if (!claim_after(n, (uint32_t)(word >> 32)))
			return (false);
		begun = (word & ~(uint64_t)UINT32_MAX) | n;
	} while (!atomic_compare_exchange_weak(&claim->word, &word, begun));
	return (true);
}

uint32_t
claim_recall(struct claim *claim, uint32_t n)
{
	uint64_t word = atomic_load(&claim->word), taken;

	do
		taken = (uint64_t)n << 32 | (uint32_t)word;
	while (!atomic_compare_exchange_weak(&claim->word, &word, taken));
	return ((uint32_t)word);
}

uint32_t
claim_begun(struct claim *claim)
{
	return ((uint32_t)atomic_load(&claim->word));
}

void
claim_cancel(struct claim *claim)
{
	atomic_store(&claim->cancelled, CLAIM_CANCELLED | claim_begun(claim));
}
