/*
 * The table of agents: the master says which there are and what becomes of
 * them.  agent.c, agents.c, inbox.c and link.c are one module, which is the
 * layer.
 */

#include "frontend/agents/agents.h"
#include "common/clock.h"
#include "common/log.h"
#include "frontend/agents/agent.h"
#include "frontend/agents/inbox.h"
#include "frontend/agents/link.h"
#include "frontend/master_link.h"

#include <sys/wait.h>

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* More slots than the master has. */
#define NUMBER_MAX 4096

static struct agent *table[NUMBER_MAX + 1];
static uint32_t last;

/* What a death was, for the caller who waited. */
#define DEATH_SIZE 160

void
agents_init(const struct agents_ops *ops)
{
	agent_ops = *ops;
	inbox_init();
}

static struct agent *
agents_get(uint32_t number)
{
	struct agent *agent;

	if (number == 0 || number > NUMBER_MAX)
		return (NULL);
	if (table[number] != NULL)
		return (table[number]);
	if ((agent = agent_new(number)) == NULL)
		return (NULL);
	table[number] = agent;
	if (number > last)
		last = number;
	return (agent);
}

size_t
agents_capacity(void)
{
	const struct agent *agent;
	size_t n = 0;

	TAILQ_FOREACH (agent, &agent_all, all_entry)
		n += agent->phase != PHASE_UNLINKED &&
		     agent->phase != PHASE_UNRESPONSIVE && !agent->draining;
	return (n);
}

void
agents_state(
    uint32_t number, uint32_t generation, const struct wire_agent *body)
{
	struct agent *agent = agents_get(number);

	if (agent == NULL)
		return;
	agent_report(agent, generation, body);
	agent_ops.changed();
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
	agent_offer(agent);
}

void
agents_drain(uint32_t number, uint32_t generation)
{
	struct agent *agent = agents_find(number);

	if (agent == NULL || agent->generation != generation)
		return;
	agent_withhold(agent);
	inbox_recall(agent);
	agent->draining = true;
	agent_withhold(agent);
	if (inbox_first(agent) == NULL && !agent_is_finishing(agent))
		master_link_free(number, generation);
}

/* It gets no calls until it runs on. */
void
agents_stopped(uint32_t number, uint32_t generation, bool stopped)
{
	struct agent *agent = agents_find(number);

	if (agent == NULL || agent->generation != generation ||
	    agent->link == NULL)
		return;
	agent->stopped_ns = stopped ? clock_now_ns() : 0;
	if (stopped) {
		inbox_stopped(agent);
	} else if (inbox_first(agent) == NULL && agent->phase == PHASE_BUSY &&
		   !agent->draining) {
		agent_offer(agent);
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
	struct work *work;

	if (agent == NULL || agent->generation != generation)
		return;
	link_close(agent);
	agents_describe_death(agent, body->wait_status, text);
	agent->pid = -1;
	agent->restarts = body->restarts;
	agent->recycled = body->recycled;
	inbox_recall(agent);
	while ((work = inbox_first(agent)) != NULL) {
		inbox_remove(agent, work);
		work->deaths++;
		agent_ops.died(work, text);
	}
}

bool
agents_linked(void)
{
	const struct agent *agent;

	TAILQ_FOREACH (agent, &agent_all, all_entry)
		if (agent->link != NULL)
			return (true);
	return (false);
}

void
agents_abandon(void)
{
	const struct agent *agent;

	TAILQ_FOREACH (agent, &agent_all, all_entry)
		if (agent->pid > 1)
			kill(-agent->pid, SIGKILL);
}

struct agent *
agents_find(uint32_t number)
{
	if (number == 0 || number > last || table[number] == NULL ||
	    (table[number]->reported == AGENT_EMPTY &&
		table[number]->link == NULL))
		return (NULL);
	return (table[number]);
}

uint32_t
agents_last(void)
{
	return (last);
}

struct agents_count
agents_count(void)
{
	struct agents_count n = {0};
	const struct agent *agent;

	TAILQ_FOREACH (agent, &agent_all, all_entry) {
		n.restarts += agent->restarts;
		n.recycled += agent->recycled;
		if (agents_find(agent->number) != NULL)
			n.in[agent_shown(agent)]++;
	}
	return (n);
}

bool
agents_serving(void)
{
	struct agents_count n = agents_count();

	return (n.in[SHOWN_IDLE] + n.in[SHOWN_BUSY] > 0);
}
