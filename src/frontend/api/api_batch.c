/*
 * POST /api/v1/batch: reads what surrounds the calls, which are batch.c's.
 * Only what is wrong here is wrong with the whole.
 */

#include "conf/conf.h"
#include "frontend/api/api.h"
#include "frontend/api/batch.h"
#include "frontend/api/submit.h"
#include "frontend/globals.h"
#include "frontend/http/body.h"
#include "frontend/http/conn.h"

#include <stdlib.h>
#include <string.h>

#include <event2/http.h>

static const struct body_member members[] = {
    {"requests", true},
    {NULL},
};

static bool
api_batch_wants_lines(struct conn *conn)
{
	const char *accept = evhttp_find_header(
	    evhttp_request_get_input_headers(conn->req), "Accept");

	return (accept != NULL &&
		strcasestr(accept, "application/x-ndjson") != NULL);
}

static void
api_batch_begin(struct conn *conn, const struct slice *requests)
{
	size_t max = (size_t)frontend.conf->batch_max;
	struct slices slices;

	switch (body_read_array(&slices, requests->text, requests->len, max)) {
	case SLICES_NO_ARRAY:
		submit_refuse(
		    conn, PROBLEM_BAD_REQUEST, "requests must be an array");
		break;
	case SLICES_TOO_MANY:
		submit_refuse(conn, PROBLEM_BAD_REQUEST,
		    "requests may have %zu entries at most; see batch_max",
		    max);
		break;
	case SLICES_NO_MEMORY:
		submit_refuse(conn, PROBLEM_NO_MEMORY, "out of memory");
		break;
	case SLICES_READ:
		if (!submit_admits(conn, slices.count))
			break;
		if (batch_start(conn, &slices, api_batch_wants_lines(conn)) ==
		    -1)
			submit_refuse(conn, PROBLEM_NO_MEMORY, "out of memory");
		break;
	}
	free(slices.at);
}

void
api_batch(struct conn *conn, const char *param)
{
	struct slice found[1];
	struct refusal refusal;

	if (body_read(conn, members, found, &refusal) == 0)
		api_batch_begin(conn, &found[0]);
	else
		submit_refuse(conn, refusal.problem, "%s", refusal.detail);
}
