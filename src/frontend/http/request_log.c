/*
 * Words of the form name=value, none of which has a blank in it, so that they
 * are as easy to take apart as to read; "-" stands for what there is not.
 */

#include "frontend/http/request_log.h"
#include "common/clock.h"
#include "common/log.h"
#include "conf/conf.h"
#include "frontend/agents/agents.h"
#include "frontend/globals.h"
#include "frontend/http/caller.h"
#include "frontend/http/conn.h"
#include "frontend/http/routes.h"
#include "frontend/router/catalogue.h"

#include <string.h>

#include <event2/http.h>

/* As much of a path as is shown. */
#define PATH_SHOWN 128

static const char *const end_names[CALL_ENDS] = {
    [END_SUCCESS] = "success",
    [END_FAILURE] = "failure",
    [END_MALFORMED] = "malformed_params",
    [END_INVALID] = "invalid_params",
    [END_UNKNOWN_TOOL] = "unknown_tool",
    [END_CRASHED] = "agent_crashed",
    [END_SHED] = "shed",
    [END_EXPIRED] = "timeout_queued",
    [END_TIMEOUT] = "timeout",
    [END_CANCELLED_QUEUED] = "cancelled_queued",
    [END_CANCELLED] = "cancelled",
    [END_ABANDONED] = "abandoned",
    [END_DRAINED_QUEUED] = "drained_queued",
    [END_DRAINED_RUNNING] = "drained",
    [END_UNABLE] = "no_agent",
    [END_NO_MEMORY] = "no_memory",
};

static const char *
request_log_address(const struct caller *caller)
{
	return (caller == NULL ? "-" : caller->address);
}

static const char *
request_log_name(const struct caller *caller)
{
	return (caller == NULL || caller->name[0] == '\0' ? "-" : caller->name);
}

void
request_log_call(const struct call *call, enum call_end end)
{
	int64_t started =
	    call->started_ns != 0 ? call->started_ns : call->ended_ns;

	if (!frontend.conf->log_requests)
		return;
	log_info("request id=%s tool=%s agent=%s outcome=%s queued_us=%lld "
		 "run_us=%lld client=%s name=%s",
	    call->id_text, call->tool->name,
	    call->agent == NULL ? "-" : call->agent->name, end_names[end],
	    (long long)((started - call->accepted_ns) / NS_PER_US),
	    (long long)((call->ended_ns - started) / NS_PER_US),
	    request_log_address(call->caller), request_log_name(call->caller));
}

/* A query is left out: it may hold what is nobody's business. */
void
request_log_refusal(const struct conn *conn, int status, const char *code)
{
	const char *path = "-", *method = "-";
	size_t len;

	if (!frontend.conf->log_requests)
		return;
	if (conn->req != NULL) {
		path = evhttp_request_get_uri(conn->req);
		method = routes_method(evhttp_request_get_command(conn->req));
	}
	len = strcspn(path, "? ");
	log_info("request id=%s method=%s path=%.*s status=%d outcome=%s "
		 "client=%s name=%s",
	    conn->id_text, method, len > PATH_SHOWN ? PATH_SHOWN : (int)len,
	    path, status, code, request_log_address(conn->caller),
	    request_log_name(conn->caller));
}
