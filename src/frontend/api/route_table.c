/*
 * The table of routes: one row has all that is to be said of one.  From it come
 * the dispatch, 405 and Allow, the list of GET /, and the OpenAPI document.
 */

#include "frontend/api/route_table.h"
#include "frontend/api/api.h"

#include <event2/http.h>

#define CALL_PROBLEMS                                     \
	{                                                 \
		400, 404, 409, 422, 429, 502, 503, 504, 0 \
	}

/* clang-format off */
const struct route route_table[] = {
    {EVHTTP_REQ_GET, "/", api_root,
	.summary = "What this service is", .answer = "Service"},
    {EVHTTP_REQ_POST, "/api/v1/request", api_call, .name = "request",
	.summary = "Call a tool that the body names",
	.body = "Call", .answer = "Answer", .problems = CALL_PROBLEMS},
    {EVHTTP_REQ_POST, "/api/v1/tools/{name}", api_call_tool,
	.name = "call_tool", .summary = "Call a tool that the path names",
	.parameter = "Name of the tool", .body = "Params", .options = true,
	.answer = "Answer", .problems = CALL_PROBLEMS},
    {EVHTTP_REQ_POST, "/api/v1/batch", batch_handle, .name = "batch",
	.summary = "Call many tools",
	.body = "Batch", .answer = "BatchAnswer", .problems = {400, 503}},
    {EVHTTP_REQ_POST, "/api/v1/pipeline", pipeline_handle, .name = "pipeline",
	.summary = "Call tools with the results of others",
	.body = "Pipeline", .answer = "PipelineAnswer",
	.problems = {400, 404, 409, 503}},
    {EVHTTP_REQ_GET, "/api/v1/tools", api_tools, .name = "tools",
	.summary = "All tools", .answer = "Tools"},
    {EVHTTP_REQ_GET, "/api/v1/tools/{name}", api_tool, .name = "tool",
	.summary = "One tool", .parameter = "Name of the tool",
	.answer = "Tool", .problems = {404}},
    {EVHTTP_REQ_GET, "/api/v1/agents", api_agents, .name = "agents",
	.summary = "All agents", .answer = "Agents"},
    {EVHTTP_REQ_GET, "/api/v1/agents/{id}", api_agent, .name = "agent",
	.summary = "One agent", .parameter = "Id of the agent",
	.answer = "Agent", .problems = {404}},
    {EVHTTP_REQ_GET, "/api/v1/stats", api_stats, .name = "stats",
	.summary = "What was counted since the start", .answer = "Stats"},
    {EVHTTP_REQ_GET, "/api/v1/requests", api_requests, .name = "requests",
	.summary = "Calls in flight", .answer = "Requests"},
    {EVHTTP_REQ_GET, "/api/v1/breakers", api_breakers, .name = "breakers",
	.summary = "The circuit breakers of tools", .answer = "Breakers"},
    {EVHTTP_REQ_DELETE, "/api/v1/requests/{id}", api_cancel, .name = "cancel",
	.summary = "Cancel a call in flight", .parameter = "Id of the request",
	.status = 202, .answer = "Cancelled", .problems = {404}},
    {EVHTTP_REQ_GET, "/openapi.json", openapi_handle, .name = "openapi",
	.summary = "This document", .answer = "OpenAPI", .problems = {503}},
    {EVHTTP_REQ_GET, "/health", api_health, .name = "health",
	.summary = "Whether calls can be taken",
	.answer = "Health", .problems = {503}},
    {EVHTTP_REQ_GET, "/livez", api_livez, .name = "livez",
	.summary = "Whether the daemon lives", .answer = "Live"},
    {EVHTTP_REQ_GET, "/readyz", api_readyz, .name = "readyz",
	.summary = "Whether the daemon is ready",
	.answer = "Ready", .problems = {503}},
    {EVHTTP_REQ_POST, "/api/v1/breakers/{name}", api_breaker, .admin = true,
	.summary = "Open or reset a circuit breaker",
	.parameter = "Name of the tool"},
    {EVHTTP_REQ_POST, "/api/v1/admin/{action}", api_admin, .admin = true,
	.summary = "Do what an administrator asks for",
	.parameter = "What is to be done"},
    {0},
};
