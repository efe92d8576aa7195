/*
 * Finds the function for a request.  What holds for all of them is done here:
 * the request's id, the guard against foreign pages, HEAD, OPTIONS, 404, 405.
 *
 * A page that a browser shows can send requests to 127.0.0.1, and by letting
 * a name of its own point there (DNS rebinding) can even read the answers.
 * Both give themselves away: the first by its Origin, the second by a Host
 * that is neither an address nor a name of ours.
 */

#include "frontend/http/routes.h"
#include "conf/conf.h"
#include "frontend/globals.h"
#include "frontend/http/clients.h"
#include "frontend/http/conn.h"
#include "frontend/http/framing.h"
#include "frontend/http/reply.h"

#include <sys/queue.h>

#include <arpa/inet.h>
#include <ctype.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <event2/http.h>
#include <event2/http_struct.h>
#include <event2/keyvalq_struct.h>

#define PARAM_MAX 256

/* Longest host name that DNS allows. */
#define HOST_MAX 253

static const struct route *table;

void
routes_init(const struct route *routes)
{
	table = routes;
}

/* The length of a name without the dot of the root, which it may end with. */
static size_t
routes_name_length(const char *name, size_t len)
{
	return (len > 0 && name[len - 1] == '.' ? len - 1 : len);
}

/* Takes the host out of HOST, HOST:PORT, [V6] or [V6]:PORT. */
static bool
routes_host(const char *header, char host[static HOST_MAX + 1])
{
	const char *start = header, *end;
	size_t len;

	if (*header == '[') {
		start++;
		if ((end = strchr(start, ']')) == NULL)
			return (false);
		header = end + 1;
	} else {
		header = end = start + strcspn(start, ":");
	}
	len = routes_name_length(start, (size_t)(end - start));
	if (len == 0 || len > HOST_MAX)
		return (false);
	memcpy(host, start, len);
	host[len] = '\0';
	if (*header == ':')
		for (header++; isdigit((unsigned char)*header); header++)
			;
	return (*header == '\0');
}

/* A pattern is a name, * for all, or *.NAME for all below that one. */
static bool
routes_host_matches(const char *host, const char *pattern)
{
	size_t len = strlen(host), end;

	if (strcmp(pattern, "*") == 0)
		return (true);
	end = routes_name_length(pattern, strlen(pattern));
	if (pattern[0] != '*')
		return (len == end && strncasecmp(host, pattern, end) == 0);
	pattern++; /* the dot behind the asterisk is part of the end */
	end--;
	return (len > end && host[0] != '.' &&
		strncasecmp(host + len - end, pattern, end) == 0);
}

static bool
routes_host_allowed(const char *host)
{
	const struct conf_list *names = &frontend.conf->allowed_hosts;
	struct in6_addr address;

	if (strcasecmp(host, "localhost") == 0 ||
	    inet_pton(AF_INET, host, &address) == 1 ||
	    inet_pton(AF_INET6, host, &address) == 1)
		return (true);
	for (size_t i = 0; i < names->count; i++)
		if (routes_host_matches(host, names->items[i]))
			return (true);
	return (false);
}

/* A request has one Host, and only HTTP/1.0 may leave it out (RFC 9112). */
static bool
routes_host_once(struct evhttp_request *req)
{
	struct evkeyvalq *headers = evhttp_request_get_input_headers(req);
	struct evkeyval *header;
	int hosts = 0;

	TAILQ_FOREACH (header, headers, next)
		if (strcasecmp(header->key, "Host") == 0)
			hosts++;
	return (
	    hosts == 1 || (hosts == 0 && req->major == 1 && req->minor == 0));
}

/* Name, colon, blank, value, CR LF, as they came. */
static size_t
routes_header_bytes(struct evkeyvalq *headers)
{
	struct evkeyval *header;
	size_t n = 0;

	TAILQ_FOREACH (header, headers, next)
		n += strlen(header->key) + strlen(header->value) + 4;
	return (n);
}

/*
 * Whether the target is a path, or a URL as proxies are sent it, whose host
 * then goes before the one in Host (RFC 9112, section 3.2.2).  What begins with
 * two slashes is a path to some and a host to others.
 */
static bool
routes_target(const struct evhttp_request *req, const char **host)
{
	const struct evhttp_uri *uri = evhttp_request_get_evhttp_uri(req);
	const char *scheme = uri == NULL ? NULL : evhttp_uri_get_scheme(uri);

	*host = uri == NULL ? NULL : evhttp_uri_get_host(uri);
	if (scheme == NULL)
		return (*host == NULL);
	return ((strcasecmp(scheme, "http") == 0 ||
		    strcasecmp(scheme, "https") == 0) &&
		*host != NULL && **host != '\0' &&
		evhttp_uri_get_userinfo(uri) == NULL);
}

/* A URL gives an address of IPv6 in brackets, or, by libevent, without. */
static bool
routes_target_allowed(const char *host)
{
	char name[HOST_MAX + 1];

	return (routes_host_allowed(host) ||
		(routes_host(host, name) && routes_host_allowed(name)));
}

static bool
routes_coding(struct evkeyvalq *headers)
{
	const char *coding = evhttp_find_header(headers, "Content-Encoding");

	return (coding == NULL || coding[0] == '\0' ||
		strcasecmp(coding, "identity") == 0);
}

bool
routes_admit(struct conn *conn)
{
	struct evkeyvalq *headers = evhttp_request_get_input_headers(conn->req);
	const char *host = evhttp_find_header(headers, "Host");
	const char *origin = evhttp_find_header(headers, "Origin");
	const char *target;
	char name[HOST_MAX + 1];

	/* Whatever becomes of it, such a page may read why. */
	if (origin != NULL && client_may_read(origin))
		conn->origin = origin;
	if (!framing_is_clear(conn->req) ||
	    framing_is_bad(&conn->framing, conn->requests - 1)) {
		reply_header(conn, "Connection", "close");
		reply_problem(conn, PROBLEM_BAD_REQUEST,
		    "the request does not say clearly where its body ends, "
		    "or no body is allowed here");
		return (false);
	}
	if (routes_header_bytes(headers) >
	    (size_t)frontend.conf->max_header_bytes) {
		reply_problem(conn, PROBLEM_HEADERS_TOO_LARGE,
		    "the header fields are over max_headers");
		return (false);
	}
	if (!routes_coding(headers)) {
		reply_header(conn, "Accept-Encoding", "identity");
		reply_problem(conn, PROBLEM_ENCODING,
		    "a body must not have a Content-Encoding");
		return (false);
	}
	if (!routes_host_once(conn->req)) {
		reply_problem(conn, PROBLEM_BAD_REQUEST,
		    "a request must have exactly one Host");
		return (false);
	}
	if (!routes_target(conn->req, &target)) {
		reply_problem(conn, PROBLEM_BAD_REQUEST,
		    "the request's target must be a path, or a URL of http");
		return (false);
	}
	/* No browser reaches a Unix socket. */
	if (!conn->local &&
	    ((host != NULL &&
		 (!routes_host(host, name) || !routes_host_allowed(name))) ||
		(target != NULL && !routes_target_allowed(target)))) {
		reply_problem(conn, PROBLEM_FORBIDDEN_ORIGIN,
		    "this Host is not allowed; see allowed_hosts");
		return (false);
	}
	if (origin != NULL && conn->origin == NULL) {
		reply_problem(conn, PROBLEM_FORBIDDEN_ORIGIN,
		    "this Origin is not allowed; see cors_origins");
		return (false);
	}
	return (true);
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
	if (!routes_admit(conn))
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
