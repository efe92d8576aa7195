/*
 * POST /api/v1/pipeline: reads what surrounds the steps.
 */

#include "common/clock.h"
#include "conf/conf.h"
#include "frontend/api/api.h"
#include "frontend/api/envelope.h"
#include "frontend/api/pipeline.h"
#include "frontend/api/pipeline_graph.h"
#include "frontend/api/submit.h"
#include "frontend/globals.h"
#include "frontend/http/body.h"
#include "frontend/http/conn.h"

#include <stdlib.h>
#include <string.h>

enum { STEPS, TIMEOUT, MEMBERS };

static const struct body_member members[MEMBERS + 1] = {
    [STEPS] = {"steps", true},
    [TIMEOUT] = {"timeout", false},
};

static void
api_pipeline_begin(
    struct conn *conn, const struct slices *steps, int64_t timeout_ns)
{
	struct refusal refusal;
	struct pipeline *pipeline = pipeline_new(steps, &refusal);

	if (pipeline == NULL)
		submit_refuse(conn, refusal.problem, "%s", refusal.detail);
	else
		pipeline_start(pipeline, conn, timeout_ns);
}

/* The time of the whole; -1: it was refused. */
static int64_t
api_pipeline_timeout(struct conn *conn, const struct slice *text)
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
api_pipeline(struct conn *conn, const char *param)
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
	if ((timeout_ns = api_pipeline_timeout(conn, &found[TIMEOUT])) == -1)
		return;
	outcome = body_read_array(
	    &steps, found[STEPS].text, found[STEPS].len, STEPS_MAX);
	if (outcome == SLICES_NO_MEMORY)
		submit_refuse(conn, PROBLEM_NO_MEMORY, "out of memory");
	else if (outcome != SLICES_READ || steps.count == 0)
		submit_refuse(conn, PROBLEM_BAD_REQUEST,
		    "steps must be an array of 1 to %d steps", STEPS_MAX);
	else if (submit_admits(conn, steps.count))
		api_pipeline_begin(conn, &steps, timeout_ns);
	free(steps.at);
}
