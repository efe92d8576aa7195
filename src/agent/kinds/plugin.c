/*
 * The kind "plugin": a call is one of a function in a shared object, which
 * only agents load.  It can do to its agent whatever it likes; what that
 * means to its caller is for the front end and the master to see to.
 */

#include "agent/kinds/plugin.h"
#include "agent/kinds/kind.h"
#include "agent/kinds/plugin_spec.h"
#include "agent/registry_entry.h"
#include "agent/tool.h"
#include "common/json.h"

static void
plugin_call(struct plugin_spec *spec, struct tool_call *call)
{
	struct agentd_call offered = {
	    .size = sizeof(offered),
	    .host = &plugin_host,
	    .tool = call->entry->name,
	    .deadline_ns = call->deadline_ns,
	    .data = spec->data,
	    .own = call,
	};

	offered.params = json_text(call->params, &offered.params_len);
	if (offered.params == NULL)
		tool_fail(call, "out of memory");
	else if (spec->tool->call(&offered) != 0)
		tool_fail(call, "the plugin has failed without a word");
}

static void
plugin_run(struct tool_call *call)
{
	struct plugin_spec *spec = call->entry->spec;

	plugin_host_run(call->entry->name);
	plugin_load(spec, call->entry->name);
	if (spec->state == PLUGIN_READY)
		plugin_call(spec, call);
	else
		tool_fail(call, "%s", spec->why);
}

static void
plugin_finish(const struct registry_entry *entry)
{
	struct plugin_spec *spec = entry->spec;

	plugin_host_run(entry->name);
	if (spec->state == PLUGIN_READY && spec->tool->fini != NULL)
		spec->tool->fini(spec->data);
	spec->state = PLUGIN_BROKEN;
}

static const char *const members[] = {"config", NULL};

const struct kind kind_plugin = {
    .name = "plugin",
    .prints = true,
    .members = members,
    .foreign = true,
    .parse = plugin_spec_parse,
    .free = plugin_spec_free,
    .run = plugin_run,
    .finish = plugin_finish,
};
