/*
 * The tools that there are, by name.
 */

#ifndef FRONTEND_ROUTER_CATALOGUE_H
#define FRONTEND_ROUTER_CATALOGUE_H

#include "frontend/router/tool.h"

#include <stddef.h>
#include <stdint.h>

/*
 * Puts the tools of a catalogue (see registry.h of the agent) in the place of
 * those that there were.  epoch is that of the agents that know them so.
 * Returns 0; or -1 when it is broken or there is no memory: then everything
 * is as before.
 */
int catalogue_load(const char *text, size_t len, uint32_t epoch)
    __attribute__((warn_unused_result));

struct tool_info *catalogue_find(const char *name);

/* By index, in the order of their names; NULL after the last. */
struct tool_info *catalogue_at(size_t);

#endif
