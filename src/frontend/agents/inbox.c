/*
 * What each agent has in hand, and how much of it.
 */

#include "frontend/agents/inbox.h"
#include "common/children.h"
#include "common/claim.h"
#include "common/clock.h"
#include "common/log.h"
#include "common/peer.h"
#include "conf/conf.h"
#include "frontend/agents/agent.h"
#include "frontend/agents/link.h"
#include "frontend/globals.h"

#include <sched.h>
#include <stdbool.h>
#include <string.h>

#include <event2/event.h>

/* An agent with so few calls in hand is given more. */
#define LOW_WATER 2

/*
 * An agent that has nothing else to do begins a call before this, or is ill;
 * and how often that is looked after.
 */
#define STUCK_MS 250
#define LOOK_MS 100

/* One that wants to run but does not get to it is not ill until then. */
#define STARVED_MS 5000

/* Calls behind one that has run for so long go elsewhere. */
#define PATIENCE_MS 2

static size_t processors;
static struct event *watch, *look;

static void inbox_watch(evutil_socket_t, short, void *);
static void inbox_look(evutil_socket_t, short, void *);

void
inbox_init(void)
{
	cpu_set_t set;

	processors = 1;
	if (sched_getaffinity(0, sizeof(set), &set) == 0)
		processors = (size_t)CPU_COUNT(&set);
	watch = evtimer_new(frontend.base, inbox_watch, NULL);
	look = evtimer_new(frontend.base, inbox_look, NULL);
	if (watch == NULL || look == NULL)
		log_fatal("out of memory");
}

size_t
inbox_processors(void)
{
	return (processors);
}

void
inbox_open(struct agent *agent)
{
	TAILQ_INIT(&agent->inbox);
	agent->inbox_count = 0;
	agent->numbered = 0;
	agent->unread_ns = 0;
	agent->claim = claim_of(agent->number, agent->generation);
}

struct work *
inbox_first(const struct agent *agent)
{
	return (TAILQ_FIRST(&agent->inbox));
}

struct agent *
inbox_choose(uint32_t epoch, bool fast)
{
	struct agent *first = TAILQ_FIRST(&agent_fast);

	if (!fast || agent_fast_count < processors ||
	    !agents_know(first, epoch))
		return (agents_idle_for(epoch));
	return (first->inbox_count <= LOW_WATER ? first : NULL);
}

size_t
inbox_share(size_t waiting)
{
	size_t share = (waiting + processors - 1) / processors;

	return (share < INBOX_BATCH ? share : INBOX_BATCH);
}

static void
inbox_later(struct event *timer, int64_t ms)
{
	struct timeval tv = clock_timeval(ms);

	if (!evtimer_pending(timer, NULL))
		evtimer_add(timer, &tv);
}

/* Moves an agent within those that run fast calls. */
static void
inbox_move(struct agent *agent, bool low)
{
	if (agent->phase != PHASE_FAST)
		return;
	TAILQ_REMOVE(&agent_fast, agent, entry);
	if (low)
		TAILQ_INSERT_HEAD(&agent_fast, agent, entry);
	else
		TAILQ_INSERT_TAIL(&agent_fast, agent, entry);
}

static void
inbox_add(struct agent *agent, struct work *work)
{
	work->agent = agent;
	work->number = ++agent->numbered;
	work->started_ns = 0;
	if (TAILQ_EMPTY(&agent->inbox)) {
		work->started_ns = clock_now_ns();
		if (work->fast && agent->phase == PHASE_BUSY)
			agent_set_phase(agent, PHASE_FAST);
	} else if (agent->inbox_count == LOW_WATER) {
		inbox_move(agent, false);
	}
	TAILQ_INSERT_TAIL(&agent->inbox, work, entry);
	agent->inbox_count++;
}

/*
 * What it did not read of what went before does not count any more if by now it
 * has read all.
 */
static void
inbox_listens(struct agent *agent)
{
	if (agent->unread_ns != 0 && !peer_has_unread(agent->link))
		agent->unread_ns = 0;
}

int
inbox_hand_over(struct agent *agent, struct work *const *works, size_t n)
{
	inbox_listens(agent);
	if (link_send(agent, works, n) == -1)
		return (-1);
	for (size_t i = 0; i < n; i++)
		inbox_add(agent, works[i]);
	inbox_later(look, LOOK_MS);
	if (agent->phase == PHASE_FAST)
		inbox_later(watch, PATIENCE_MS);
	return (0);
}

void
inbox_remove(struct agent *agent, struct work *work)
{
	struct work *first;

	TAILQ_REMOVE(&agent->inbox, work, entry);
	agent->inbox_count--;
	if ((first = TAILQ_FIRST(&agent->inbox)) == NULL) {
		agent_withhold(agent);
		return;
	}
	if (first->started_ns == 0)
		first->started_ns = clock_now_ns();
	if (agent->inbox_count == LOW_WATER)
		inbox_move(agent, true);
}

struct agent *
inbox_withdraw(struct work *work)
{
	struct agent *agent = work->agent;

	inbox_remove(agent, work);
	memcpy(agent->ended_id, work->id, sizeof(agent->ended_id));
	return (agent);
}

/* Whether it has not read for so long what it was handed. */
static bool
inbox_is_late(const struct agent *agent, int64_t limit_ms)
{
	return (agent->unread_ns != 0 &&
		clock_now_ns() - agent->unread_ns > limit_ms * NS_PER_MS);
}

/*
 * Whether it waits for a processor, or for memory.  Where that cannot be seen
 * it gets the benefit of the doubt: of one that is stopped the master tells us.
 */
static bool
inbox_is_starved(const struct agent *agent)
{
	char state;

	if (agent->pid <= 1)
		return (false);
	state = children_known() ? children_state(agent->pid) : 0;
	return (state == 0 || state == 'R' || state == 'D');
}

/* What becomes of an agent that is late. */
static void
inbox_weigh(struct agent *agent)
{
	if (!inbox_is_late(agent, STARVED_MS) && inbox_is_starved(agent))
		agent_withhold(agent); /* until it reads on */
	else
		agent_stop(agent, CAUSE_UNRESPONSIVE, 0);
}

/*
 * The agent did not begin what it was handed at that time, and perhaps not what
 * it was handed and that was taken back before.
 */
static void
inbox_judge(struct agent *agent, int64_t handed_ns)
{
	if (agent->unread_ns == 0)
		agent->unread_ns = handed_ns;
	if (inbox_is_late(agent, STUCK_MS))
		inbox_weigh(agent);
	else
		agent_offer_last(agent);
}

void
inbox_recall(struct agent *agent)
{
	struct work *work, *before;
	uint32_t begun;
	int64_t first_ns;

	if (TAILQ_EMPTY(&agent->inbox))
		return;
	begun = claim_recall(agent->claim, agent->numbered);
	if (agent->link != NULL)
		peer_finish(agent->link);
	work = TAILQ_LAST(&agent->inbox, work_list);
	while (work != NULL && claim_after(work->number, begun)) {
		before = TAILQ_PREV(work, work_list, entry);
		first_ns = work->started_ns;
		/* Not for ever, when its agents die before they begin it. */
		if (agent->link != NULL ||
		    ++work->deaths < frontend.conf->max_deaths) {
			inbox_remove(agent, work);
			work_reset(work);
			agent_ops.requeue(work);
			if (before == NULL)
				inbox_judge(agent, first_ns);
		}
		work = before;
	}
}

/* A fast call that takes long is none. */
static void
inbox_watch(evutil_socket_t fd, short what, void *arg)
{
	int64_t limit = clock_now_ns() - PATIENCE_MS * NS_PER_MS;
	struct agent *agent, *next;

	for (agent = TAILQ_FIRST(&agent_fast); agent != NULL; agent = next) {
		next = TAILQ_NEXT(agent, entry);
		if (inbox_first(agent)->started_ns > limit)
			continue;
		agent_withhold(agent);
		inbox_recall(agent);
	}
	if (agent_fast_count > 0)
		inbox_later(watch, PATIENCE_MS);
	agent_ops.idle();
}

bool
inbox_runs(const struct work *work)
{
	return (work->agent != NULL &&
		!claim_after(work->number, claim_begun(work->agent->claim)));
}

/* Looks at one that may be stuck.  Returns whether to look again. */
static bool
inbox_look_at(struct agent *agent)
{
	int64_t limit_ns = clock_now_ns() - STUCK_MS * NS_PER_MS;
	const struct work *first = inbox_first(agent);
	bool late;

	if (first != NULL && !inbox_runs(first) && first->started_ns < limit_ns)
		inbox_recall(agent);
	if (inbox_first(agent) != NULL)
		return (true);
	if (agent->phase == PHASE_UNLINKED ||
	    agent->phase == PHASE_UNRESPONSIVE)
		return (false);
	if (agent->stopped_ns != 0 && agent->stopped_ns < limit_ns &&
	    !agent_is_finishing(agent))
		agent_kill(agent, CAUSE_STOPPED, NULL);
	/* It may not have read what was recalled. */
	late = inbox_is_late(agent, STUCK_MS);
	inbox_listens(agent);
	if (late && agent->unread_ns != 0)
		inbox_weigh(agent);
	else if (late && agent->phase == PHASE_BUSY)
		agent_offer(agent);
	return (agent->unread_ns != 0 || agent->stopped_ns != 0);
}

void
inbox_stopped(struct agent *agent)
{
	agent_withhold(agent);
	inbox_recall(agent);
	inbox_later(look, LOOK_MS);
}

/* Calls do not wait for their deadlines because an agent is stopped. */
static void
inbox_look(evutil_socket_t fd, short what, void *arg)
{
	struct agent *agent;
	bool more = false;

	TAILQ_FOREACH (agent, &agent_all, all_entry)
		if (inbox_look_at(agent))
			more = true;
	if (more)
		inbox_later(look, LOOK_MS);
}
