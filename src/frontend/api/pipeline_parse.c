/*
 * Reads the steps of a pipeline: all that can be wrong with them is found here,
 * before the first is run.
 */

#include "common/sys.h"
#include "frontend/api/pipeline_impl.h"
#include "frontend/globals.h"
#include "frontend/memory.h"
#include "frontend/problem.h"
#include "frontend/router/catalogue.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <event2/buffer.h>
#include <event2/event.h>

/* One without an id is called by its number. */
static int
pipeline_step_read(
    struct step *step, const struct slice *text, struct refusal *refusal)
{
	struct envelope *e = &step->envelope;
	size_t index = step_index(step);
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
pipeline_step_read_params(struct step *step, struct refusal *refusal)
{
	char why[STEP_ERROR_SIZE];

	if (step_find_references(step, why) == 0)
		return (0);
	return (problem_refuse(refusal, PROBLEM_BAD_REQUEST, "step %s: %s",
	    step->envelope.id, why));
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
	if (graph_has_cycle(p->needs, p->count, &index))
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

struct pipeline *
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

void
pipeline_free(struct pipeline *p)
{
	for (size_t i = 0; i < p->count; i++) {
		struct step *step = &p->steps[i];

		envelope_free(&step->envelope);
		step_forget_references(step);
		step_forget_answer(step);
	}
	evbuffer_free(p->scratch);
	memory_changed(-(ssize_t)p->bytes);
	free(p);
}
