/*
 * Links to agents.  The master makes and ends them; this file hands calls
 * over, takes answers, and judges: an agent that breaks the contract is
 * killed.  When its link breaks, the caller is answered as soon as the master
 * says how the agent died, or at the deadline.
 */

#include "frontend/agents.h"
#include "common/clock.h"
#include "common/conf.h"
#include "common/json.h"
#include "common/log.h"
#include "common/peer.h"
#include "common/sys.h"
#include "frontend/call.h"
#include "frontend/catalogue.h"
#include "frontend/channel.h"
#include "frontend/frontend.h"
#include "frontend/router.h"
#include "frontend/stats.h"

#include <json-c/json.h>

#include <sys/wait.h>

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* More slots than the master has. */
#define NUMBER_MAX 4096

static struct agent *table[NUMBER_MAX + 1];
static uint32_t last;
static TAILQ_HEAD(, agent) idle = TAILQ_HEAD_INITIALIZER(idle);

/* What a death was, for the caller who waited. */
#define DEATH_SIZE 160

static struct agent *
agents_get(uint32_t number)
{
	struct agent *agent;

	if (number == 0 || number > NUMBER_MAX)
		return (NULL);
	if (table[number] != NULL)
		return (table[number]);
	if ((agent = sys.malloc(sizeof(*agent))) == NULL)
		return (NULL);
	memset(agent, 0, sizeof(*agent));
	agent->number = number;
	agent->pid = -1;
	snprintf(agent->name, sizeof(agent->name), "agent-%u", number);
	table[number] = agent;
	if (number > last)
		last = number;
	return (agent);
}

static void
agents_set_idle(struct agent *agent, bool now_idle)
{
	if (agent->idle == now_idle)
		return;
	agent->idle = now_idle;
	if (now_idle)
		TAILQ_INSERT_HEAD(&idle, agent, idle_entry);
	else
		TAILQ_REMOVE(&idle, agent, idle_entry);
}

struct agent *
agents_idle(void)
{
	return (TAILQ_FIRST(&idle));
}

/* No call goes there any more; its death is asked for. */
static void
agents_doom(struct agent *agent, enum wire_cause cause, const char *reason)
{
	if (agent->doomed)
		return;
	agent->doomed = true;
	agent->reason = reason;
	agents_set_idle(agent, false);
	channel_kill(agent->number, agent->generation, cause);
}

void
agents_kill(struct agent *agent, enum wire_cause cause)
{
	agent->call = NULL;
	agents_doom(agent, cause, NULL);
}

/* A drained agent is free to go; any other is free for the next call. */
static void
agents_free(struct agent *agent)
{
	if (agent->draining) {
		channel_free(agent->number, agent->generation);
		return;
	}
	agents_set_idle(agent, true);
	router_idle();
}

static void
agents_on_gone(void *arg, const char *reason, int error)
{
	struct agent *agent = arg;

	peer_free(agent->link);
	agent->link = NULL;
	agents_set_idle(agent, false);
	if (agent->draining && agent->call == NULL)
		return; /* as it should */
	if (error != 0 && error != ECONNRESET)
		log_warn("%s: %s", agent->name, reason);
	/* An end of file is explained by the death that follows it. */
	agents_doom(agent, error == EPROTO ? CAUSE_PROTOCOL : CAUSE_CLOSED,
	    error == EPROTO ? reason : NULL);
}

static const enum call_end ends[OUTCOME_COUNT] = {
    [OUTCOME_SUCCESS] = END_SUCCESS,
    [OUTCOME_FAILURE] = END_FAILURE,
    [OUTCOME_INVALID] = END_INVALID,
    [OUTCOME_UNKNOWN_TOOL] = END_UNKNOWN_TOOL,
};

/* The text goes into our answers as it is, so it must be what it claims. */
static bool
agents_text_valid(const char *text, size_t len)
{
	char reason[JSON_REASON_SIZE];
	struct json_object *value;

	if (!json_parse(text, len, &value, reason))
		return (false);
	json_object_put(value);
	return (true);
}

static void
agents_on_result(void *arg, const struct frame *frame)
{
	struct agent *agent = arg;
	struct call *call = agent->call;
	const char *text = (const char *)frame->body + sizeof(struct wire_result);
	size_t len = frame->header.length - sizeof(struct wire_result);
	struct wire_result result;

	memcpy(&result, frame->body, sizeof(result));
	if (call == NULL || agent->doomed || frame->header.generation != agent->generation ||
	    memcmp(frame->header.id, call->id, sizeof(call->id)) != 0) {
		stats_late();
		peer_fail(agent->link, "answered a call that is not its own");
		return;
	}
	if (result.outcome >= OUTCOME_COUNT || !agents_text_valid(text, len)) {
		peer_fail(agent->link, "sent an answer that is not valid");
		return;
	}
	agent->call = NULL;
	agent->handled++;
	agent->last_active_ns = clock_wall_ns();
	/* The next call first: the agent works while we answer. */
	agents_free(agent);
	call_end(call, ends[result.outcome], text, len);
}

static const peer_handler handlers[WIRE_TYPES] = {
    [WIRE_RESULT] = agents_on_result,
};

void
agents_state(uint32_t number, uint32_t generation, const struct wire_agent *body)
{
	struct agent *agent = agents_get(number);

	if (agent == NULL)
		return;
	if (agent->generation != generation) {
		agent->doomed = agent->draining = false;
		agent->reason = NULL;
	}
	agent->generation = generation;
	agent->state = body->state;
	agent->pid = body->pid;
	agent->restarts = body->restarts;
}

void
agents_up(uint32_t number, uint32_t generation, const struct wire_agent *body,
    int socket_fd)
{
	struct agent *agent = agents_get(number);
	struct peer_config config = {
	    .self = WIRE_FRONTEND,
	    .other = WIRE_AGENT,
	    .handlers = handlers,
	    .gone = agents_on_gone,
	    .arg = agent,
	    .max_body = (size_t)frontend.conf->max_result_bytes +
		sizeof(struct wire_result),
	};

	if (agent != NULL) {
		agents_state(number, generation, body);
		agent->link = peer_new(frontend.base, socket_fd, &config);
	}
	if (agent == NULL || agent->link == NULL) {
		log_error("agent-%u: no memory for its link", number);
		close(socket_fd);
		channel_kill(number, generation, CAUSE_CLOSED);
		return;
	}
	agents_free(agent);
}

void
agents_drain(uint32_t number, uint32_t generation)
{
	struct agent *agent = agents_find(number);

	if (agent == NULL || agent->generation != generation)
		return;
	agent->draining = true;
	if (agent->idle) {
		agents_set_idle(agent, false);
		channel_free(number, generation);
	}
}

static void
agents_describe_death(const struct agent *agent, int wait_status,
    char text[static DEATH_SIZE])
{
	if (agent->reason != NULL)
		snprintf(text, DEATH_SIZE, "%s %s", agent->name, agent->reason);
	else if (WIFSIGNALED(wait_status))
		snprintf(text, DEATH_SIZE, "%s died of signal %d (%s)",
		    agent->name, WTERMSIG(wait_status),
		    strsignal(WTERMSIG(wait_status)));
	else
		snprintf(text, DEATH_SIZE, "%s exited with status %d",
		    agent->name, WEXITSTATUS(wait_status));
}

void
agents_gone(uint32_t number, uint32_t generation, const struct wire_gone *body)
{
	struct agent *agent = agents_find(number);
	char text[DEATH_SIZE];
	struct call *call;

	if (agent == NULL || agent->generation != generation)
		return;
	agents_describe_death(agent, body->wait_status, text);
	call = agent->call;
	agent->call = NULL;
	agent->pid = -1;
	agent->restarts = body->restarts;
	agents_set_idle(agent, false);
	peer_free(agent->link);
	agent->link = NULL;
	if (call != NULL)
		call_end(call, END_CRASHED, text, strlen(text));
}

int
agents_dispatch(struct agent *agent, struct call *call)
{
	const struct tool_info *tool = call->tool;
	struct wire_request request = {.deadline_ns = call->deadline_ns,
	    .tool_len = (uint32_t)tool->name_len};
	struct iovec parts[] = {
	    {&request, sizeof(request)},
	    {(void *)(uintptr_t)tool->name, tool->name_len},
	    {call->params, call->params_len},
	};
	struct frame_header header;

	frame_header_init(&header, WIRE_REQUEST, agent->number,
	    agent->generation, call->id,
	    sizeof(request) + tool->name_len + call->params_len);
	agents_set_idle(agent, false);
	if (peer_send(agent->link, &header, parts, 3, -1) == -1) {
		if (errno == ENOMEM)
			agents_set_idle(agent, true);
		else
			errno = EPIPE;
		return (-1);
	}
	agent->call = call;
	agent->last_active_ns = clock_wall_ns();
	call_started(call, agent);
	return (0);
}

void
agents_abandon(void)
{
	for (uint32_t i = 1; i <= last; i++)
		if (table[i] != NULL && table[i]->pid > 0)
			kill(-table[i]->pid, SIGKILL);
}

const char *
agents_name(const struct agent *agent)
{
	return (agent->name);
}

struct agent *
agents_find(uint32_t number)
{
	if (number == 0 || number > last || table[number] == NULL ||
	    (table[number]->state == AGENT_EMPTY && table[number]->link == NULL))
		return (NULL);
	return (table[number]);
}

uint32_t
agents_last(void)
{
	return (last);
}

/* Of an agent without a link, by what the master does with it. */
static const char *const state_names[AGENT_STATES] = {
    [AGENT_EMPTY] = "starting",
    [AGENT_STARTING] = "starting",
    [AGENT_READY] = "starting",
    [AGENT_DRAINING] = "draining",
    [AGENT_STOPPING] = "draining",
    [AGENT_KILLED] = "error",
    [AGENT_BACKOFF] = "error",
};

const char *
agents_state_name(const struct agent *agent)
{
	if (agent->link == NULL || agent->doomed)
		return (agent->doomed ? "error" : state_names[agent->state]);
	if (agent->draining)
		return ("draining");
	return (agent->call != NULL ? "busy" : "idle");
}

struct agents_count
agents_count(void)
{
	struct agents_count n = {0};

	for (uint32_t i = 1; i <= last; i++) {
		const struct agent *agent = agents_find(i);
		const char *name;

		if (table[i] != NULL)
			n.restarts += table[i]->restarts;
		if (agent == NULL)
			continue;
		name = agents_state_name(agent);
		n.idle += strcmp(name, "idle") == 0;
		n.busy += strcmp(name, "busy") == 0;
		n.starting += strcmp(name, "starting") == 0;
		n.draining += strcmp(name, "draining") == 0;
		n.error += strcmp(name, "error") == 0;
	}
	return (n);
}

bool
agents_serving(void)
{
	struct agents_count n = agents_count();

	return (n.idle + n.busy > 0);
}

bool
agents_hoped(void)
{
	bool failing = false;

	for (uint32_t i = 1; i <= last; i++) {
		if (table[i] == NULL || table[i]->state == AGENT_EMPTY)
			continue;
		if (table[i]->state != AGENT_BACKOFF)
			return (true);
		failing = true;
	}
	/* Where none failed to start, the master is about to start some. */
	return (!failing);
}
