/*
 * What a tool's limits say of it, and how long it lives.
 */

#include "frontend/router/tool.h"
#include "common/clock.h"
#include "conf/conf.h"
#include "frontend/globals.h"

#include <json-c/json.h>

#include <stdlib.h>

void
tool_hold(struct tool_info *tool)
{
	tool->refs++;
}

void
tool_release(struct tool_info *tool)
{
	if (tool == NULL || --tool->refs > 0)
		return;
	json_object_put(tool->entry);
	policy_free(&tool->policy);
	breaker_free(tool->admit.breaker);
	free(tool->name);
	free(tool);
}

bool
tool_is_full(const struct tool_info *tool)
{
	return (tool->policy.max_concurrent != 0 &&
		tool->running >= (uint64_t)tool->policy.max_concurrent);
}

size_t
tool_room(const struct tool_info *tool)
{
	if (tool->policy.max_concurrent == 0)
		return (SIZE_MAX);
	return (tool_is_full(tool)
		    ? 0
		    : (size_t)tool->policy.max_concurrent - tool->running);
}

int64_t
tool_timeout_ns(const struct tool_info *tool, int64_t asked_ns)
{
	int64_t most_ns = frontend.conf->max_timeout_ms * NS_PER_MS;
	int64_t preset_ns = frontend.conf->timeout_ms * NS_PER_MS;

	if (tool->policy.timeout_ms != 0) {
		preset_ns = tool->policy.timeout_ms * NS_PER_MS;
		if (preset_ns < most_ns)
			most_ns = preset_ns;
	}
	if (asked_ns == 0)
		asked_ns = preset_ns;
	return (asked_ns < most_ns ? asked_ns : most_ns);
}
