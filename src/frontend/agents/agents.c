/*
 * The table of agents.  The master says which there are and what becomes of
 * them; link.c exchanges calls and answers with each.
 */

#include "frontend/agents/agents.h"
#include "common/clock.h"
#include "common/log.h"
#include "common/sys.h"
#include "frontend/agents/inbox.h"
#include "frontend/agents/link.h"
#include "frontend/master_link.h"
#include "frontend/router/autoscale.h"
#include "frontend/router/call.h"
#include "frontend/router/catalogue.h"
#include "frontend/router/retry.h"
#include "frontend/router/router.h"

#include <sys/wait.h>

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* More slots than the master has. */
#define NUMBER_MAX 4096

static struct agent *table[NUMBER_MAX + 1];
static uint32_t last;
static TAILQ_HEAD(idle_list, agent) idle = TAILQ_HEAD_INITIALIZER(idle);
static size_t idle_count;

/* What a death was, for the caller who waited. */
#define DEATH_SIZE 160

/* A call waits for agents that fail to start, but not for longer than this. */
#define HOPE_NS NS_PER_SEC

static int64_t failing_since_ns; /* none is ready, some back off; or 0 */

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
	TAILQ_INIT(&agent->inbox);
	snprintf(agent->name, sizeof(agent->name), "agent-%u", number);
	table[number] = agent;
	if (number > last)
		last = number;
	return (agent);
}

void
agents_set_idle(struct agent *agent, bool now_idle)
{
	if (agent->idle == now_idle)
		return;
	agent->idle = now_idle;
	if (now_idle) {
		agent->idle_since_ns = clock_now_ns();
		TAILQ_INSERT_HEAD(&idle, agent, idle_entry);
		idle_count++;
	} else {
		TAILQ_REMOVE(&idle, agent, idle_entry);
		idle_count--;
	}
}

size_t
agents_idle_count(void)
{
	return (idle_count);
}

size_t
agents_capacity(void)
{
	size_t n = 0;

	for (uint32_t i = 1; i <= last; i++)
		n += table[i] != NULL && table[i]->link != NULL &&
		     !table[i]->doomed && !table[i]->draining;
	return (n);
}

struct agent *
agents_idle(void)
{
	return (TAILQ_FIRST(&idle));
}

struct agent *
agents_idle_longest(void)
{
	return (TAILQ_LAST(&idle, idle_list));
}

bool
agents_know(const struct agent *agent, const struct tool_info *tool)
{
	return ((int32_t)(agent->epoch - tool->since) >= 0);
}

struct agent *
agents_idle_for(const struct tool_info *tool)
{
	struct agent *agent;

	TAILQ_FOREACH (agent, &idle, idle_entry)
		if (agents_know(agent, tool))
			return (agent);
	return (NULL);
}

void
agents_free(struct agent *agent)
{
	if (agent->draining) {
		master_link_free(agent->number, agent->generation);
		return;
	}
	if (agent->stopped_ns != 0)
		return; /* until it runs on */
	agents_set_idle(agent, true);
	router_idle();
}

void
agents_rest(struct agent *agent)
{
	if (agent->link == NULL || agent->doomed || agent->idle)
		return;
	agents_free(agent);
	if (!agent->idle)
		return;
	TAILQ_REMOVE(&idle, agent, idle_entry);
	TAILQ_INSERT_TAIL(&idle, agent, idle_entry);
}

/* What a change of state means for the whole. */
static void
agents_judge(void)
{
	bool failing = false;

	for (uint32_t i = 1; i <= last; i++) {
		if (table[i] == NULL)
			continue;
		if (table[i]->state == AGENT_READY) {
			failing_since_ns = 0;
			return;
		}
		failing = failing || table[i]->state == AGENT_BACKOFF;
	}
	if (failing && failing_since_ns == 0)
		failing_since_ns = clock_now_ns();
}

void
agents_state(
    uint32_t number, uint32_t generation, const struct wire_agent *body)
{
	struct agent *agent = agents_get(number);

	if (agent == NULL)
		return;
	if (agent->generation != generation) {
		agent->doomed = agent->draining = false;
		agent->stopped_ns = 0;
		agent->reason = NULL;
	}
	agent->generation = generation;
	agent->state = body->state;
	agent->pid = body->pid;
	agent->restarts = body->restarts;
	agent->recycled = body->recycled;
	agent->epoch = body->epoch;
	agents_judge();
	autoscale_look();
}

void
agents_up(uint32_t number, uint32_t generation, const struct wire_agent *body,
    int socket_fd)
{
	struct agent *agent = agents_get(number);

	agents_state(number, generation, body);
	if (agent == NULL || link_open(agent, socket_fd) == -1) {
		log_error("agent-%u: no memory for its link", number);
		close(socket_fd);
		master_link_kill(number, generation, CAUSE_CLOSED);
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
	inbox_shut(agent);
	inbox_recall(agent);
	agent->draining = true;
	agents_set_idle(agent, false);
	if (inbox_first(agent) == NULL && !agent->finishing)
		master_link_free(number, generation);
}

/* It gets no calls meanwhile; what comes of it is inbox.c's to say. */
void
agents_stopped(uint32_t number, uint32_t generation, bool stopped)
{
	struct agent *agent = agents_find(number);

	if (agent == NULL || agent->generation != generation ||
	    agent->link == NULL)
		return;
	agent->stopped_ns = stopped ? clock_now_ns() : 0;
	if (stopped) {
		agents_set_idle(agent, false);
		inbox_stopped(agent);
	} else if (inbox_first(agent) == NULL && !agent->finishing &&
		   !agent->doomed && !agent->draining) {
		agents_free(agent);
	}
}

static void
agents_describe_death(
    const struct agent *agent, int wait_status, char text[static DEATH_SIZE])
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
	link_close(agent);
	agents_describe_death(agent, body->wait_status, text);
	agent->pid = -1;
	agent->restarts = body->restarts;
	agent->recycled = body->recycled;
	inbox_recall(agent);
	while ((call = inbox_first(agent)) != NULL) {
		inbox_remove(agent, call);
		retry_end(call, OUTCOME_CRASHED, text, strlen(text));
	}
}

bool
agents_linked(void)
{
	for (uint32_t i = 1; i <= last; i++)
		if (table[i] != NULL && table[i]->link != NULL)
			return (true);
	return (false);
}

void
agents_abandon(void)
{
	for (uint32_t i = 1; i <= last; i++)
		if (table[i] != NULL && table[i]->pid > 1)
			kill(-table[i]->pid, SIGKILL);
}

struct agent *
agents_find(uint32_t number)
{
	if (number == 0 || number > last || table[number] == NULL ||
	    (table[number]->state == AGENT_EMPTY &&
		table[number]->link == NULL))
		return (NULL);
	return (table[number]);
}

uint32_t
agents_last(void)
{
	return (last);
}

static const char *const shown_names[SHOWN_STATES] = {
    [SHOWN_IDLE] = "idle",
    [SHOWN_BUSY] = "busy",
    [SHOWN_STARTING] = "starting",
    [SHOWN_DRAINING] = "draining",
    [SHOWN_ERROR] = "error",
};

/* Of an agent without a link, by what the master does with it. */
static const enum agents_shown unlinked[AGENT_STATES] = {
    [AGENT_EMPTY] = SHOWN_STARTING,
    [AGENT_STARTING] = SHOWN_STARTING,
    [AGENT_READY] = SHOWN_STARTING,
    [AGENT_DRAINING] = SHOWN_DRAINING,
    [AGENT_STOPPING] = SHOWN_DRAINING,
    [AGENT_KILLED] = SHOWN_ERROR,
    [AGENT_BACKOFF] = SHOWN_ERROR,
};

static enum agents_shown
agents_show(const struct agent *agent)
{
	if (agent->doomed)
		return (SHOWN_ERROR);
	if (agent->stopped_ns != 0 && inbox_first(agent) == NULL &&
	    !agent->finishing)
		return (SHOWN_ERROR);
	if (agent->link == NULL)
		return (unlinked[agent->state]);
	if (agent->draining)
		return (SHOWN_DRAINING);
	return (agent->idle ? SHOWN_IDLE : SHOWN_BUSY);
}

const char *
agents_state_name(const struct agent *agent)
{
	return (shown_names[agents_show(agent)]);
}

struct agents_count
agents_count(void)
{
	struct agents_count n = {0};

	for (uint32_t i = 1; i <= last; i++) {
		const struct agent *agent = agents_find(i);

		if (table[i] != NULL) {
			n.restarts += table[i]->restarts;
			n.recycled += table[i]->recycled;
		}
		if (agent != NULL)
			n.in[agents_show(agent)]++;
	}
	return (n);
}

bool
agents_serving(void)
{
	struct agents_count n = agents_count();

	return (n.in[SHOWN_IDLE] + n.in[SHOWN_BUSY] > 0);
}

bool
agents_hopeless(void)
{
	return (failing_since_ns != 0 &&
		clock_now_ns() - failing_since_ns > HOPE_NS);
}
