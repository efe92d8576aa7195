/*
 * What a plugin tool keeps of its manifest, and of its shared object.
 */

#ifndef AGENT_KINDS_PLUGIN_SPEC_H
#define AGENT_KINDS_PLUGIN_SPEC_H

#include <agentd/tool.h>

#include <stddef.h>

struct json_object;
struct tool_call;

enum plugin_state {
	PLUGIN_UNTRIED,
	PLUGIN_READY,
	PLUGIN_BROKEN /* in this process for ever; why says it */
};

struct plugin_spec {
	char *path;   /* absolute */
	char *config; /* JSON text */
	/* of this process */
	enum plugin_state state;
	const struct agentd_tool *tool; /* in the shared object */
	void *data;			/* the plugin's own, from its init */
	char why[AGENTD_ERROR_SIZE];
};

/*
 * From a whole manifest, as struct kind has it: NULL with the reason in why.
 */
void *plugin_spec_parse(
    struct json_object *manifest, const char *base, char *why, size_t why_size);
void plugin_spec_free(void *spec);

#endif
