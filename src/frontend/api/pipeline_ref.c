/*
 * References: objects whose only member is "$ref", a JSON Pointer into
 * {"steps": {ID: result}, "prev": result of the step before}.  That document is
 * never made: the first tokens of the pointer name a step, the rest is looked
 * up in its result.  Nothing is built: a reference is a place in the text of
 * the params, and what it finds one in the text of a result.
 */

#include "common/json.h"
#include "common/sys.h"
#include "conf/conf.h"
#include "frontend/api/pipeline.h"
#include "frontend/api/pointer.h"
#include "frontend/globals.h"

#include <json-c/json.h>

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Room for the tokens "steps" and "prev", and for an id. */
#define TOKEN_SIZE (STEP_ID_MAX + 1)

static int pipeline_ref_fail(char *why, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

static int
pipeline_ref_fail(char *why, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(why, STEP_ERROR_SIZE, fmt, ap);
	va_end(ap);
	return (-1);
}

static struct step *
pipeline_ref_step_named(struct pipeline *p, const char *id)
{
	for (size_t i = 0; i < p->count; i++)
		if (strcmp(p->steps[i].envelope.id, id) == 0)
			return (&p->steps[i]);
	return (NULL);
}

/*
 * The step that a valid pointer names, and in *rest where in its result; NULL
 * with the reason in why.
 */
static struct step *
pipeline_ref_target(
    struct step *from, const char *text, const char **rest, char *why)
{
	struct pipeline *p = from->pipeline;
	struct step *step = NULL;
	char token[TOKEN_SIZE];

	*rest = pointer_next(text, token, sizeof(token));
	if (*rest != NULL && strcmp(token, "prev") == 0) {
		if (pipeline_step_index(from) > 0)
			return (from - 1);
		pipeline_ref_fail(
		    why, "$ref %.128s: there is no step before", text);
		return (NULL);
	}
	if (*rest != NULL && strcmp(token, "steps") == 0 && **rest == '/') {
		*rest = pointer_next(*rest, token, sizeof(token));
		if (*rest != NULL)
			step = pipeline_ref_step_named(p, token);
		if (step == NULL)
			pipeline_ref_fail(
			    why, "$ref %.128s: there is no such step", text);
		return (step);
	}
	pipeline_ref_fail(
	    why, "$ref %.128s: must begin with /steps/ID or /prev", text);
	return (NULL);
}

/* A search for references in the params of a step. */
struct ref_search {
	struct step *step;
	char *why;
	int rc;
};

/* A name may be written with escapes. */
static bool
pipeline_ref_name_is(const char *name, size_t len)
{
	char quoted[32], reason[JSON_REASON_SIZE];
	struct json_object *value;
	bool same;

	if (len == 4)
		return (memcmp(name, "$ref", 4) == 0);
	if (len + 2 > sizeof(quoted) || memchr(name, '\\', len) == NULL)
		return (false);
	quoted[0] = quoted[len + 1] = '"';
	memcpy(quoted + 1, name, len);
	if (!json_parse(quoted, len + 2, &value, reason))
		return (false);
	same = json_object_get_string_len(value) == 4 &&
	       memcmp(json_object_get_string(value), "$ref", 4) == 0;
	json_object_put(value);
	return (same);
}

/* Keeps a reference; its target's place in the result is a pointer's rest. */
static int
pipeline_ref_keep(struct step *from, const struct slice *span,
    struct step *target, const char *rest, char *why)
{
	struct ref *ref;

	if (from->pipeline->refs == REFS_MAX)
		return (pipeline_ref_fail(why,
		    "a pipeline may have at most %d references", REFS_MAX));
	if ((ref = sys.malloc(sizeof(*ref) + strlen(rest) + 1)) == NULL)
		return (pipeline_ref_fail(why, "out of memory"));
	*ref = (struct ref){.at = (size_t)(span->text - from->envelope.params),
	    .len = span->len,
	    .target = target};
	strcpy(ref->pointer, rest);
	STAILQ_INSERT_TAIL(&from->refs, ref, entry);
	from->pipeline->refs++;
	pipeline_grow(from->pipeline, sizeof(*ref) + strlen(rest) + 1);
	from->pipeline->needs[pipeline_step_index(from)] |=
	    STEP_BIT(pipeline_step_index(target));
	return (0);
}

static int
pipeline_ref_note(struct step *from, const struct slice *span,
    struct json_object *pointer, char *why)
{
	const char *text = json_object_get_string(pointer), *rest;
	struct step *target;

	if (json_string(pointer) == NULL || !pointer_valid(text))
		return (pipeline_ref_fail(
		    why, "$ref %.128s: is no JSON Pointer", text));
	if ((target = pipeline_ref_target(from, text, &rest, why)) == NULL)
		return (-1);
	return (pipeline_ref_keep(from, span, target, rest, why));
}

/* A reference; what it refers by may be anything, and large. */
static int
pipeline_ref_take(struct step *step, const struct json_found *found, char *why)
{
	const struct slice span = {found->text, found->len};
	char reason[JSON_REASON_SIZE];
	struct json_object *pointer;
	int rc;

	if (found->value[0] != '"')
		return (pipeline_ref_fail(why, "$ref must be a string"));
	if (!json_parse(found->value, found->value_len, &pointer, reason))
		return (pipeline_ref_fail(why, "params: %s", reason));
	rc = pipeline_ref_note(step, &span, pointer, why);
	json_object_put(pointer);
	return (rc);
}

static bool
pipeline_ref_found(void *arg, const struct json_found *found)
{
	struct ref_search *search = arg;

	if (found->members == 1 &&
	    pipeline_ref_name_is(found->name, found->name_len))
		search->rc =
		    pipeline_ref_take(search->step, found, search->why);
	return (search->rc == 0);
}

int
pipeline_ref_find(struct step *step, char why[STEP_ERROR_SIZE])
{
	const struct envelope *e = &step->envelope;
	struct ref_search search = {.step = step, .why = why};

	step->params_size = e->params_len;
	if (memchr(e->params, '$', e->params_len) != NULL ||
	    memchr(e->params, '\\', e->params_len) != NULL)
		(void)!json_each_object(
		    e->params, e->params_len, pipeline_ref_found, &search);
	return (search.rc);
}

/* Finds what a reference refers to; *spent grows by what that cost. */
static int
pipeline_ref_look_up(
    struct step *step, struct ref *ref, size_t *spent, char *why)
{
	const struct step *target = ref->target;

	if (ref->pointer[0] != '\0')
		*spent += target->result.len;
	if (!pointer_find_text(&target->result, ref->pointer, &ref->found))
		return (pipeline_ref_fail(why,
		    "$ref %.128s: there is nothing in the result of step %s",
		    ref->pointer, target->envelope.id));
	step->params_size += ref->found.len - ref->len;
	if (step->params_size > (size_t)frontend.conf->max_body_bytes)
		return (pipeline_ref_fail(why, "its params are over max_body"));
	return (0);
}

int
pipeline_ref_resolve(
    struct step *step, size_t *spent, char why[STEP_ERROR_SIZE])
{
	struct ref *ref = step->resolved == NULL
			      ? STAILQ_FIRST(&step->refs)
			      : STAILQ_NEXT(step->resolved, entry);

	for (; ref != NULL; ref = STAILQ_NEXT(ref, entry)) {
		if (*spent >= TURN_BYTES)
			return (0);
		if (pipeline_ref_look_up(step, ref, spent, why) == -1)
			return (-1);
		step->resolved = ref;
	}
	/* It may be that the whole was a reference. */
	ref = STAILQ_FIRST(&step->refs);
	if (ref != NULL && ref->len == step->envelope.params_len &&
	    ref->found.text[0] != '{')
		return (pipeline_ref_fail(why, "its params are no object"));
	return (1);
}

char *
pipeline_ref_splice(const struct step *step)
{
	const struct envelope *e = &step->envelope;
	char *text = sys.malloc(step->params_size), *to = text;
	const struct ref *ref;
	size_t at = 0;

	if (text == NULL)
		return (NULL);
	STAILQ_FOREACH(ref, &step->refs, entry)
	{
		to = mempcpy(to, e->params + at, ref->at - at);
		to = mempcpy(to, ref->found.text, ref->found.len);
		at = ref->at + ref->len;
	}
	memcpy(to, e->params + at, e->params_len - at);
	return (text);
}

void
pipeline_ref_forget(struct step *step)
{
	struct ref *ref;

	while ((ref = STAILQ_FIRST(&step->refs)) != NULL) {
		STAILQ_REMOVE_HEAD(&step->refs, entry);
		free(ref);
	}
}
