/*
 * The judge of the randomised test: an answer must be that of its request,
 * well-formed, and of a status that such a request may get.  Each call in it
 * is booked: accepted, refused, or not known.
 */

#include "random.h"

#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Outcomes of calls that were accepted, and refusals that any may meet. */
static const int accepted[] = {200, 409, 502, 504};
static const int refused[] = {429, 503};

static bool
among(int status, const int *list, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (list[i] == status)
			return (true);
	return (false);
}

static void
check_failed(const struct random_caller *caller, const struct reply *reply)
{
	fail_msg("to %s %s\n%s%s", caller->id, caller->body, reply->head,
	    reply->body);
}

/*
 * A call that was tried is never refused.  One whose time passed, or that was
 * cancelled, before it was begun may have been in the queue, or was not even
 * accepted.
 */
static void
book(struct random *r, int status, bool success, const char *outcome)
{
	bool not_started = strcmp(outcome, "not_started") == 0;

	if ((status == 503 && !not_started) ||
	    (not_started && (status == 504 || status == 409)))
		r->maybe++;
	else if (status == 409)
		r->known[CANCELLED]++;
	else if (among(status, accepted, COUNT(accepted)))
		r->known[success ? WENT_WELL : FAILED]++;
}

static void
check_ids(const struct random_caller *caller, const struct reply *reply)
{
	const char *header = reply_header(reply, "X-Request-Id");
	char urn[64];

	if (header == NULL || strcmp(header, caller->id) != 0)
		check_failed(caller, reply);
	if (reply->status != 200) {
		snprintf(urn, sizeof(urn), "urn:uuid:%s", caller->id);
		check_problem(
		    reply, reply->status, reply_string(reply, "/code"));
		assert_string_equal(reply_string(reply, "/instance"), urn);
	} else if (caller->kind->shape == SHAPE_ONE) {
		assert_string_equal(
		    reply_string(reply, "/request_id"), caller->id);
	}
}

/* Whether a result is good is for the tool to say; what it is is known. */
static void
check_result(const struct random_caller *caller, const struct reply *reply)
{
	const struct random_kind *kind = caller->kind;
	const char *text;

	if (kind->pointer == NULL)
		return;
	if (kind->shape == SHAPE_PIPELINE && reply_has(reply, "/failed_step"))
		return;
	if (!reply_has(reply, kind->pointer)) {
		if (!kind->fragile || !reply_has(reply, "/error"))
			check_failed(caller, reply);
		return;
	}
	text = json_object_get_string(reply_at(reply, kind->pointer));
	if (strcmp(text,
		strcmp(kind->text, "@ID@") == 0 ? caller->id : kind->text) != 0)
		check_failed(caller, reply);
}

static void
check_one(struct random *r, const struct random_caller *caller,
    const struct reply *reply)
{
	if (reply->status == 200)
		check_result(caller, reply);
	book(r, reply->status,
	    reply_has(reply, "/success") &&
		json_object_get_boolean(reply_at(reply, "/success")),
	    reply_has(reply, "/outcome") ? reply_string(reply, "/outcome")
					 : "");
}

static const char *
member(struct json_object *object, const char *name)
{
	struct json_object *value;

	if (!json_object_object_get_ex(object, name, &value))
		return ("");
	return (json_object_get_string(value));
}

/* One result of a batch, or of a step; an answer or a problem. */
static void
check_entry(struct random *r, const struct random_caller *caller,
    const struct reply *reply, struct json_object *entry)
{
	const char *success = member(entry, "success");
	int status = atoi(member(entry, "status"));

	if (success[0] != '\0')
		status = 200;
	if (!among(status, accepted, COUNT(accepted)) &&
	    !among(status, refused, COUNT(refused)) && status != 404 &&
	    status != 422 && status != 400)
		check_failed(caller, reply);
	book(r, status, strcmp(success, "true") == 0, member(entry, "outcome"));
}

static void
check_batch(struct random *r, const struct random_caller *caller,
    const struct reply *reply)
{
	struct json_object *list = reply_at(reply, "/results"), *entry;
	size_t count = json_object_array_length(list);

	assert_int_equal(count, caller->kind->calls);
	assert_int_equal(reply_int(reply, "/count"), count);
	assert_int_equal(
	    reply_int(reply, "/succeeded") + reply_int(reply, "/failed"),
	    count);
	for (size_t i = 0; i < count; i++) {
		entry = json_object_array_get_idx(list, i);
		assert_int_equal(atoi(member(entry, "index")), i);
		check_entry(r, caller, reply, entry);
	}
}

/* Each once, in any order. */
static void
check_lines(struct random *r, const struct random_caller *caller,
    const struct reply *reply)
{
	char *copy = strdup(reply->body), *rest = copy, *line;
	unsigned int seen = 0;

	assert_non_null(copy);
	while ((line = strsep(&rest, "\n")) != NULL && *line != '\0') {
		struct json_object *entry = json_tokener_parse(line);
		int index;

		assert_non_null(entry);
		index = atoi(member(entry, "index"));
		assert_in_range(index, 0, caller->kind->calls - 1);
		assert_int_equal(seen & (1U << index), 0);
		seen |= 1U << index;
		check_entry(r, caller, reply, entry);
		json_object_put(entry);
	}
	free(copy);
	if (seen != (1U << caller->kind->calls) - 1)
		check_failed(caller, reply);
}

/* Steps that were cut off were perhaps accepted. */
static void
check_pipeline(struct random *r, const struct random_caller *caller,
    const struct reply *reply)
{
	r->maybe += caller->kind->calls;
	check_result(caller, reply);
	if (json_object_array_length(reply_at(reply, "/steps")) !=
	    (size_t)caller->kind->calls)
		check_failed(caller, reply);
	assert_int_equal(json_object_get_boolean(reply_at(reply, "/success")),
	    !reply_has(reply, "/failed_step"));
}

static bool
may_get(const struct random_kind *kind, int status)
{
	if (status == kind->refusal || among(status, refused, COUNT(refused)))
		return (true);
	/* It is an agent that looks at params: it may die, or come too late. */
	if (kind->refusal != 0 && kind->pointer == NULL &&
	    (kind->refusal != 422 || status == 200))
		return (false);
	return (among(status, accepted, COUNT(accepted)));
}

void
random_check(struct random *r, const struct random_caller *caller,
    const struct reply *reply)
{
	static void (*const checks[])(struct random *,
	    const struct random_caller *, const struct reply *) = {
	    check_one, check_batch, check_lines, check_pipeline};
	const struct random_kind *kind = caller->kind;
	int status = reply->status;

	r->answered++;
	r->status[status < 600 ? status : 0]++;
	check_ids(caller, reply);
	if (!may_get(kind, status))
		check_failed(caller, reply);
	if (kind->shape == SHAPE_ONE || status == 200)
		checks[kind->shape](r, caller, reply);
	else if (status == 409)
		r->maybe += kind->calls;
}
