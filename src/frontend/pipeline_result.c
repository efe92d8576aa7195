/*
 * What became of the steps of a pipeline, and the answer that is made of it.
 */

#include "common/sys.h"
#include "common/utf8.h"
#include "frontend/answer.h"
#include "frontend/conn.h"
#include "frontend/pipeline_impl.h"
#include "frontend/stats.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <event2/buffer.h>

#define FIRST_SIZE (STEP_ID_MAX + 16)

static const char too_large[] =
    "\"the result is over 1 MiB, the most that a step may give\"";

static void
step_first(const struct step *step, char first[static FIRST_SIZE])
{
	snprintf(first, FIRST_SIZE, "\"id\":\"%s\",", step->envelope.id);
}

static void
step_set_failed(struct step *step)
{
	step->state = STEP_FAILED;
	if (step->pipeline->failed == NULL)
		step->pipeline->failed = step;
}

static void
step_report(struct step *step, const char *id_text, const struct report *report)
{
	char first[FIRST_SIZE];

	step_first(step, first);
	evbuffer_drain(step->answer, evbuffer_get_length(step->answer));
	reply_write_report(step->answer, first, id_text, report);
	step_set_failed(step);
}

void
step_refuse(struct step *step, enum problem problem, const char *fmt, ...)
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
	step_report(step, id_text,
	    &(struct report){.problem = problem, .words = words});
}

/* Whether another step, or the answer, is made of its result. */
static bool
step_is_needed(const struct step *step)
{
	const struct pipeline *p = step->pipeline;
	uint64_t bit = STEP_BIT(step_index(step));

	for (size_t i = 0; i < p->count; i++)
		if (p->needs[i] & bit)
			return (true);
	return (step_index(step) == p->count - 1);
}

static bool
step_keep(struct step *step, const char *text, size_t len)
{
	if (!step_is_needed(step))
		return (true);
	if ((step->result = sys.malloc(len)) == NULL)
		return (false);
	memcpy(step->result, text, len);
	step->result_len = len;
	return (true);
}

void
step_end(struct step *step, enum call_end end, const char *text, size_t len)
{
	char first[FIRST_SIZE];

	if (end == END_SUCCESS && len > STEP_RESULT_MAX) {
		end = END_FAILURE;
		text = too_large;
		len = sizeof(too_large) - 1;
	}
	step_first(step, first);
	if ((end == END_SUCCESS && !step_keep(step, text, len)) ||
	    answer_write(step->answer, first, step->call, end, text, len) ==
		-1) {
		step_report(step, step->call->id_text,
		    &(struct report){.problem = PROBLEM_NO_MEMORY_RAN,
			.words = "out of memory"});
	} else if (end == END_SUCCESS) {
		step->state = STEP_DONE;
		step->pipeline->done |= STEP_BIT(step_index(step));
	} else {
		step_set_failed(step);
	}
}

static void
pipeline_add_steps(struct pipeline *p, struct evbuffer *body)
{
	evbuffer_add_printf(body, ",\"steps\":[");
	for (size_t i = 0; i < p->count; i++) {
		if (i > 0)
			evbuffer_add(body, ",", 1);
		evbuffer_add_buffer(body, p->steps[i].answer);
	}
	evbuffer_add(body, "]", 1);
}

void
pipeline_answer(struct pipeline *p)
{
	const struct step *last = &p->steps[p->count - 1];
	struct evbuffer *body = reply_body(p->conn);

	evbuffer_add_printf(body, "{\"request_id\":\"%s\",\"success\":%s",
	    p->conn->id_text, p->failed == NULL ? "true" : "false");
	if (p->failed == NULL) {
		evbuffer_add_printf(body, ",\"result\":");
		evbuffer_add(body, last->result, last->result_len);
	}
	pipeline_add_steps(p, body);
	if (p->failed != NULL)
		evbuffer_add_printf(
		    body, ",\"failed_step\":\"%s\"", p->failed->envelope.id);
	evbuffer_add(body, "}\n", 2);
	reply_send(p->conn, 200);
}
