/*
 * Between the files of the kind "plugin".
 */

#ifndef AGENT_KINDS_PLUGIN_H
#define AGENT_KINDS_PLUGIN_H

struct agentd_host;

/* What plugins are given: see <agentd/tool.h>. */
extern const struct agentd_host plugin_host;

/* Says whose code runs next: the name stands in front of what it logs. */
void plugin_host_run(const char *tool);

#endif
