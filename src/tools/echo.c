/*
 * echo: gives back what it was given.  The simplest tool there is: good for
 * trying out a client, and a model for tools to come.
 */

#include <json-c/json.h>

#include "tools/tools.h"

static const char parameters[] =
    "{"
    "\"$schema\": \"https://json-schema.org/draft/2020-12/schema\","
    "\"type\": \"object\","
    "\"properties\": {"
    "  \"message\": {"
    "    \"type\": \"string\","
    "    \"description\": \"Any text\""
    "  }"
    "},"
    "\"required\": [\"message\"],"
    "\"additionalProperties\": false"
    "}";

static void
echo_run(struct tool_call *call)
{
	struct json_object *message = tool_param(call, "message");

	tool_add(call, "message", json_object_get(message));
	tool_add(call, "echo", json_object_get(message));
}

const struct tool tool_echo = {
    .name = "echo",
    .description = "Gives back the message that it was given",
    .parameters = parameters,
    .run = echo_run,
};
