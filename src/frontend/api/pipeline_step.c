/*
 * A step of a pipeline: how it is read, how it ended, and its answer; and the
 * answer to the whole, which is made of theirs.
 */

#include "common/sys.h"
#include "common/utf8.h"
#include "frontend/api/answer.h"
#include "frontend/api/pipeline.h"
#include "frontend/http/conn.h"
#include "frontend/http/reply.h"
#include "frontend/memory.h"
#include "frontend/problem.h"
#include "frontend/router/catalogue.h"
#include "frontend/router/stats.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <event2/buffer.h>

#define FIRST_SIZE (STEP_ID_MAX + 16)

static const char too_large[] =
    "\"the result is over 1 MiB, the most that a step may give\"";

static void
pipeline_step_first(const struct step *step, char first[static FIRST_SIZE])
{
	snprintf(first, FIRST_SIZE, "\"id\":\"%s\",", step->envelope.id);
}

static void
pipeline_step_set_failed(struct step *step)
{
	step->state = STEP_FAILED;
	if (step->pipeline->failed == NULL)
		step->pipeline->failed = step;
}

static void
pipeline_step_answer_free(const void *answer, size_t len, void *arg)
{
	memory_changed(-(ssize_t)len);
	free((void *)(uintptr_t)answer);
}

int
pipeline_step_read(
    struct step *step, const struct slice *text, struct refusal *refusal)
{
	struct envelope *e = &step->envelope;
	size_t index = pipeline_step_index(step);
	int rc = -1;

	if (text->text[0] == '{')
		rc = envelope_read_step(e, text->text, text->len);
	else
		strlcpy(
		    e->error, "a step must be a JSON object", sizeof(e->error));
	if (rc == -1)
		return (problem_refuse(refusal, PROBLEM_BAD_REQUEST,
		    "step %zu: %s", index, e->error));
	if (e->id[0] == '\0')
		snprintf(e->id, sizeof(e->id), "%zu", index);
	if (catalogue_find(e->tool) == NULL)
		return (problem_refuse(refusal, PROBLEM_UNKNOWN_TOOL,
		    "step %s: there is no tool %.64s", e->id, e->tool));
	return (0);
}

int
pipeline_step_read_params(struct step *step, struct refusal *refusal)
{
	char why[STEP_ERROR_SIZE];

	if (pipeline_ref_find(step, why) == 0)
		return (0);
	return (problem_refuse(refusal, PROBLEM_BAD_REQUEST, "step %s: %s",
	    step->envelope.id, why));
}

void
pipeline_step_forget_answer(struct step *step)
{
	if (step->answer != NULL)
		pipeline_step_answer_free(step->answer, step->answer_len, NULL);
	step->answer = NULL;
	step->answer_len = 0;
}

/*
 * Keeps what was written: without the room to grow that a buffer has, which
 * may be as large again.  False: no memory.
 */
static bool
pipeline_step_set_answer(struct step *step)
{
	struct evbuffer *scratch = step->pipeline->scratch;
	size_t len = evbuffer_get_length(scratch);

	pipeline_step_forget_answer(step);
	if (len > 0 && (step->answer = sys.malloc(len)) != NULL) {
		evbuffer_remove(scratch, step->answer, len);
		step->answer_len = len;
		memory_changed((ssize_t)len);
	}
	evbuffer_drain(scratch, evbuffer_get_length(scratch));
	return (step->answer != NULL);
}

/* Without memory there is none, and the whole fails. */
static void
pipeline_step_report(
    struct step *step, const char *id_text, const struct report *report)
{
	struct evbuffer *scratch = step->pipeline->scratch;
	char first[FIRST_SIZE];

	pipeline_step_first(step, first);
	pipeline_step_forget_answer(step);
	evbuffer_drain(scratch, evbuffer_get_length(scratch));
	if (reply_write_report(scratch, first, id_text, report) == 0)
		(void)pipeline_step_set_answer(step);
	pipeline_step_set_failed(step);
}

void
pipeline_step_refuse(
    struct step *step, enum problem problem, const char *fmt, ...)
{
	char words[STEP_ERROR_SIZE + STEP_ID_MAX + 16];
	char id_text[UUID_TEXT_SIZE];
	uint8_t id[UUID_SIZE];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(words, sizeof(words), fmt, ap);
	va_end(ap);
	utf8_clean(words);
	stats_rejected();
	uuid_generate(id);
	uuid_format(id, id_text);
	pipeline_step_report(step, id_text,
	    &(struct report){.problem = problem, .words = words});
}

/* Finds the result in the answer. */
static bool
pipeline_step_find_result(struct step *step, size_t len)
{
	static const char name[] = "\"result\":";
	const char *at =
	    memmem(step->answer, step->answer_len, name, sizeof(name) - 1);

	/* What stands before it has no quotes of others. */
	if (at == NULL)
		return (false);
	step->result = (struct slice){at + sizeof(name) - 1, len};
	return (true);
}

void
pipeline_step_end(
    struct step *step, enum outcome end, const char *text, size_t len)
{
	char first[FIRST_SIZE];

	if (end == OUTCOME_SUCCESS && len > STEP_RESULT_MAX) {
		end = OUTCOME_FAILURE;
		text = too_large;
		len = sizeof(too_large) - 1;
	}
	pipeline_step_first(step, first);
	if (answer_write(step->pipeline->scratch, first, step->call, end, text,
		len) == -1 ||
	    !pipeline_step_set_answer(step) ||
	    (end == OUTCOME_SUCCESS && !pipeline_step_find_result(step, len))) {
		pipeline_step_report(step, step->call->id_text,
		    &(struct report){.problem = PROBLEM_NO_MEMORY_RAN,
			.words = "out of memory"});
	} else if (end == OUTCOME_SUCCESS) {
		step->state = STEP_DONE;
		step->pipeline->done |= STEP_BIT(pipeline_step_index(step));
	} else {
		pipeline_step_set_failed(step);
	}
}

/* It is the buffer's then. */
static bool
pipeline_step_send_answer(struct step *step, struct evbuffer *body)
{
	if (step->answer == NULL ||
	    evbuffer_add_reference(body, step->answer, step->answer_len,
		pipeline_step_answer_free, NULL) == -1)
		return (false);
	step->answer = NULL;
	return (true);
}

/*
 * evbuffer_add() would take room for as much again as the answer before has,
 * for each comma.
 */
static bool
pipeline_add_steps(struct pipeline *p, struct evbuffer *body)
{
	bool good = evbuffer_add_printf(body, ",\"steps\":[") != -1;

	for (size_t i = 0; i < p->count && good; i++)
		good = (i == 0 || evbuffer_add_printf(body, ",") != -1) &&
		       pipeline_step_send_answer(&p->steps[i], body);
	return (good && evbuffer_add_printf(body, "]") != -1);
}

/* The result stands in the answer of its step, which is moved. */
static bool
pipeline_write(struct pipeline *p, struct evbuffer *body)
{
	const struct slice *result = &p->steps[p->count - 1].result;

	return (
	    evbuffer_add_printf(body, "{\"request_id\":\"%s\",\"success\":%s",
		p->conn->id_text, p->failed == NULL ? "true" : "false") != -1 &&
	    (p->failed != NULL ||
		(evbuffer_add_printf(body, ",\"result\":") != -1 &&
		    evbuffer_add(body, result->text, result->len) == 0)) &&
	    pipeline_add_steps(p, body) &&
	    (p->failed == NULL ||
		evbuffer_add_printf(body, ",\"failed_step\":\"%s\"",
		    p->failed->envelope.id) != -1) &&
	    evbuffer_add_printf(body, "}\n") != -1);
}

void
pipeline_answer(struct pipeline *p)
{
	/* A part of it must not go out as if it were the whole. */
	if (pipeline_write(p, reply_body(p->conn)))
		reply_send(p->conn, 200);
	else
		reply_problem(p->conn, PROBLEM_NO_MEMORY_RAN, "out of memory");
}
