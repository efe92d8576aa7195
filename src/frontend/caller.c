/*
 * One object serves all requests of a connection while they have the same name,
 * which is mostly none, or while no call of an earlier one is left.
 */

#include "frontend/caller.h"
#include "common/sys.h"

#include <stdlib.h>
#include <string.h>

struct caller *
caller_new(void)
{
	struct caller *caller = sys.malloc(sizeof(*caller));

	if (caller != NULL) {
		caller->holders = 1;
		caller->address[0] = caller->name[0] = '\0';
	}
	return (caller);
}

struct caller *
caller_hold(struct caller *caller)
{
	if (caller != NULL)
		caller->holders++;
	return (caller);
}

void
caller_release(struct caller *caller)
{
	if (caller != NULL && --caller->holders == 0)
		free(caller);
}
