/*
 * The members of what is sent and answered, and the problems.  The operations
 * are in the table of routes.
 */

#include "frontend/api/openapi_table.h"

#include <stddef.h>

#define STRING "{\"type\":\"string\"}"
#define UUID "{\"type\":\"string\",\"format\":\"uuid\"}"
#define INSTANT "{\"type\":\"string\",\"format\":\"date-time\"}"
#define BOOLEAN "{\"type\":\"boolean\"}"
#define INTEGER "{\"type\":\"integer\"}"
#define COUNT "{\"type\":\"integer\",\"minimum\":0}"
/* Without the second member, generators make an object that has none. */
#define OBJECT "{\"type\":\"object\",\"additionalProperties\":true}"
#define STRINGS "{\"type\":\"object\",\"additionalProperties\":" STRING "}"
#define ANY "{}"
#define WORDS "{\"type\":\"array\",\"items\":" STRING "}"
#define REF(name) "{\"$ref\":\"#/components/schemas/" name "\"}"
#define LIST(name) "{\"type\":\"array\",\"items\":" REF(name) "}"
#define BY_NAME(name) \
	"{\"type\":\"object\",\"additionalProperties\":" REF(name) "}"
#define ONE_OF(words) "{\"type\":\"string\",\"enum\":[" words "]}"

const struct openapi_member openapi_options[] = {
    {"", "timeout", "{\"type\":\"number\",\"exclusiveMinimum\":0}", false,
	"Seconds from the acceptance of the call, the queue included"},
    {"", "priority", "{\"type\":\"integer\",\"minimum\":1,\"maximum\":5}",
	false, "1 is first"},
    {"", "retries", "{\"type\":\"integer\",\"minimum\":0,\"maximum\":100}",
	false, "At most that many further tries"},
    {0},
};

/* clang-format off */
const struct openapi_member openapi_members[] = {
    {"Call", "tool_name", STRING, true, "The tool"},
    {"Call", "params", OBJECT, false, "Its parameters"},
    {"Call", "timeout", "{\"type\":\"number\",\"exclusiveMinimum\":0}", false,
	"Seconds from the acceptance of the call, the queue included"},
    {"Call", "priority", "{\"type\":\"integer\",\"minimum\":1,\"maximum\":5}",
	false, "1 is first"},
    {"Call", "retries", "{\"type\":\"integer\",\"minimum\":0,\"maximum\":100}",
	false, "At most that many further tries"},

    {"Batch", "requests", LIST("Call"), true, "The calls"},
    {"BatchAnswer", "count", COUNT, true, "How many calls there were"},
    {"BatchAnswer", "results", "{\"type\":\"array\",\"items\":"
	"{\"anyOf\":[" REF("Answer") "," REF("Problem") "]}}", true,
	"The answer of each, in the order of the calls, with its index"},
    {"BatchAnswer", "succeeded", COUNT, true, "Answers with success"},
    {"BatchAnswer", "failed", COUNT, true, "All others"},

    {"Pipeline", "steps", LIST("Step"), true, "The calls"},
    {"Pipeline", "timeout", "{\"type\":\"number\",\"exclusiveMinimum\":0}",
	false, "Seconds for all of it"},
    {"Step", "id", STRING, false, "Its name; its number when absent"},
    {"Step", "tool_name", STRING, true, "The tool"},
    {"Step", "params", OBJECT, false, "Its parameters; an object whose only "
	"member is $ref stands for what that JSON Pointer finds"},
    {"Step", "timeout", "{\"type\":\"number\",\"exclusiveMinimum\":0}", false,
	"Seconds for this step"},
    {"Step", "priority", "{\"type\":\"integer\",\"minimum\":1,\"maximum\":5}",
	false, "1 is first"},
    {"Step", "retries", "{\"type\":\"integer\",\"minimum\":0,\"maximum\":100}",
	false, "At most that many further tries"},
    {"PipelineAnswer", "request_id", UUID, true, "Id of the request"},
    {"PipelineAnswer", "success", BOOLEAN, true,
	"Whether all steps succeeded"},
    {"PipelineAnswer", "result", ANY, false,
	"The result of the last step; only with success"},
    {"PipelineAnswer", "steps", "{\"type\":\"array\",\"items\":"
	"{\"anyOf\":[" REF("Answer") "," REF("Problem") "]}}", true,
	"The answer of each, with its id"},
    {"PipelineAnswer", "failed_step", STRING, false,
	"The id of the first that failed; only without success"},

    {"Params", NULL, OBJECT, false, NULL},

    {"Answer", "request_id", UUID, true, "Id of the request"},
    {"Answer", "agent_id", STRING, true, "The agent that ran it"},
    {"Answer", "success", BOOLEAN, true,
	"Whether the tool did what was asked"},
    {"Answer", "result", ANY, false, "The result; only with success"},
    {"Answer", "error", STRING, false, "Why it failed; only without success"},
    {"Answer", "processed_at", INSTANT, true, "When it ended"},
    {"Answer", "duration", COUNT, true, "Nanoseconds that it ran"},
    {"Answer", "queued", COUNT, true, "Nanoseconds that it waited"},
    {"Answer", "attempts", COUNT, true, "How often it was tried"},
    {"Answer", "causes", WORDS, false,
	"What the attempts before the last failed of"},

    {"Problem", "type", STRING, true, "about:blank"},
    {"Problem", "title", STRING, true, "The kind of problem"},
    {"Problem", "status", INTEGER, true, "The status of this answer"},
    {"Problem", "detail", STRING, true, "What is wrong"},
    {"Problem", "error", STRING, true, "The same as detail"},
    {"Problem", "instance", STRING, true, "urn:uuid: and the request's id"},
    {"Problem", "code", STRING, true, "A word for the kind of problem"},
    {"Problem", "retryable", BOOLEAN, true,
	"Whether to send the request again is safe and may help"},
    {"Problem", "outcome", ONE_OF("\"not_started\",\"unknown\""), false,
	"What became of the call"},
    {"Problem", "partial", STRINGS, false,
	"What the tool had printed when it was stopped"},
    {"Problem", "attempts", COUNT, false, "How often it was tried"},
    {"Problem", "causes", WORDS, false,
	"What the attempts before the last failed of"},
    {"Problem", "errors", LIST("Failure"), false,
	"All that does not fit the schema"},
    {"Failure", "pointer", STRING, true,
	"JSON Pointer into the parameters"},
    {"Failure", "detail", STRING, true, "What is wrong there"},

    {"Service", "service", STRING, true, "The name of the service"},
    {"Service", "version", STRING, true, "Its version"},
    {"Service", "status", ONE_OF("\"running\",\"draining\""), true,
	"Draining: it stops"},
    {"Service", "endpoints", STRINGS, true, "Names, with METHOD path"},

    {"Health", "healthy", BOOLEAN, true, "Whether calls can be taken"},
    {"Health", "time", INSTANT, true, "Now"},
    {"Live", "live", BOOLEAN, true, "Always true"},
    {"Ready", "ready", BOOLEAN, true, "Whether calls can be taken"},
    {"OpenAPI", "openapi", STRING, true, "The version of OpenAPI"},
    {"OpenAPI", "info", OBJECT, true, "About this service"},
    {"OpenAPI", "servers", "{\"type\":\"array\"}", true, "Where it is"},
    {"OpenAPI", "security", "{\"type\":\"array\"}", true, "Empty: nothing is asked for"},
    {"OpenAPI", "paths", OBJECT, true, "The operations"},
    {"OpenAPI", "components", OBJECT, true, "What they refer to"},

    {"Agents", "count", COUNT, true, "How many there are"},
    {"Agents", "agents", LIST("Agent"), true, "All agents"},
    {"Agent", "id", STRING, true, "Its name"},
    {"Agent", "state", ONE_OF("\"starting\",\"idle\",\"busy\",\"draining\","
	"\"error\""), true, "What it does"},
    {"Agent", "requests_handled", COUNT, true, "Calls that it has run"},
    {"Agent", "last_active", "{\"type\":[\"string\",\"null\"],"
	"\"format\":\"date-time\"}", true, "The end of its last call"},
    {"Agent", "current_request", UUID, false, "The call that it runs"},
    {"Agent", "current_tool", STRING, false, "The tool of that"},
    {"Agent", "busy_for", COUNT, false, "Nanoseconds that it has run"},
    {"Agent", "pid", "{\"type\":[\"integer\",\"null\"]}", true,
	"Its process"},
    {"Agent", "generation", COUNT, true,
	"How many processes have had this id"},
    {"Agent", "restarts", COUNT, true,
	"How many of those died unexpectedly or were killed"},
    {"Agent", "rss_bytes", COUNT, true, "Its resident memory"},

    {"Tools", "count", COUNT, true, "How many there are"},
    {"Tools", "tools", LIST("Tool"), true, "All tools, by name"},
    {"Tool", "name", STRING, true, "Its name"},
    {"Tool", "description", STRING, true, "What it does"},
    {"Tool", "parameters", OBJECT, true, "JSON Schema of its parameters"},
    {"Tool", "kind", STRING, true, "How it is run"},
    {"Tool", "timeout", "{\"type\":\"number\"}", true,
	"Seconds that a call has if it sets no timeout"},
    {"Tool", "idempotent", BOOLEAN, true,
	"Whether a call may run twice without harm"},
    {"Tool", "pass_headers", "{\"type\":\"array\",\"items\":{\"type\":\"string\"}}",
	false, "Headers of the request that reach it"},
    {"Tool", "result", OBJECT, false, "JSON Schema of its result"},

    {"Requests", "count", COUNT, true, "How many there are"},
    {"Requests", "requests", LIST("Request"), true, "Calls in flight"},
    {"Request", "request_id", UUID, true, "Its id"},
    {"Request", "tool_name", STRING, true, "The tool"},
    {"Request", "state", ONE_OF("\"queued\",\"running\",\"retrying\""), true,
	"Whether it waits or runs"},
    {"Request", "priority", COUNT, true, "1 is first"},
    {"Request", "age", COUNT, true, "Nanoseconds since its acceptance"},
    {"Request", "deadline_in", INTEGER, true,
	"Nanoseconds until its deadline"},
    {"Request", "agent_id", STRING, false, "The agent that runs it"},
    {"Request", "attempts", COUNT, true, "How often it was tried"},
    {"Request", "progress", REF("Progress"), false,
	"Its progress, as its tool last reported it"},
    {"Progress", "value", "{\"type\":\"number\"}", true, "How much is done"},
    {"Progress", "total", "{\"type\":\"number\"}", false,
	"Of how much; absent if it is not known"},
    {"Progress", "message", STRING, false, "Text for people"},
    {"Breakers", "breakers", BY_NAME("Breaker"), true,
	"By name of the tool; those that have one"},
    {"Breaker", "state", ONE_OF("\"closed\",\"open\",\"half-open\""), true,
	"Whether calls are let through; half-open: a few"},
    {"Breaker", "calls", COUNT, true, "Calls in its window"},
    {"Breaker", "failures", COUNT, true, "How many of them failed"},
    {"Breaker", "slow", COUNT, true, "How many of them were slow"},
    {"Breaker", "opened_at", INSTANT, false,
	"When it opened; not while it is closed"},
    {"Breaker", "retry_after", COUNT, false,
	"Seconds until it lets calls through; only while it is open"},
    {"Cancelled", "request_id", UUID, true, "The call"},
    {"Cancelled", "cancelled", BOOLEAN, true, "Always true"},

    {"Stats", "total_requests", COUNT, true, "Calls accepted"},
    {"Stats", "successful_requests", COUNT, true, "Calls with success"},
    {"Stats", "failed_requests", COUNT, true, "Calls without"},
    {"Stats", "cancelled", COUNT, true, "Cancelled, or the caller left"},
    {"Stats", "rejected", COUNT, true, "Refused; not part of any other number"},
    {"Stats", "in_flight", COUNT, true, "Calls that wait or run"},
    {"Stats", "queue_depth", COUNT, true, "Calls that wait"},
    {"Stats", "queue_limit", COUNT, true, "Calls that may wait"},
    {"Stats", "timeouts", COUNT, true, "Failed by their deadline"},
    {"Stats", "crashes", COUNT, true, "Failed by the agent's death"},
    {"Stats", "late_results", COUNT, true, "Answers that nobody waited for"},
    {"Stats", "retries", COUNT, true, "Calls that were tried again"},
    {"Stats", "active_agents", COUNT, true, "Agents idle or busy"},
    {"Stats", "idle_agents", COUNT, true, "Agents that wait"},
    {"Stats", "busy_agents", COUNT, true, "Agents that run a call"},
    {"Stats", "error_agents", COUNT, true, "Agents that fail to start"},
    {"Stats", "agent_restarts", COUNT, true,
	"Agents that died unexpectedly or were killed"},
    {"Stats", "agents_recycled", COUNT, true,
	"Agents replaced for their calls, age or memory"},
    {"Stats", "average_process_time", COUNT, true,
	"Nanoseconds of a call in an agent"},
    {"Stats", "uptime", COUNT, true, "Nanoseconds"},
    {"Stats", "latency", REF("Quantiles"), true,
	"From acceptance to answer"},
    {"Stats", "queue_wait", REF("Quantiles"), true, "In the queue"},
    {"Stats", "tools", BY_NAME("ToolStats"), true, "By name of the tool"},
    {"Quantiles", "p50", COUNT, true, "Nanoseconds"},
    {"Quantiles", "p90", COUNT, true, "Nanoseconds"},
    {"Quantiles", "p99", COUNT, true, "Nanoseconds"},
    {"Quantiles", "max", COUNT, true, "Nanoseconds"},
    {"ToolStats", "requests", COUNT, true, "Calls that ended"},
    {"ToolStats", "successful", COUNT, true, "With success"},
    {"ToolStats", "failed", COUNT, true, "Without"},
    {"ToolStats", "cancelled", COUNT, true, "Cancelled"},
    {"ToolStats", "average_process_time", COUNT, true, "Nanoseconds"},
    {"ToolStats", "max_process_time", COUNT, true, "Nanoseconds"},
    {0},
};
/* clang-format on */

const struct openapi_problem openapi_problems[] = {
    {400, "BadRequest", "The request is not valid"},
    {403, "Forbidden",
	"The origin of the page or the name of the host is not allowed"},
    {404, "NotFound", "There is no such tool, agent, request or path"},
    {409, "Cancelled", "The call was cancelled"},
    {422, "InvalidParams", "The parameters do not fit the tool's schema"},
    {429, "RateLimited", "Too many calls: of this client, or of the tool"},
    {502, "AgentCrashed", "The agent died in the call"},
    {503, "Unavailable", "Not now: try again after Retry-After seconds"},
    {504, "Timeout", "The deadline passed"},
    {0, "Problem", "Any other problem"},
};
