/*
 * Hands calls to agents, takes their answers, and judges: an agent that breaks
 * the contract is killed.  When a link breaks, the caller is answered as soon
 * as the master says how the agent died, or at the deadline.
 */

#include "frontend/agents/link.h"
#include "common/clock.h"
#include "common/json.h"
#include "common/log.h"
#include "common/peer.h"
#include "conf/conf.h"
#include "frontend/agents/agents.h"
#include "frontend/agents/inbox.h"
#include "frontend/globals.h"
#include "frontend/master_link.h"
#include "frontend/memory.h"
#include "frontend/router/call.h"
#include "frontend/router/catalogue.h"
#include "frontend/router/progress.h"
#include "frontend/router/retry.h"
#include "frontend/router/router.h"
#include "frontend/router/soft.h"
#include "frontend/router/stats.h"

#include <errno.h>
#include <string.h>

#include <event2/event.h>

static const enum outcome ends[WIRE_OUTCOME_COUNT] = {
    [WIRE_OUTCOME_SUCCESS] = OUTCOME_SUCCESS,
    [WIRE_OUTCOME_FAILURE] = OUTCOME_FAILURE,
    [WIRE_OUTCOME_MALFORMED] = OUTCOME_MALFORMED,
    [WIRE_OUTCOME_INVALID] = OUTCOME_INVALID,
    [WIRE_OUTCOME_UNKNOWN_TOOL] = OUTCOME_UNKNOWN_TOOL,
    [WIRE_OUTCOME_TIMEOUT] = OUTCOME_TIMEOUT,
    [WIRE_OUTCOME_NO_MEMORY] = OUTCOME_NO_MEMORY,
    [WIRE_OUTCOME_UNABLE] = OUTCOME_UNABLE,
};

/* How the text that comes with an outcome begins; NUL: as it likes. */
static const char opening[WIRE_OUTCOME_COUNT] = {
    [WIRE_OUTCOME_SUCCESS] = '\0',
    [WIRE_OUTCOME_FAILURE] = '"',
    [WIRE_OUTCOME_MALFORMED] = '"',
    [WIRE_OUTCOME_INVALID] = '[',
    [WIRE_OUTCOME_UNKNOWN_TOOL] = '"',
    [WIRE_OUTCOME_TIMEOUT] = '"',
    [WIRE_OUTCOME_NO_MEMORY] = '"',
    [WIRE_OUTCOME_UNABLE] = '"',
};

void
link_doom(struct agent *agent, enum wire_cause cause, const char *reason)
{
	if (agent->doomed)
		return;
	agent->doomed = true;
	agent->reason = reason;
	agents_set_idle(agent, false);
	inbox_shut(agent);
	master_link_kill(agent->number, agent->generation, cause);
}

void
link_take_back(struct agent *agent, enum wire_cause cause)
{
	if (soft_cancel(agent, cause))
		return;
	/* Even if it is doomed: for closing its socket it may live on. */
	agent->doomed = false;
	link_doom(agent, cause, NULL);
}

static void
link_on_gone(void *arg, const char *reason, int error)
{
	struct agent *agent = arg;

	peer_free(agent->link);
	agent->link = NULL;
	agents_set_idle(agent, false);
	soft_end(agent);
	inbox_shut(agent);
	inbox_recall(agent);
	if (error != 0 && error != ECONNRESET)
		log_warn("%s: %s", agent->name, reason);
	/* An end of file is explained by the death that follows it. */
	link_doom(agent, error == EPROTO ? CAUSE_PROTOCOL : CAUSE_CLOSED,
	    error == EPROTO ? reason : NULL);
}

/* What becomes of an agent that has answered a call. */
static void
link_go_on(struct agent *agent, const struct wire_result *result)
{
	if (result->unfit != 0)
		agents_drain(agent->number, agent->generation);
	else if (inbox_first(agent) != NULL)
		router_idle();
	else if (agent->doomed)
		return;
	else if (result->outcome == WIRE_OUTCOME_UNABLE)
		agents_rest(agent);
	else
		agents_free(agent);
}

/* An answer that nobody waits for; true if there is a good reason for it. */
static bool
link_is_late(struct agent *agent, const struct wire_result *result)
{
	if (!agent->doomed && agent->lingers) {
		agent->lingers = false;
	} else {
		stats_late();
		if (agent->doomed)
			return (true);
		if (!agent->finishing)
			return (false);
		/* Its answer has come too late, but what lingers has not. */
		agent->lingers = result->lingers_ms > 0;
		if (agent->lingers)
			return (true);
	}
	soft_end(agent);
	link_go_on(agent, result);
	return (true);
}

/* Answers come in the order of the calls. */
static bool
link_is_its_own(const struct agent *agent, const struct frame *frame)
{
	const struct call *call = inbox_first(agent);
	const uint8_t *id = call == NULL ? agent->ended_id : call->id;

	return (frame->header.generation == agent->generation &&
		memcmp(frame->header.id, id, UUID_SIZE) == 0);
}

/* It was not begun: another agent may be able to, but not for ever. */
static bool
link_put_back(struct call *call, const char *text, size_t len)
{
	log_warn("%s: cannot begin a call of %s: %.*s", call->agent->name,
	    call->tool->name, (int)(len < 256 ? len : 256), text);
	if (++call->deaths >= frontend.conf->max_deaths)
		return (false);
	router_put_back(call);
	return (true);
}

/* The call is over, and the agent says so again when it is free. */
static void
link_linger(struct agent *agent, const struct call *call,
    const struct wire_result *result)
{
	memcpy(agent->ended_id, call->id, sizeof(agent->ended_id));
	agent->lingers = true;
	soft_linger(agent, result->lingers_ms);
}

static void
link_on_result(void *arg, const struct frame *frame)
{
	struct agent *agent = arg;
	struct call *call = inbox_first(agent);
	const char *text =
	    (const char *)frame->body + sizeof(struct wire_result);
	size_t len = frame->header.length - sizeof(struct wire_result);
	struct wire_result result;

	memcpy(&result, frame->body, sizeof(result));
	if (!link_is_its_own(agent, frame) ||
	    (call == NULL && !link_is_late(agent, &result))) {
		peer_fail(agent->link, "answered a call that is not its own");
		return;
	}
	if (call == NULL)
		return;
	/* The text goes into our answers as it is. */
	if (result.outcome >= WIRE_OUTCOME_COUNT ||
	    result.failure >= FAILURE_COUNT || !json_valid(text, len) ||
	    (opening[result.outcome] != '\0' &&
		text[0] != opening[result.outcome] &&
		(result.outcome != WIRE_OUTCOME_TIMEOUT || text[0] != '{'))) {
		peer_fail(agent->link, "sent an answer that is not valid");
		return;
	}
	if (result.lingers_ms > 0)
		inbox_recall(agent); /* what it has not begun must not wait */
	inbox_remove(agent, call);
	agent->last_active_ns = clock_wall_ns();
	if (result.outcome == WIRE_OUTCOME_UNABLE &&
	    link_put_back(call, text, len)) {
		link_go_on(agent, &result);
		return;
	}
	inbox_learn(call->tool, result.run_us);
	agent->handled++;
	if (result.lingers_ms > 0)
		link_linger(agent, call, &result);
	else
		link_go_on(agent, &result);
	/* One that was tried before may have done something. */
	if (result.outcome == WIRE_OUTCOME_UNABLE && call->tries > 0)
		result.outcome = WIRE_OUTCOME_FAILURE;
	memory_look();
	call->http_5xx = result.failure == FAILURE_HTTP_5XX;
	retry_end(call, ends[result.outcome], text, len);
}

static void
link_on_progress(void *arg, const struct frame *frame)
{
	struct agent *agent = arg;
	struct call *call = inbox_first(agent);

	if (!link_is_its_own(agent, frame) ||
	    (call == NULL && !agent->finishing && !agent->doomed))
		peer_fail(agent->link, "told of a call that is not its own");
	else if (call != NULL &&
		 !progress_take(call, frame->body, frame->header.length))
		peer_fail(agent->link, "sent a progress that is not valid");
}

static const peer_handler handlers[WIRE_TYPES] = {
    [WIRE_RESULT] = link_on_result,
    [WIRE_PROGRESS] = link_on_progress,
};

int
link_open(struct agent *agent, int socket_fd)
{
	struct peer_config config = {
	    .self = WIRE_FRONTEND,
	    .other = WIRE_AGENT,
	    .handlers = handlers,
	    .gone = link_on_gone,
	    .arg = agent,
	    .held = memory_changed,
	    .max_body = (size_t)frontend.conf->max_result_bytes +
			WIRE_WORDS_MAX + sizeof(struct wire_result),
	};

	inbox_open(agent);
	agent->link = peer_new(frontend.base, socket_fd, &config);
	return (agent->link == NULL ? -1 : 0);
}

void
link_close(struct agent *agent)
{
	agents_set_idle(agent, false);
	agent->draining = true; /* whatever it said last, it gets no call */
	/* Its death may be known before its last answer is read. */
	if (agent->link != NULL)
		peer_finish(agent->link);
	soft_end(agent);
	peer_free(agent->link);
	agent->link = NULL;
}

static void
link_message(struct peer_message *message, struct wire_request *request,
    const struct agent *agent, const struct call *call, uint32_t number)
{
	const struct tool_info *tool = call->tool;

	request->deadline_ns = call->deadline_ns;
	request->tool_len = (uint32_t)tool->name_len;
	request->number = number;
	request->poll_us = inbox_poll_us(call);
	request->headers_len = (uint32_t)call->headers_len;
	message->body[0] = (struct iovec){request, sizeof(*request)};
	message->body[1] =
	    (struct iovec){(void *)(uintptr_t)tool->name, tool->name_len};
	message->body[2] =
	    (struct iovec){call->params, call->params_len + call->headers_len};
	message->count = 3;
	frame_header_init(&message->header, WIRE_REQUEST, agent->number,
	    agent->generation, call->id,
	    sizeof(*request) + tool->name_len + call->params_len +
		call->headers_len);
}

int
link_send(struct agent *agent, struct call *const *calls, size_t n)
{
	struct peer_message messages[INBOX_BATCH];
	struct wire_request requests[INBOX_BATCH];

	inbox_listens(agent);
	for (size_t i = 0; i < n; i++)
		link_message(&messages[i], &requests[i], agent, calls[i],
		    agent->numbered + (uint32_t)i + 1);
	if (peer_send_all(agent->link, messages, n) == 0) {
		agents_set_idle(agent, false);
		agent->last_active_ns = clock_wall_ns();
		return (0);
	}
	if (errno == ENOMEM)
		return (-1);
	agents_set_idle(agent, false);
	inbox_shut(agent);
	errno = EPIPE;
	return (-1);
}
