/*
 * Between the files of the kind "plugin".
 */

#ifndef AGENT_KINDS_PLUGIN_H
#define AGENT_KINDS_PLUGIN_H

struct agentd_host;
struct plugin_spec;
struct tool_call;

/* What plugins are given: see <agentd/tool.h>. */
extern const struct agentd_host plugin_host;

/* Says whose code runs next: the name stands in front of what it logs. */
void plugin_host_run(const char *tool);

/*
 * Loads the shared object into this process and lets it set itself up for
 * the tool of this name, unless that was tried before.  Sets the state of the
 * spec to PLUGIN_READY or PLUGIN_BROKEN.
 */
void plugin_load(struct plugin_spec *, const char *name);

#endif
