/*
 * The life of a call as far as it concerns no other: its memory, its states and
 * its clock.
 */

#include "frontend/router/call.h"
#include "common/clock.h"
#include "common/log.h"
#include "common/sys.h"
#include "frontend/agents/agents.h"
#include "frontend/caller.h"
#include "frontend/globals.h"
#include "frontend/memory.h"
#include "frontend/request_log.h"
#include "frontend/router/tool.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include <event2/event.h>

static void (*call_due)(struct call *);

void
call_init(void (*due)(struct call *))
{
	call_due = due;
}

void
call_set_state(struct call *call, enum call_state state)
{
	static const unsigned int after[] = {
	    [CALL_NEW] = 1 << CALL_QUEUED,
	    [CALL_QUEUED] = 1 << CALL_HANDED | 1 << CALL_ENDED,
	    [CALL_HANDED] =
		1 << CALL_QUEUED | 1 << CALL_RETRYING | 1 << CALL_ENDED,
	    [CALL_RETRYING] = 1 << CALL_QUEUED | 1 << CALL_ENDED,
	    [CALL_ENDED] = 0,
	};

	assert((after[call->state] & 1 << state) != 0);
	call->state = state;
}

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
	else
		call_due(call);
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
