/*
 * The life of a call.  router.c decides where it goes; this file ends each
 * of them exactly once.
 */

#include "frontend/router/call.h"
#include "common/clock.h"
#include "common/log.h"
#include "common/sys.h"
#include "conf/conf.h"
#include "frontend/agents/agents.h"
#include "frontend/caller.h"
#include "frontend/globals.h"
#include "frontend/memory.h"
#include "frontend/request_log.h"
#include "frontend/router/admit.h"
#include "frontend/router/call_index.h"
#include "frontend/router/overload.h"
#include "frontend/router/retry.h"
#include "frontend/router/router.h"
#include "frontend/router/stats.h"
#include "frontend/router/tool.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include <event2/event.h>

/* When something is to be done with it. */
static int64_t
call_due_ns(const struct call *call)
{
	return (call->state == CALL_RETRYING ? call->retry_ns
					     : call->work.deadline_ns);
}

/* libevent counts from when its loop last woke up. */
void
call_arm(struct call *call)
{
	int64_t left_us = (call_due_ns(call) - clock_now_ns()) / NS_PER_US + 1;
	struct timeval tv;

	if (left_us < 0)
		left_us = 0;
	tv.tv_sec = left_us / 1000000;
	tv.tv_usec = left_us % 1000000;
	evtimer_add(&call->deadline, &tv);
}

static void
call_deadline(evutil_socket_t fd, short what, void *arg)
{
	struct call *call = arg;

	if (clock_now_ns() < call_due_ns(call))
		call_arm(call);
	else if (call->state == CALL_RETRYING)
		router_retry(call);
	else
		router_expire(call);
}

struct call *
call_new(const uint8_t id[static UUID_SIZE], struct tool_info *tool,
    const char *params, size_t params_len, int64_t timeout_ns)
{
	struct call *call;

	if (!memory_has_room(params_len) ||
	    (call = sys.malloc(sizeof(*call))) == NULL)
		return (NULL);
	memset(call, 0, sizeof(*call));
	if ((call->work.params = sys.malloc(params_len)) == NULL) {
		free(call);
		return (NULL);
	}
	memory_changed((ssize_t)params_len);
	memcpy(call->work.params, params, params_len);
	call->work.params_len = params_len;
	call->work.tool = tool->name;
	call->work.tool_len = tool->name_len;
	memcpy(call->work.id, id, sizeof(call->work.id));
	uuid_format(call->work.id, call->id_text);
	call->retries_max = -1;
	call->tool = tool;
	tool_hold(tool);
	call->accepted_ns = clock_now_ns();
	call->work.deadline_ns = call->accepted_ns + timeout_ns;
	evtimer_assign(&call->deadline, frontend.base, call_deadline, call);
	return (call);
}

int
call_set_headers(struct call *call, const char *text, size_t len)
{
	char *both = sys.malloc(call->work.params_len + len);

	if (both == NULL)
		return (-1);
	memcpy(both, call->work.params, call->work.params_len);
	memcpy(both + call->work.params_len, text, len);
	free(call->work.params);
	call->work.params = both;
	call->work.headers_len = len;
	memory_changed((ssize_t)len);
	return (0);
}

void
call_free(struct call *call)
{
	tool_release(call->tool);
	caller_release(call->caller);
	memory_changed(
	    -(ssize_t)(call->work.params_len + call->work.headers_len));
	free(call->work.params);
	free(call->progress);
	free(call);
}

void
call_accept(struct call *call)
{
	call_arm(call);
	retry_accepted(call);
	call_index_add(call);
}

static void
call_log(const struct call *call, enum outcome end)
{
	int64_t started =
	    call->work.started_ns != 0 ? call->work.started_ns : call->ended_ns;

	request_log_call(&(struct request_log){
	    .id = call->id_text,
	    .caller = call->caller,
	    .outcome = outcome_kind(end)->name,
	    .tool = call->tool->name,
	    .agent =
		call->work.agent == NULL ? NULL : agent_name(call->work.agent),
	    .queued_ns = started - call->accepted_ns,
	    .run_ns = call->ended_ns - started,
	});
}

void
call_finish(struct call *call, enum outcome end, const char *text, size_t len)
{
	if (call->turn != 0)
		admit_leave(call, end);
	evtimer_del(&call->deadline);
	call_index_remove(call);
	call->ended_ns = clock_now_ns();
	overload_ended(call);
	stats_call(call, end);
	call_log(call, end);
	if (call->waiter != NULL)
		call->done(call, end, text, len);
	call_free(call);
	router_ended();
}
