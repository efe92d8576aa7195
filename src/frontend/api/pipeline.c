/*
 * A pipeline, from the request to its answer: reads what surrounds the steps,
 * finds what is wrong with them before the first is run, begins each when those
 * that it waits for are done, and ends all when one fails.  All of it happens
 * in one function, pipeline_pump(), which what goes on only wakes: no call is
 * submitted while another one is being ended.
 */

#include "frontend/api/pipeline.h"
#include "common/clock.h"
#include "common/sys.h"
#include "conf/conf.h"
#include "frontend/api/api.h"
#include "frontend/api/envelope.h"
#include "frontend/api/submit.h"
#include "frontend/globals.h"
#include "frontend/http/body.h"
#include "frontend/http/conn.h"
#include "frontend/http/reply.h"
#include "frontend/memory.h"
#include "frontend/problem.h"
#include "frontend/router/admit.h"
#include "frontend/router/router.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <event2/buffer.h>
#include <event2/event.h>

/* While steps wait for room that others have, it is looked again so often. */
#define LOOK_AGAIN_MS 10

enum { STEPS, TIMEOUT, MEMBERS };

static const struct body_member members[MEMBERS + 1] = {
    [STEPS] = {"steps", true},
    [TIMEOUT] = {"timeout", false},
};

static int
pipeline_check_ids(struct pipeline *p, struct refusal *refusal)
{
	for (size_t i = 0; i < p->count; i++)
		for (size_t j = i + 1; j < p->count; j++)
			if (strcmp(p->steps[i].envelope.id,
				p->steps[j].envelope.id) == 0)
				return (
				    problem_refuse(refusal, PROBLEM_BAD_REQUEST,
					"step %zu: its id is %s, as that of "
					"step %zu",
					j, p->steps[j].envelope.id, i));
	return (0);
}

static int
pipeline_read(
    struct pipeline *p, const struct slices *texts, struct refusal *refusal)
{
	size_t index;

	for (size_t i = 0; i < p->count; i++)
		if (pipeline_step_read(&p->steps[i], &texts->at[i], refusal) ==
		    -1)
			return (-1);
	if (pipeline_check_ids(p, refusal) == -1)
		return (-1);
	for (size_t i = 0; i < p->count; i++)
		if (pipeline_step_read_params(&p->steps[i], refusal) == -1)
			return (-1);
	if (pipeline_graph_has_cycle(p->needs, p->count, &index))
		return (problem_refuse(refusal, PROBLEM_BAD_REQUEST,
		    "step %s: waits for itself, through its references",
		    p->steps[index].envelope.id));
	return (0);
}

void
pipeline_grow(struct pipeline *p, size_t bytes)
{
	p->bytes += bytes;
	memory_changed((ssize_t)bytes);
}

static struct pipeline *
pipeline_alloc(size_t count)
{
	size_t size = sizeof(struct pipeline) + count * sizeof(struct step);
	struct pipeline *p = sys.malloc(size);

	if (p == NULL)
		return (NULL);
	memset(p, 0, size);
	pipeline_grow(p, size);
	if ((p->scratch = evbuffer_new()) == NULL) {
		memory_changed(-(ssize_t)p->bytes);
		free(p);
		return (NULL);
	}
	for (; p->count < count; p->count++) {
		p->steps[p->count].pipeline = p;
		STAILQ_INIT(&p->steps[p->count].refs);
	}
	return (p);
}

static void
pipeline_free(struct pipeline *p)
{
	for (size_t i = 0; i < p->count; i++) {
		struct step *step = &p->steps[i];

		envelope_free(&step->envelope);
		pipeline_ref_forget(step);
		pipeline_step_forget_answer(step);
	}
	evbuffer_free(p->scratch);
	memory_changed(-(ssize_t)p->bytes);
	free(p);
}

/*
 * Reads the steps, whose text must outlive the pipeline, and finds out which
 * waits for which.  NULL with the reason in the refusal.
 */
static struct pipeline *
pipeline_new(const struct slices *texts, struct refusal *refusal)
{
	struct pipeline *p = pipeline_alloc(texts->count);

	if (p == NULL) {
		problem_refuse(refusal, PROBLEM_NO_MEMORY, "out of memory");
	} else if (pipeline_read(p, texts, refusal) == -1) {
		pipeline_free(p);
		return (NULL);
	}
	return (p);
}

static void
pipeline_done(struct call *call, enum outcome end, const char *text, size_t len)
{
	struct step *step = call->waiter;
	struct pipeline *p = step->pipeline;

	if (!p->left) {
		pipeline_step_end(step, end, text, len);
		event_active(&p->pump, 0, 0);
	}
	step->call = NULL;
	p->running--;
}

/* Begins the call of a step, or fails; false: it has to wait. */
static bool
pipeline_step_submit(struct step *step, const struct envelope *envelope)
{
	struct pipeline *p = step->pipeline;
	uint8_t id[UUID_SIZE];
	struct submission submission = {.id = id,
	    .envelope = envelope,
	    .conn = p->conn,
	    .latest_ns = p->deadline_ns,
	    .done = pipeline_done,
	    .waiter = step};
	struct refusal refusal;

	uuid_generate(id);
	if ((step->call = submit_call(&submission, &refusal)) != NULL) {
		step->state = STEP_RUNNING;
		p->running++;
		return (true);
	}
	if (refusal.problem == PROBLEM_QUEUE_FULL)
		return (false);
	pipeline_step_refuse(step, refusal.problem, "%s", refusal.detail);
	return (true);
}

/* Puts its params together, which the call then has of its own. */
static bool
pipeline_step_splice_and_submit(struct step *step, size_t *spent)
{
	struct envelope envelope = step->envelope;
	char *text = NULL;
	bool begun;

	/* The time of the whole is a step's, if it has no other. */
	if (envelope.timeout_ns == 0)
		envelope.timeout_ns =
		    step->pipeline->deadline_ns - clock_now_ns();
	if (step->resolved != NULL) {
		if ((text = pipeline_ref_splice(step)) == NULL) {
			pipeline_step_refuse(
			    step, PROBLEM_NO_MEMORY, "out of memory");
			return (true);
		}
		envelope.params = text;
		envelope.params_len = step->params_size;
		*spent += step->params_size;
	}
	begun = pipeline_step_submit(step, &envelope);
	free(text);
	return (begun);
}

static bool
pipeline_step_is_ready(const struct step *step)
{
	const struct pipeline *p = step->pipeline;

	return (step->state == STEP_WAITING &&
		(p->needs[pipeline_step_index(step)] & ~p->done) == 0);
}

/* False: it has to wait. */
static bool
pipeline_step_begin(struct step *step, size_t *spent)
{
	char why[STEP_ERROR_SIZE];
	int rc;

	if (clock_now_ns() >= step->pipeline->deadline_ns) {
		pipeline_step_refuse(step, PROBLEM_TIMEOUT_QUEUED,
		    "the deadline passed before the step was begun");
		return (true);
	}
	if (admit_window_more(step->pipeline->running) == 0)
		return (false);
	if ((rc = pipeline_ref_resolve(step, spent, why)) == -1) {
		pipeline_step_refuse(step, PROBLEM_BAD_REQUEST, "step %s: %s",
		    step->envelope.id, why);
		return (true);
	}
	return (rc == 0 ? false : pipeline_step_splice_and_submit(step, spent));
}

/* Begins what can be, until that has cost so much that others have a turn. */
static void
pipeline_begin_ready(struct pipeline *p)
{
	struct timeval again;
	size_t spent = 0;

	for (size_t i = 0; i < p->count && p->failed == NULL; i++) {
		if (!pipeline_step_is_ready(&p->steps[i]))
			continue;
		if (spent < TURN_BYTES &&
		    pipeline_step_begin(&p->steps[i], &spent))
			continue;
		again = clock_timeval(spent >= TURN_BYTES ? 0 : LOOK_AGAIN_MS);
		event_add(&p->pump, &again);
		return;
	}
}

/*
 * Ends all calls in flight; one that ends may take others with it.  Returns
 * whether end() said of any that it has ended it.
 */
static bool
pipeline_end_calls(struct pipeline *p, bool (*end)(struct call *))
{
	bool ended = false;

	for (size_t i = 0; i < p->count; i++)
		if (p->steps[i].call != NULL && end(p->steps[i].call))
			ended = true;
	return (ended);
}

static void
pipeline_stop(struct pipeline *p)
{
	(void)pipeline_end_calls(p, router_cancel);
	for (size_t i = 0; i < p->count; i++)
		if (p->steps[i].state == STEP_WAITING)
			pipeline_step_refuse(&p->steps[i],
			    PROBLEM_CANCELLED_QUEUED,
			    "step %s failed, so this one was not begun",
			    p->failed->envelope.id);
}

static void
pipeline_end(struct pipeline *p)
{
	event_del(&p->pump);
	if (p->cancelled)
		reply_problem(
		    p->conn, PROBLEM_CANCELLED, "the pipeline was cancelled");
	else
		pipeline_answer(p);
	pipeline_free(p);
}

static bool
pipeline_is_over(const struct pipeline *p)
{
	for (size_t i = 0; i < p->count; i++)
		if (p->steps[i].state < STEP_DONE)
			return (false);
	return (true);
}

static void
pipeline_pump(evutil_socket_t fd, short what, void *arg)
{
	struct pipeline *p = arg;

	if (!p->cancelled && p->failed == NULL)
		pipeline_begin_ready(p);
	if (p->failed != NULL)
		pipeline_stop(p);
	if (p->cancelled || pipeline_is_over(p))
		pipeline_end(p);
}

static bool
pipeline_leave_call(struct call *call)
{
	struct step *step = call->waiter;

	step->call = NULL;
	router_leave(call);
	return (true);
}

static void
pipeline_left(void *arg)
{
	struct pipeline *p = arg;

	p->left = true;
	event_del(&p->pump);
	(void)pipeline_end_calls(p, pipeline_leave_call);
	pipeline_free(p);
}

static bool
pipeline_cancel(void *arg)
{
	struct pipeline *p = arg;

	p->cancelled =
	    pipeline_end_calls(p, router_cancel) || !pipeline_is_over(p);
	event_active(&p->pump, 0, 0);
	return (p->cancelled);
}

static size_t
pipeline_size(const void *arg)
{
	const struct pipeline *p = arg;
	size_t size = p->bytes;

	for (size_t i = 0; i < p->count; i++) {
		size += p->steps[i].answer_len;
		if (p->steps[i].call != NULL)
			size += p->steps[i].call->work.params_len;
	}
	return (size);
}

static const struct waiter waiter = {
    .size = pipeline_size,
    .left = pipeline_left,
    .cancel = pipeline_cancel,
};

static void
pipeline_begin(
    struct conn *conn, const struct slices *steps, int64_t timeout_ns)
{
	struct refusal refusal;
	struct pipeline *p = pipeline_new(steps, &refusal);

	if (p == NULL) {
		submit_refuse(conn, refusal.problem, "%s", refusal.detail);
		return;
	}
	p->conn = conn;
	p->deadline_ns = clock_now_ns() + timeout_ns;
	evtimer_assign(&p->pump, frontend.base, pipeline_pump, p);
	conn_wait(conn, &waiter, p);
	event_active(&p->pump, 0, 0);
}

/* The time of the whole; -1: it was refused. */
static int64_t
pipeline_timeout(struct conn *conn, const struct slice *text)
{
	struct envelope envelope;

	memset(&envelope, 0, sizeof(envelope));
	if (text->text != NULL &&
	    envelope_read_timeout(&envelope, text->text, text->len) == -1) {
		submit_refuse(conn, PROBLEM_BAD_REQUEST, "%s", envelope.error);
		return (-1);
	}
	return (envelope.timeout_ns != 0
		    ? envelope.timeout_ns
		    : frontend.conf->timeout_ms * NS_PER_MS);
}

void
pipeline_handle(struct conn *conn, const char *param)
{
	struct slice found[MEMBERS];
	struct slices steps = {0};
	struct refusal refusal;
	enum slices_outcome outcome;
	int64_t timeout_ns;

	if (body_read(conn, members, found, &refusal) == -1) {
		submit_refuse(conn, refusal.problem, "%s", refusal.detail);
		return;
	}
	if ((timeout_ns = pipeline_timeout(conn, &found[TIMEOUT])) == -1)
		return;
	outcome = body_read_array(
	    &steps, found[STEPS].text, found[STEPS].len, STEPS_MAX);
	if (outcome == SLICES_NO_MEMORY)
		submit_refuse(conn, PROBLEM_NO_MEMORY, "out of memory");
	else if (outcome != SLICES_READ || steps.count == 0)
		submit_refuse(conn, PROBLEM_BAD_REQUEST,
		    "steps must be an array of 1 to %d steps", STEPS_MAX);
	else if (submit_admits(conn, steps.count))
		pipeline_begin(conn, &steps, timeout_ns);
	free(steps.at);
}
