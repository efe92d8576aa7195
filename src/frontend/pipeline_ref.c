/*
 * References: objects whose only member is "$ref", a JSON Pointer into
 * {"steps": {ID: result}, "prev": result of the step before}.  That document is
 * never made: the first tokens of the pointer name a step, the rest is looked
 * up in its result.
 */

#include "common/conf.h"
#include "common/json.h"
#include "frontend/frontend.h"
#include "frontend/pipeline_impl.h"
#include "frontend/pointer.h"

#include <json-c/json.h>

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* Room for the tokens "steps" and "prev", and for an id. */
#define TOKEN_SIZE (STEP_ID_MAX + 1)

static int ref_fail(char *why, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

static int
ref_fail(char *why, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(why, STEP_ERROR_SIZE, fmt, ap);
	va_end(ap);
	return (-1);
}

/* Whether a value is a reference; the value of its $ref goes to *pointer. */
static bool
ref_is(struct json_object *value, struct json_object **pointer)
{
	return (json_object_is_type(value, json_type_object) &&
		json_object_object_length(value) == 1 &&
		json_object_object_get_ex(value, "$ref", pointer));
}

static struct step *
ref_step_named(struct pipeline *p, const char *id)
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
ref_target(struct step *from, const char *text, const char **rest, char *why)
{
	struct pipeline *p = from->pipeline;
	struct step *step = NULL;
	char token[TOKEN_SIZE];

	*rest = pointer_next(text, token, sizeof(token));
	if (*rest != NULL && strcmp(token, "prev") == 0) {
		if (step_index(from) > 0)
			return (from - 1);
		ref_fail(why, "$ref %.128s: there is no step before", text);
		return (NULL);
	}
	if (*rest != NULL && strcmp(token, "steps") == 0 && **rest == '/') {
		*rest = pointer_next(*rest, token, sizeof(token));
		if (*rest != NULL)
			step = ref_step_named(p, token);
		if (step == NULL)
			ref_fail(
			    why, "$ref %.128s: there is no such step", text);
		return (step);
	}
	ref_fail(why, "$ref %.128s: must begin with /steps/ID or /prev", text);
	return (NULL);
}

static int
ref_note(struct step *from, struct json_object *pointer, char *why)
{
	const char *text = json_object_get_string(pointer), *rest;
	struct step *target;

	if (!json_object_is_type(pointer, json_type_string))
		return (ref_fail(why, "$ref must be a string"));
	if (json_string(pointer) == NULL || !pointer_valid(text))
		return (ref_fail(why, "$ref %.128s: is no JSON Pointer", text));
	if ((target = ref_target(from, text, &rest, why)) == NULL)
		return (-1);
	from->pipeline->needs[step_index(from)] |= STEP_BIT(step_index(target));
	return (0);
}

int
step_find_references(
    struct step *step, struct json_object *value, char why[STEP_ERROR_SIZE])
{
	struct json_object *pointer;

	if (ref_is(value, &pointer))
		return (ref_note(step, pointer, why));
	if (json_object_is_type(value, json_type_object)) {
		json_object_object_foreach (value, name, member) {
			(void)name;
			if (step_find_references(step, member, why) == -1)
				return (-1);
		}
	} else if (json_object_is_type(value, json_type_array)) {
		for (size_t i = 0; i < json_object_array_length(value); i++)
			if (step_find_references(step,
				json_object_array_get_idx(value, i), why) == -1)
				return (-1);
	}
	return (0);
}

/* Builds the result of a step when it is first referred to. */
static int
ref_build(struct step *step, char *why)
{
	char reason[JSON_REASON_SIZE];

	if (step->built)
		return (0);
	if (!json_parse(step->result, step->result_len, &step->value, reason))
		return (ref_fail(why, "the result of step %s: %s",
		    step->envelope.id, reason));
	step->built = true;
	return (0);
}

/* What a reference finds goes to *found; *size grows by its text. */
static int
ref_look_up(struct step *from, struct json_object *pointer,
    struct json_object **found, size_t *size, char *why)
{
	const char *text = json_object_get_string(pointer), *rest;
	struct step *target = ref_target(from, text, &rest, why);
	size_t len;

	if (target == NULL || ref_build(target, why) == -1)
		return (-1);
	if (!pointer_find(target->value, rest, found))
		return (ref_fail(why,
		    "$ref %.128s: there is nothing in the result of step %s",
		    text, target->envelope.id));
	if (json_text(*found, &len) == NULL)
		return (ref_fail(why, "out of memory"));
	*size += len;
	if (*size > (size_t)frontend.conf->max_body_bytes)
		return (ref_fail(why, "its params are over max_body"));
	return (0);
}

static int ref_replace(
    struct step *, struct json_object *value, size_t *size, char *why);

/*
 * What belongs in the place of this value goes to *other, which the caller
 * then owns; or it is changed within, and *changed is false.
 */
static int
ref_resolve(struct step *step, struct json_object *value,
    struct json_object **other, bool *changed, size_t *size, char *why)
{
	struct json_object *pointer;

	*changed = ref_is(value, &pointer);
	if (!*changed)
		return (ref_replace(step, value, size, why));
	if (ref_look_up(step, pointer, other, size, why) == -1)
		return (-1);
	json_object_get(*other);
	return (0);
}

static int
ref_replace_members(
    struct step *step, struct json_object *object, size_t *size, char *why)
{
	struct json_object *other;
	bool changed;

	json_object_object_foreach (object, name, member) {
		if (ref_resolve(step, member, &other, &changed, size, why) ==
		    -1)
			return (-1);
		/* It is there, so that nothing is allocated. */
		if (changed)
			json_object_object_add(object, name, other);
	}
	return (0);
}

static int
ref_replace_elements(
    struct step *step, struct json_object *array, size_t *size, char *why)
{
	struct json_object *other;
	bool changed;

	for (size_t i = 0; i < json_object_array_length(array); i++) {
		if (ref_resolve(step, json_object_array_get_idx(array, i),
			&other, &changed, size, why) == -1)
			return (-1);
		if (changed)
			json_object_array_put_idx(array, i, other);
	}
	return (0);
}

/* Within a value that is no reference itself. */
static int
ref_replace(
    struct step *step, struct json_object *value, size_t *size, char *why)
{
	if (json_object_is_type(value, json_type_object))
		return (ref_replace_members(step, value, size, why));
	if (json_object_is_type(value, json_type_array))
		return (ref_replace_elements(step, value, size, why));
	return (0);
}

int
step_resolve(struct step *step, char why[STEP_ERROR_SIZE])
{
	struct envelope *e = &step->envelope;
	size_t size = e->params_len;
	struct json_object *other;
	bool changed;

	/* Only once: what looks like a reference in a result is none. */
	if (step->params == NULL || step->resolved)
		return (0);
	if (ref_resolve(step, step->params, &other, &changed, &size, why) == -1)
		return (-1);
	if (changed) {
		json_object_put(step->params);
		step->params = other;
	}
	if (!json_object_is_type(step->params, json_type_object))
		return (ref_fail(why, "its params are no object"));
	if ((e->params = json_text(step->params, &e->params_len)) == NULL)
		return (ref_fail(why, "out of memory"));
	step->resolved = true;
	return (0);
}
