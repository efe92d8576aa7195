/*
 * Looking at the tools.
 */

#include "common/clock.h"
#include "common/json.h"
#include "frontend/api/api.h"
#include "frontend/http/reply.h"
#include "frontend/router/catalogue.h"

#include <json-c/json.h>

static struct json_object *
api_tools_describe(const struct tool_info *tool)
{
	struct json_object *copy = NULL;

	if (json_object_deep_copy(tool->entry, &copy, NULL) == -1)
		return (NULL);
	json_add(&copy, "timeout",
	    json_number((double)tool_timeout_ns(tool, 0) / NS_PER_SEC));
	return (copy);
}

void
api_tools(struct conn *conn, const char *param)
{
	struct json_object *list = json_object_new_array();
	const struct tool_info *tool;

	for (size_t i = 0; (tool = catalogue_at(i)) != NULL; i++)
		json_append(&list, api_tools_describe(tool));
	api_reply_list(conn, "tools", list);
}

void
api_tool(struct conn *conn, const char *param)
{
	const struct tool_info *tool = catalogue_find(param);

	if (tool != NULL)
		reply_json(conn, 200, api_tools_describe(tool));
	else
		reply_problem(conn, PROBLEM_UNKNOWN_TOOL,
		    "there is no tool %.64s", param);
}
