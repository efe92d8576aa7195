/*
 * Finds the function for a request.  What holds for all of them is done here:
 * the request's id, the guard against foreign pages, HEAD, OPTIONS, 404, 405.
 */

#include "frontend/http/routes.h"
#include "frontend/http/conn.h"
#include "frontend/http/guard.h"
#include "frontend/http/reply.h"

#include <sys/queue.h>

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <event2/http.h>
#include <event2/keyvalq_struct.h>

#define PARAM_MAX 256

static const struct route *table;

void
routes_init(const struct route *routes)
{
	table = routes;
}

/*
 * Whether path is that route's for this client, to whom an administrator's is
 * as if it were not; what {} stands for goes to param.
 */
static bool
routes_match(const struct route *route, const struct conn *conn,
    const char *path, char param[static PARAM_MAX])
{
	size_t fixed = strcspn(route->path, "{");

	param[0] = '\0';
	if (route->admin && !conn->control)
		return (false);
	if (route->path[fixed] == '\0')
		return (strcmp(route->path, path) == 0);
	if (strncmp(route->path, path, fixed) != 0 || path[fixed] == '\0' ||
	    strchr(path + fixed, '/') != NULL)
		return (false);
	return (strlcpy(param, path + fixed, PARAM_MAX) < PARAM_MAX);
}

/* All methods that path takes. */
static unsigned int
routes_allowed(const struct conn *conn, const char *path)
{
	char param[PARAM_MAX];
	unsigned int allowed = 0;

	for (const struct route *r = table; r->handle != NULL; r++)
		if (routes_match(r, conn, path, param))
			allowed |= r->method;
	if (allowed & EVHTTP_REQ_GET)
		allowed |= EVHTTP_REQ_HEAD;
	return (allowed == 0 ? 0 : allowed | EVHTTP_REQ_OPTIONS);
}

/* A page that may call may send any header: none is a secret of ours. */
static void
routes_options(struct conn *conn, unsigned int allowed)
{
	const char *wanted =
	    evhttp_find_header(evhttp_request_get_input_headers(conn->req),
		"Access-Control-Request-Headers");

	reply_allow(conn, allowed);
	if (conn->origin != NULL) {
		if (wanted == NULL || wanted[0] == '\0')
			wanted = "Content-Type, X-Request-Id";
		reply_header(conn, "Access-Control-Allow-Headers", wanted);
		reply_header(conn, "Vary", "Access-Control-Request-Headers");
		reply_header(conn, "Access-Control-Max-Age", "600");
	}
	reply_empty(conn, 204);
}

static void
routes_refuse(struct conn *conn, unsigned int allowed)
{
	if (allowed == 0) {
		reply_problem(conn, PROBLEM_NOT_FOUND, "no such path");
		return;
	}
	reply_allow(conn, allowed);
	reply_problem(conn, PROBLEM_METHOD_NOT_ALLOWED,
	    "this path does not accept that method; see Allow");
}

static void
routes_serve(struct conn *conn, const char *path)
{
	unsigned int method = evhttp_request_get_command(conn->req), allowed;
	char param[PARAM_MAX];

	if (method == EVHTTP_REQ_HEAD)
		method = EVHTTP_REQ_GET;
	for (const struct route *r = table; r->handle != NULL; r++) {
		if (r->method == method && routes_match(r, conn, path, param)) {
			r->handle(conn, param);
			return;
		}
	}
	allowed = routes_allowed(conn, path);
	if (method == EVHTTP_REQ_OPTIONS && allowed != 0)
		routes_options(conn, allowed);
	else
		routes_refuse(conn, allowed);
}

void
routes_dispatch(struct conn *conn)
{
	const struct evhttp_uri *uri = evhttp_request_get_evhttp_uri(conn->req);
	const char *raw = uri == NULL ? NULL : evhttp_uri_get_path(uri);
	char *decoded;
	size_t len;

	conn_identify(conn,
	    evhttp_find_header(
		evhttp_request_get_input_headers(conn->req), "X-Request-Id"));
	if (!guard_admit(conn))
		return;
	if (raw == NULL || strchr(raw, '%') == NULL) {
		routes_serve(conn, raw == NULL ? "" : raw);
		return;
	}
	decoded = evhttp_uridecode(raw, 0, &len);
	if (decoded == NULL)
		reply_problem(conn, PROBLEM_NO_MEMORY, "out of memory");
	else if (strlen(decoded) != len)
		reply_problem(
		    conn, PROBLEM_BAD_REQUEST, "the path contains a NUL");
	else
		routes_serve(conn, decoded);
	free(decoded);
}
