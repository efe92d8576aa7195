/*
 * One object serves all requests of a connection while they have the same name,
 * which is mostly none, or while no call of an earlier one is left.
 */

#include "frontend/http/caller.h"
#include "common/sys.h"
#include "common/uuid.h"
#include "frontend/http/clients.h"
#include "frontend/http/conn.h"

#include <stdlib.h>
#include <string.h>

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

/* The name, or "" when we do not repeat it. */
static const char *
caller_name(const char *name)
{
	size_t len = 0;

	if (name == NULL)
		return ("");
	while (name[len] > ' ' && name[len] < 127)
		len++;
	return (name[len] == '\0' && len <= CALLER_NAME_MAX ? name : "");
}

static void
caller_replace(struct conn *conn)
{
	struct caller *caller = sys.malloc(sizeof(*caller));

	if (caller != NULL) {
		caller->holders = 1;
		client_describe(conn, caller->address);
	}
	caller_release(conn->caller);
	conn->caller = caller;
}

void
caller_begin(struct conn *conn, const char *name)
{
	if (name != NULL && uuid_parse(name, conn->id))
		name = NULL;
	else
		uuid_generate(conn->id);
	uuid_format(conn->id, conn->id_text);
	name = caller_name(name);
	if (conn->caller != NULL && strcmp(conn->caller->name, name) == 0)
		return;
	if (conn->caller == NULL || conn->caller->holders > 1)
		caller_replace(conn);
	if (conn->caller != NULL)
		strlcpy(conn->caller->name, name, sizeof(conn->caller->name));
}
