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
#include "frontend/agents/agent.h"
#include "frontend/agents/inbox.h"
#include "frontend/globals.h"
#include "frontend/memory.h"

#include <errno.h>
#include <string.h>

#include <event2/event.h>

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

static void
link_on_gone(void *arg, const char *reason, int error)
{
	struct agent *agent = arg;

	peer_free(agent->link);
	agent->link = NULL;
	agent_finished(agent);
	agent_withhold(agent);
	inbox_recall(agent);
	if (error != 0 && error != ECONNRESET)
		log_warn("%s: %s", agent->name, reason);
	/* An end of file is explained by the death that follows it. */
	agent_kill(agent, error == EPROTO ? CAUSE_PROTOCOL : CAUSE_CLOSED,
	    error == EPROTO ? reason : NULL);
}

/* What becomes of an agent that has answered a call. */
static void
link_go_on(struct agent *agent, const struct wire_result *result)
{
	if (result->unfit != 0)
		agents_drain(agent->number, agent->generation);
	else if (inbox_first(agent) != NULL)
		agent_ops.idle();
	else if (agent->phase == PHASE_UNRESPONSIVE)
		return;
	else if (result->outcome == WIRE_OUTCOME_UNABLE)
		agent_offer_last(agent);
	else
		agent_offer(agent);
}

/* An answer that nobody waits for; true if there is a good reason for it. */
static bool
link_is_late(struct agent *agent, const struct wire_result *result)
{
	if (agent->phase != PHASE_LINGERING) {
		agent_ops.late();
		if (agent->phase == PHASE_UNRESPONSIVE)
			return (true);
		if (agent->phase != PHASE_FINISHING)
			return (false);
		/* Its answer has come too late, but what lingers has not. */
		if (result->lingers_ms > 0) {
			agent_set_phase(agent, PHASE_LINGERING);
			return (true);
		}
	}
	agent_finished(agent);
	link_go_on(agent, result);
	return (true);
}

/* Answers come in the order of the calls. */
static bool
link_is_its_own(const struct agent *agent, const struct frame *frame)
{
	const struct work *work = inbox_first(agent);
	const uint8_t *id = work == NULL ? agent->ended_id : work->id;

	return (frame->header.generation == agent->generation &&
		memcmp(frame->header.id, id, UUID_SIZE) == 0);
}

/* It was not begun: another agent may be able to, but not for ever. */
static bool
link_requeue(struct work *work, const char *text, size_t len)
{
	log_warn("%s: cannot begin a call of %.*s: %.*s", work->agent->name,
	    (int)work->tool_len, work->tool, (int)(len < 256 ? len : 256),
	    text);
	if (++work->deaths >= frontend.conf->max_deaths)
		return (false);
	work_reset(work);
	agent_ops.requeue(work);
	return (true);
}

/* The text goes into our answers as it is. */
static bool
link_is_valid(const struct wire_result *result, const char *text, size_t len)
{
	return (
	    result->outcome < WIRE_OUTCOME_COUNT &&
	    result->failure < FAILURE_COUNT && json_valid(text, len) &&
	    (opening[result->outcome] == '\0' ||
		text[0] == opening[result->outcome] ||
		(result->outcome == WIRE_OUTCOME_TIMEOUT && text[0] == '{')));
}

static void
link_on_result(void *arg, const struct frame *frame)
{
	struct agent *agent = arg;
	struct work *work = inbox_first(agent);
	const char *text =
	    (const char *)frame->body + sizeof(struct wire_result);
	size_t len = frame->header.length - sizeof(struct wire_result);
	struct wire_result result;

	memcpy(&result, frame->body, sizeof(result));
	if (!link_is_its_own(agent, frame) ||
	    (work == NULL && !link_is_late(agent, &result))) {
		peer_fail(agent->link, "answered a call that is not its own");
		return;
	}
	if (work == NULL)
		return;
	if (!link_is_valid(&result, text, len)) {
		peer_fail(agent->link, "sent an answer that is not valid");
		return;
	}
	if (result.lingers_ms > 0)
		inbox_recall(agent); /* what it has not begun must not wait */
	inbox_remove(agent, work);
	agent->last_active_ns = clock_wall_ns();
	if (result.outcome == WIRE_OUTCOME_UNABLE &&
	    link_requeue(work, text, len)) {
		link_go_on(agent, &result);
		return;
	}
	agent->handled++;
	if (result.lingers_ms > 0 && inbox_first(agent) == NULL)
		agent_linger(agent, work->id, result.lingers_ms);
	else
		link_go_on(agent, &result);
	agent_ops.answered(work, &result, text, len);
}

static void
link_on_progress(void *arg, const struct frame *frame)
{
	struct agent *agent = arg;
	struct work *work = inbox_first(agent);

	if (!link_is_its_own(agent, frame) ||
	    (work == NULL && !agent_is_finishing(agent) &&
		agent->phase != PHASE_UNRESPONSIVE))
		peer_fail(
		    agent->link, "reported on a call that is not its own");
	else if (work != NULL &&
		 !agent_ops.progress(work, frame->body, frame->header.length))
		peer_fail(agent->link, "sent progress that is not valid");
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
	if (agent->link == NULL)
		return (-1);
	agent_set_phase(agent, PHASE_BUSY);
	return (0);
}

void
link_close(struct agent *agent)
{
	agent_withhold(agent);
	agent->draining = true; /* whatever it said last, it gets no call */
	/* Its death may be known before its last answer is read. */
	if (agent->link != NULL)
		peer_finish(agent->link);
	agent_finished(agent);
	peer_free(agent->link);
	agent->link = NULL;
	if (agent->phase != PHASE_UNRESPONSIVE)
		agent_set_phase(agent, PHASE_UNLINKED);
}

static void
link_message(struct peer_message *message, struct wire_request *request,
    const struct agent *agent, const struct work *work, uint32_t number)
{
	request->deadline_ns = work->deadline_ns;
	request->tool_len = (uint32_t)work->tool_len;
	request->number = number;
	request->poll_us = work->poll_us;
	request->headers_len = (uint32_t)work->headers_len;
	message->body[0] = (struct iovec){request, sizeof(*request)};
	message->body[1] =
	    (struct iovec){(void *)(uintptr_t)work->tool, work->tool_len};
	message->body[2] =
	    (struct iovec){work->params, work->params_len + work->headers_len};
	message->count = 3;
	frame_header_init(&message->header, WIRE_REQUEST, agent->number,
	    agent->generation, work->id,
	    sizeof(*request) + work->tool_len + work->params_len +
		work->headers_len);
}

int
link_send(struct agent *agent, struct work *const *works, size_t n)
{
	struct peer_message messages[INBOX_BATCH];
	struct wire_request requests[INBOX_BATCH];

	for (size_t i = 0; i < n; i++)
		link_message(&messages[i], &requests[i], agent, works[i],
		    agent->numbered + (uint32_t)i + 1);
	if (peer_send_all(agent->link, messages, n) == 0) {
		if (agent->phase == PHASE_IDLE)
			agent_set_phase(agent, PHASE_BUSY);
		agent->last_active_ns = clock_wall_ns();
		return (0);
	}
	if (errno == ENOMEM)
		return (-1);
	agent_withhold(agent);
	errno = EPIPE;
	return (-1);
}
