/*
 * A page that a browser shows can send requests to 127.0.0.1, and by letting
 * a name of its own point there (DNS rebinding) can even read the answers.
 * Both give themselves away: the first by its Origin, the second by a Host
 * that is neither an address nor a name of ours.
 */

#include "frontend/http/guard.h"
#include "conf/conf.h"
#include "frontend/globals.h"
#include "frontend/http/clients.h"
#include "frontend/http/conn.h"
#include "frontend/http/reply.h"

#include <sys/queue.h>

#include <arpa/inet.h>
#include <ctype.h>
#include <string.h>
#include <strings.h>

#include <event2/http.h>
#include <event2/http_struct.h>
#include <event2/keyvalq_struct.h>

/* Longest host name that DNS allows. */
#define HOST_MAX 253

/* The length of a name without the dot of the root, which it may end with. */
static size_t
guard_name_length(const char *name, size_t len)
{
	return (len > 0 && name[len - 1] == '.' ? len - 1 : len);
}

/* Takes the host out of HOST, HOST:PORT, [V6] or [V6]:PORT. */
static bool
guard_host(const char *header, char host[static HOST_MAX + 1])
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
	len = guard_name_length(start, (size_t)(end - start));
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
guard_host_matches(const char *host, const char *pattern)
{
	size_t len = strlen(host), end;

	if (strcmp(pattern, "*") == 0)
		return (true);
	end = guard_name_length(pattern, strlen(pattern));
	if (pattern[0] != '*')
		return (len == end && strncasecmp(host, pattern, end) == 0);
	pattern++; /* the dot behind the asterisk is part of the end */
	end--;
	return (len > end && host[0] != '.' &&
		strncasecmp(host + len - end, pattern, end) == 0);
}

static bool
guard_host_allowed(const char *host)
{
	const struct conf_list *names = &frontend.conf->allowed_hosts;
	struct in6_addr address;

	if (strcasecmp(host, "localhost") == 0 ||
	    inet_pton(AF_INET, host, &address) == 1 ||
	    inet_pton(AF_INET6, host, &address) == 1)
		return (true);
	for (size_t i = 0; i < names->count; i++)
		if (guard_host_matches(host, names->items[i]))
			return (true);
	return (false);
}

/* A request has one Host, and only HTTP/1.0 may leave it out (RFC 9112). */
static bool
guard_host_once(struct evhttp_request *req)
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
guard_header_bytes(struct evkeyvalq *headers)
{
	struct evkeyval *header;
	size_t n = 0;

	TAILQ_FOREACH (header, headers, next)
		n += strlen(header->key) + strlen(header->value) + 4;
	return (n);
}

/* The characters of a header's name (RFC 9110, section 5.6.2). */
static const bool token_char[256] = {
    ['0' ... '9'] = true,
    ['a' ... 'z'] = true,
    ['A' ... 'Z'] = true,
    ['!'] = true,
    ['#'] = true,
    ['$'] = true,
    ['%'] = true,
    ['&'] = true,
    ['\''] = true,
    ['*'] = true,
    ['+'] = true,
    ['-'] = true,
    ['.'] = true,
    ['^'] = true,
    ['_'] = true,
    ['`'] = true,
    ['|'] = true,
    ['~'] = true,
};

static bool
guard_is_token(const char *name)
{
	const char *at = name;

	while (token_char[(unsigned char)*at])
		at++;
	return (at > name && *at == '\0');
}

static bool
guard_is_number(const char *value)
{
	return (value[0] != '\0' && value[strspn(value, "0123456789")] == '\0');
}

/* Methods whose body evhttp does not read, but would take for a request. */
static const unsigned int bodiless = EVHTTP_REQ_GET | EVHTTP_REQ_HEAD |
				     EVHTTP_REQ_DELETE | EVHTTP_REQ_OPTIONS |
				     EVHTTP_REQ_TRACE;

/*
 * evhttp is lenient here, and whoever stands before us may read it otherwise:
 * then what one took for a body would be a request to the other (RFC 9112,
 * section 11.2).
 */
bool
guard_framing(const struct evhttp_request *req)
{
	struct evkeyval *header;
	const char *length = NULL, *encoding = NULL;

	TAILQ_FOREACH (header, req->input_headers, next) {
		if (!guard_is_token(header->key))
			return (false);
		if (strcasecmp(header->key, "Content-Length") == 0) {
			if (length != NULL || !guard_is_number(header->value))
				return (false);
			length = header->value;
		} else if (strcasecmp(header->key, "Transfer-Encoding") == 0) {
			if (encoding != NULL ||
			    strcasecmp(header->value, "chunked") != 0)
				return (false);
			encoding = header->value;
		}
	}
	/* HTTP/1.0 has no chunks (RFC 9112, section 6.1). */
	if (encoding != NULL &&
	    (length != NULL || (req->major == 1 && req->minor == 0)))
		return (false);
	if (length != NULL && length[strspn(length, "0")] == '\0')
		return (true);
	return (
	    (length == NULL && encoding == NULL) || !(req->type & bodiless));
}

/*
 * Whether the target is a path, or a URL as proxies are sent it, whose host
 * then goes before the one in Host (RFC 9112, section 3.2.2).  What begins with
 * two slashes is a path to some and a host to others.
 */
static bool
guard_target(const struct evhttp_request *req, const char **host)
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
guard_target_allowed(const char *host)
{
	char name[HOST_MAX + 1];

	return (guard_host_allowed(host) ||
		(guard_host(host, name) && guard_host_allowed(name)));
}

static bool
guard_coding(struct evkeyvalq *headers)
{
	const char *coding = evhttp_find_header(headers, "Content-Encoding");

	return (coding == NULL || coding[0] == '\0' ||
		strcasecmp(coding, "identity") == 0);
}

bool
guard_admit(struct conn *conn)
{
	struct evkeyvalq *headers = evhttp_request_get_input_headers(conn->req);
	const char *host = evhttp_find_header(headers, "Host");
	const char *origin = evhttp_find_header(headers, "Origin");
	const char *target;
	char name[HOST_MAX + 1];

	/* Whatever becomes of it, such a page may read why. */
	if (origin != NULL && client_may_read(origin))
		conn->origin = origin;
	if (!guard_framing(conn->req) ||
	    framing_is_bad(&conn->framing, conn->requests - 1)) {
		reply_header(conn, "Connection", "close");
		reply_problem(conn, PROBLEM_BAD_REQUEST,
		    "the request does not say clearly where its body ends, "
		    "or no body is allowed here");
		return (false);
	}
	if (guard_header_bytes(headers) >
	    (size_t)frontend.conf->max_header_bytes) {
		reply_problem(conn, PROBLEM_HEADERS_TOO_LARGE,
		    "the header fields are over max_headers");
		return (false);
	}
	if (!guard_coding(headers)) {
		reply_header(conn, "Accept-Encoding", "identity");
		reply_problem(conn, PROBLEM_ENCODING,
		    "a body must not have a Content-Encoding");
		return (false);
	}
	if (!guard_host_once(conn->req)) {
		reply_problem(conn, PROBLEM_BAD_REQUEST,
		    "a request must have exactly one Host");
		return (false);
	}
	if (!guard_target(conn->req, &target)) {
		reply_problem(conn, PROBLEM_BAD_REQUEST,
		    "the request's target must be a path, or a URL of http");
		return (false);
	}
	/* No browser reaches a Unix socket. */
	if (!conn->local &&
	    ((host != NULL &&
		 (!guard_host(host, name) || !guard_host_allowed(name))) ||
		(target != NULL && !guard_target_allowed(target)))) {
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
