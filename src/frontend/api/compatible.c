/*
 * Answers as the Go program of the same design gave them: a call that fails,
 * whatever it fails of, is 200 with success false.  Called by the files api_*.c
 * where they would answer otherwise; keeps nothing.
 */

#include "frontend/api/compatible.h"
#include "common/clock.h"
#include "common/json.h"
#include "conf/conf.h"
#include "frontend/agents/agents.h"
#include "frontend/globals.h"
#include "frontend/http/conn.h"
#include "frontend/http/reply.h"
#include "frontend/problem.h"
#include "frontend/router/stats.h"

#include <json-c/json.h>

#include <stdio.h>
#include <stdlib.h>

static void
compatible_fail(struct conn *conn, const char *agent, const char *error)
{
	struct json_object *o = json_object_new_object();
	char now[CLOCK_FORMAT_SIZE];

	clock_format(clock_wall_ns(), now);
	json_add(&o, "request_id", json_object_new_string(conn->id_text));
	json_add(&o, "agent_id", json_object_new_string(agent));
	json_add(&o, "success", json_object_new_boolean(false));
	json_add(&o, "error", json_object_new_string(error));
	json_add(&o, "processed_at", json_object_new_string(now));
	json_add(&o, "duration", json_object_new_int64(0));
	reply_json(conn, 200, o);
}

bool
compatible_refuses(struct conn *conn, const struct refusal *refusal)
{
	if (!frontend.conf->compatible ||
	    refusal->problem != PROBLEM_UNKNOWN_TOOL)
		return (false);
	stats_rejected();
	compatible_fail(conn, "", refusal->detail);
	return (true);
}

/* "" when there is no such text: an agent may have said anything. */
static const char *
compatible_text(struct json_object *error, const char *member)
{
	const char *text = json_string(json_object_object_get(error, member));

	return (text == NULL ? "" : text);
}

static void
compatible_add(FILE *fp, struct json_object *error)
{
	const char *pointer = compatible_text(error, "pointer");

	fprintf(fp, "%s: %s", pointer[0] == '/' ? pointer + 1 : "parameters",
	    compatible_text(error, "detail"));
}

/* The failures in one line; to be freed, NULL without memory. */
static char *
compatible_words(const char *text, size_t len)
{
	char reason[JSON_REASON_SIZE], *words = NULL;
	struct json_object *errors = NULL;
	size_t size, n = 0;
	FILE *fp = open_memstream(&words, &size);

	if (fp == NULL)
		return (NULL);
	if (json_parse(text, len, &errors, reason))
		n = json_object_array_length(errors);
	else
		fputs("the parameters do not fit", fp);
	for (size_t i = 0; i < n; i++) {
		fputs(i == 0 ? "" : "; ", fp);
		compatible_add(fp, json_object_array_get_idx(errors, i));
	}
	json_object_put(errors);
	if (fclose(fp) != 0) {
		free(words);
		words = NULL;
	}
	return (words);
}

bool
compatible_answers(struct conn *conn, const struct call *call, enum outcome end,
    const char *text, size_t len)
{
	char *words;

	if (!frontend.conf->compatible || end != OUTCOME_INVALID)
		return (false);
	words = compatible_words(text, len);
	if (words == NULL)
		return (false);
	compatible_fail(conn,
	    call->work.agent == NULL ? "" : agent_name(call->work.agent),
	    words);
	free(words);
	return (true);
}

int64_t
compatible_last_active(const struct agent_view *agent)
{
	if (!frontend.conf->compatible || agent->last_active_ns != 0 ||
	    agent->idle_since_ns == 0)
		return (agent->last_active_ns);
	return (clock_wall_ns() - (clock_now_ns() - agent->idle_since_ns));
}
