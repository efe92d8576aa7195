/*
 * Tables that several commands show.  The caller frees them.
 */

#ifndef AGENTCTL_VIEW_H
#define AGENTCTL_VIEW_H

#include <stddef.h>

struct json_object;
struct table;

/* The first max of a list of agents, as /api/v1/agents gives it. */
struct table *view_agents(struct json_object *list, size_t max);

/* The max most used of the tools in /api/v1/stats. */
struct table *view_tools(struct json_object *tools, size_t max);

#endif
