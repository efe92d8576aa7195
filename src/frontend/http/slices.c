/*
 * Finds the elements of an array without building them: what a client sent is
 * kept as the text that it is, until its turn comes.
 */

#include "frontend/http/slices.h"
#include "common/json.h"
#include "common/sys.h"

#include <stdlib.h>
#include <string.h>

static bool
slices_grow(struct slices *slices)
{
	size_t size = slices->size == 0 ? 16 : 2 * slices->size;
	struct slice *bigger = sys.malloc(size * sizeof(*bigger));

	if (bigger == NULL)
		return (false);
	if (slices->count > 0)
		memcpy(bigger, slices->at, slices->count * sizeof(*bigger));
	free(slices->at);
	slices->at = bigger;
	slices->size = size;
	return (true);
}

static bool
slices_add(
    void *arg, const char *name, size_t name_len, const char *text, size_t len)
{
	struct slices *slices = arg;

	if (slices->count == slices->max ||
	    (slices->count == slices->size && !slices_grow(slices)))
		return (false);
	slices->at[slices->count++] = (struct slice){text, len};
	return (true);
}

enum slices_outcome
slices_read(struct slices *slices, const char *text, size_t len, size_t max)
{
	int rc;

	memset(slices, 0, sizeof(*slices));
	slices->max = max;
	rc = json_walk_array(text, len, slices_add, slices);
	if (rc == -1)
		return (SLICES_NO_ARRAY);
	if (rc == 1)
		return (SLICES_READ);
	return (slices->count == max ? SLICES_TOO_MANY : SLICES_NO_MEMORY);
}
