/*
 * The kind of the tools that are part of this program.  They come from
 * tools_table, never from a manifest.
 */

#include "agent/kinds/kind.h"
#include "agent/registry_entry.h"
#include "agent/tool.h"

static void
builtin_setup(const struct registry_entry *entry, const struct conf *conf)
{
	const struct tool *tool = entry->spec;

	if (tool->setup != NULL)
		tool->setup(conf);
}

static void
builtin_run(struct tool_call *call)
{
	const struct tool *tool = call->entry->spec;

	tool->run(call);
}

const struct kind kind_builtin = {
    .name = "builtin",
    .setup = builtin_setup,
    .run = builtin_run,
};
