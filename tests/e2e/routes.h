/*
 * The paths that a daemon answers, as its own document lists them.
 */

#ifndef E2E_ROUTES_H
#define E2E_ROUTES_H

#include <stdbool.h>
#include <stddef.h>

struct daemon;

/* A request that may be in flight, for the paths of requests. */
#define ROUTES_ID "0f8fad5b-d9cb-469f-a165-70867728950e"

#define ROUTES_MAX 64

/* One path, with what it allows besides OPTIONS. */
struct path_row {
	char pattern[64]; /* "/api/v1/agents/{id}" */
	char path[96];	  /* "/api/v1/agents/agent-1", echo, ROUTES_ID */
	bool get, post, delete;
};

/*
 * Fills rows from GET /openapi.json, without the paths of single tools but for
 * {name}; returns how many there are.
 */
size_t routes_read(struct daemon *, struct path_row rows[static ROUTES_MAX]);

#endif
