/*
 * Tables that several commands show.  The caller frees them.
 */

#ifndef AGENTCTL_VIEW_H
#define AGENTCTL_VIEW_H

#include <stddef.h>
#include <stdint.h>

struct json_object;
struct table;

/* The first max of a list of agents, as /api/v1/agents gives it. */
struct table *view_agents(struct json_object *list, size_t max);

/* The max most used of the tools in /api/v1/stats. */
struct table *view_tools(struct json_object *tools, size_t max);

/* What is known of the daemon; any of the three may be NULL. */
struct view_state {
	struct json_object *root, *stats, *agents; /* answers of the daemon */
	const char *trouble; /* why there is nothing newer; NULL: there is */
	double rate;	     /* calls a second; negative: not known yet */
};

/*
 * One picture of a daemon, as top shows it.
 * Text of lines that fit into columns, and of at most rows of them (0: as many
 * as it takes).  To be freed.
 */
char *view_top(const struct view_state *, size_t rows, size_t columns);

#endif
