/*
 * libcurl as HTTP tools use it: no thread, no redirect of its own, no proxy, no
 * cookie, nothing from files or the environment.  One client a tool and agent,
 * so that its connections are warm at the next call.  Bounds what a service
 * sends, and decides to which addresses libcurl may connect.
 */

#include "agent/kinds/http_client.h"
#include "agent/curl.h"
#include "agent/kinds/http_address.h"
#include "agent/kinds/http_header.h"
#include "agent/kinds/http_origin.h"
#include "agent/kinds/http_secret.h"
#include "common/clock.h"

#include <json-c/json.h>

#include <sys/socket.h>

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The most that all headers of a reply may have. */
#define HTTP_HEADERS_MAX ((size_t)64 * 1024)

struct http_client {
	const struct curl_api *lib;
	CURL *curl;
	CURLM *multi;		/* keeps its connections */
	struct curl_slist *pin; /* for CURLOPT_RESOLVE */
	char pinned[300];	/* host and port, or "" */
	int64_t pinned_ns;
	/* of the exchange */
	const struct http_request *request;
	struct http_reply *reply;
	size_t sent, header_bytes;
	bool refused;
	bool begun; /* it was sent */
	bool lost;  /* and should have been sent again, but must not be */
};

/* A name is looked up again after this time. */
#define RESOLVE_NS (60 * NS_PER_SEC)

#define CONNECT_MS 10000

/* That are kept open. */
#define CONNECTIONS 2L

#define SET(option, value)              \
	(client->lib->curl_easy_setopt( \
	     client->curl, CURLOPT_##option, value) == CURLE_OK)

/* libcurl takes a piece of the body from us. */
static size_t
http_client_give(char *to, size_t size, size_t n, void *arg)
{
	struct http_client *client = arg;
	size_t left = client->request->body_len - client->sent;

	if (size * n < left)
		left = size * n;
	if (left > 0)
		memcpy(to, client->request->body + client->sent, left);
	client->sent += left;
	return (left);
}

/* And gives a piece of the reply's; anything but n stops it. */
static size_t
http_client_take(char *data, size_t size, size_t n, void *arg)
{
	struct http_client *client = arg;
	struct http_reply *reply = client->reply;
	size_t room = client->request->max_bytes - reply->len, take = n;
	char *larger;

	if ((reply->too_large = n > room))
		take = room;
	larger = realloc(reply->body, reply->len + take + 1);
	if (larger == NULL)
		return (0);
	memcpy(larger + reply->len, data, take);
	reply->body = larger;
	reply->len += take;
	reply->body[reply->len] = '\0';
	return (take == n ? n : 0);
}

static size_t
http_client_take_header(char *data, size_t size, size_t n, void *arg)
{
	struct http_client *client = arg;

	client->header_bytes += n;
	return (client->header_bytes <= HTTP_HEADERS_MAX ? n : 0);
}

/*
 * Just before it sends a request.  When a kept connection is lost before the
 * reply, libcurl would send it again over another, though the service may have
 * carried it out.
 */
static int
http_client_begin(
    void *arg, char *to_ip, char *from_ip, int to_port, int from_port)
{
	struct http_client *client = arg;
	const char *method = client->request->method;

	/* The others may be carried out twice (RFC 9110, section 9.2.2). */
	client->lost = client->begun && (strcmp(method, "POST") == 0 ||
					    strcmp(method, "PATCH") == 0);
	client->begun = true;
	return (client->lost ? CURL_PREREQFUNC_ABORT : CURL_PREREQFUNC_OK);
}

/* The one place where a connection begins: its address is final here. */
static curl_socket_t
http_client_open_socket(
    void *arg, curlsocktype purpose, struct curl_sockaddr *to)
{
	struct http_client *client = arg;

	if (!client->request->allow_local && http_address_is_local(&to->addr)) {
		client->refused = true;
		return (CURL_SOCKET_BAD);
	}
	return (socket(to->family, to->socktype | SOCK_CLOEXEC, to->protocol));
}

/* What is the same for each exchange. */
static bool
http_client_prepare(struct http_client *client)
{
	return (
	    SET(PROTOCOLS_STR, "http,https") && SET(NOSIGNAL, 1L) &&
	    SET(FOLLOWLOCATION, 0L) && SET(PATH_AS_IS, 1L) &&
	    SET(DISALLOW_USERNAME_IN_URL, 1L) && SET(PROXY, "") &&
	    SET(NETRC, (long)CURL_NETRC_IGNORED) && SET(SSL_VERIFYPEER, 1L) &&
	    SET(SSL_VERIFYHOST, 2L) && SET(QUICK_EXIT, 1L) &&
	    SET(READFUNCTION, http_client_give) && SET(READDATA, client) &&
	    SET(WRITEFUNCTION, http_client_take) && SET(WRITEDATA, client) &&
	    SET(HEADERFUNCTION, http_client_take_header) &&
	    SET(HEADERDATA, client) && SET(PREREQFUNCTION, http_client_begin) &&
	    SET(PREREQDATA, client) &&
	    SET(OPENSOCKETFUNCTION, http_client_open_socket) &&
	    SET(OPENSOCKETDATA, client));
}

struct http_client *
http_client_new(void)
{
	struct http_client *client;
	const struct curl_api *lib = curl_load();

	if (lib == NULL || (client = calloc(1, sizeof(*client))) == NULL)
		return (NULL);
	client->lib = lib;
	client->curl = lib->curl_easy_init();
	client->multi = lib->curl_multi_init();
	if (client->curl != NULL && client->multi != NULL &&
	    lib->curl_multi_setopt(
		client->multi, CURLMOPT_MAXCONNECTS, CONNECTIONS) == CURLM_OK &&
	    http_client_prepare(client))
		return (client);
	http_client_free(client);
	return (NULL);
}

void
http_client_free(struct http_client *client)
{
	if (client == NULL)
		return;
	if (client->curl != NULL)
		client->lib->curl_easy_cleanup(client->curl);
	if (client->multi != NULL)
		client->lib->curl_multi_cleanup(client->multi);
	client->lib->curl_slist_free_all(client->pin);
	free(client);
}

static bool
http_client_is_address(const char *host)
{
	struct in_addr unused;

	return (host[0] == '[' || inet_pton(AF_INET, host, &unused) == 1);
}

/* Looks the host up and tells libcurl, which then need not. */
static bool
http_client_pin(
    struct http_client *client, const char *host, const char *port, char *why)
{
	struct curl_slist *pin = NULL;
	char *text = http_resolve(
	    host, port, client->request->allow_local, why, HTTP_WHY_SIZE);

	if (text == NULL)
		return (false);
	pin = client->lib->curl_slist_append(NULL, text);
	free(text);
	if (pin == NULL || !SET(RESOLVE, pin)) {
		client->lib->curl_slist_free_all(pin);
		snprintf(why, HTTP_WHY_SIZE, "out of memory");
		return (false);
	}
	client->lib->curl_slist_free_all(client->pin);
	client->pin = pin;
	return (true);
}

static bool
http_client_resolve(struct http_client *client, char *why)
{
	const char *url = client->request->url;
	char *host = http_origin_part(url, CURLUPART_HOST);
	char *port = http_origin_part(url, CURLUPART_PORT);
	char name[sizeof(client->pinned)];
	bool good = false;

	if (host == NULL || port == NULL) {
		snprintf(why, HTTP_WHY_SIZE, "its URL is not valid");
	} else if (http_client_is_address(host)) {
		good = true;
	} else {
		snprintf(name, sizeof(name), "%s:%s", host, port);
		good = strcmp(name, client->pinned) == 0 &&
		       clock_now_ns() - client->pinned_ns < RESOLVE_NS;
		if (!good &&
		    (good = http_client_pin(client, host, port, why))) {
			strlcpy(client->pinned, name, sizeof(client->pinned));
			client->pinned_ns = clock_now_ns();
		}
	}
	client->lib->curl_free(host);
	client->lib->curl_free(port);
	return (good);
}

/* False: no memory. */
static bool
http_client_header(
    struct http_client *client, struct curl_slist **list, const char *line)
{
	struct curl_slist *longer = client->lib->curl_slist_append(*list, line);

	if (longer == NULL)
		return (false);
	*list = longer;
	return (true);
}

/* Whether the caller gives it, so that the preset is not needed. */
static bool
http_client_is_passed(const struct http_request *request, const char *line)
{
	if (request->passed == NULL || !request->secrets)
		return (false);
	json_object_object_foreach (request->passed, name, value) {
		(void)value;
		if (strncasecmp(line, name, strlen(name)) == 0 &&
		    line[strlen(name)] == ':')
			return (true);
	}
	return (false);
}

/* What the caller gives; one without a value ends in a semicolon. */
static bool
http_client_pass(struct http_client *client, struct curl_slist **list)
{
	const struct http_request *request = client->request;
	bool good = true;
	char *line;

	if (request->passed == NULL || !request->secrets)
		return (true);
	json_object_object_foreach (request->passed, name, value) {
		const char *text = json_object_get_string(value);

		if (asprintf(&line, text[0] == '\0' ? "%s;" : "%s: %s", name,
			text) == -1)
			return (false);
		good = good && http_client_header(client, list, line);
		http_secret_free(line);
	}
	return (good);
}

/* To be freed; NULL: there is none to send, or no memory (good is false). */
static struct curl_slist *
http_client_headers(struct http_client *client, bool *good)
{
	const struct http_request *request = client->request;
	struct curl_slist *list = NULL;

	*good = http_client_pass(client, &list);
	for (size_t i = 0; *good && i < request->headers->count; i++) {
		const struct http_header *h = &request->headers->items[i];

		if ((h->secret && !request->secrets) ||
		    http_client_is_passed(request, h->line))
			continue;
		*good = http_client_header(client, &list, h->line);
	}
	if (*good)
		return (list);
	client->lib->curl_slist_free_all(list);
	return (NULL);
}

/* What libcurl calls a POST is any request that has a body. */
static bool
http_client_set_method(struct http_client *client)
{
	const struct http_request *request = client->request;

	if (request->body == NULL)
		return (
		    SET(HTTPGET, 1L) && SET(CUSTOMREQUEST, request->method));
	return (SET(POST, 1L) && SET(POSTFIELDS, NULL) &&
		SET(POSTFIELDSIZE_LARGE, (curl_off_t)request->body_len) &&
		SET(CUSTOMREQUEST, request->method));
}

static bool
http_client_set(struct http_client *client, struct curl_slist *headers)
{
	int64_t ms = client->request->timeout_ms;

	return (
	    SET(URL, client->request->url) && http_client_set_method(client) &&
	    SET(HTTPHEADER, headers) && SET(TIMEOUT_MS, (long)ms) &&
	    SET(CONNECTTIMEOUT_MS, (long)(ms < CONNECT_MS ? ms : CONNECT_MS)));
}

/* The status, where it leads, and what the body is. */
static CURLcode
http_client_get_info(struct http_client *client)
{
	struct http_reply *reply = client->reply;
	char *location = NULL, *type = NULL;
	CURLcode code = client->lib->curl_easy_getinfo(
	    client->curl, CURLINFO_RESPONSE_CODE, &reply->status);

	if (code == CURLE_OK)
		code = client->lib->curl_easy_getinfo(
		    client->curl, CURLINFO_REDIRECT_URL, &location);
	if (code == CURLE_OK && location != NULL &&
	    (reply->location = strdup(location)) == NULL)
		code = CURLE_OUT_OF_MEMORY;
	if (code == CURLE_OK)
		code = client->lib->curl_easy_getinfo(
		    client->curl, CURLINFO_CONTENT_TYPE, &type);
	if (code == CURLE_OK && type != NULL)
		strlcpy(reply->type, type, sizeof(reply->type));
	return (code);
}

static CURLcode
http_client_perform(struct http_client *client)
{
	bool good;
	struct curl_slist *headers = http_client_headers(client, &good);
	CURLcode code = CURLE_OUT_OF_MEMORY;

	if (good && http_client_set(client, headers))
		code = curl_perform(client->lib, client->multi, client->curl);
	/* Of what is too large, the beginning may still be of use. */
	if (code == CURLE_OK ||
	    (code == CURLE_WRITE_ERROR && client->reply->too_large))
		code = http_client_get_info(client);
	if (!SET(HTTPHEADER, NULL))
		code = CURLE_FAILED_INIT;
	client->lib->curl_slist_free_all(headers);
	return (code);
}

static const char *
http_client_reason(const struct http_client *client, CURLcode code)
{
	if (client->refused)
		return ("addresses of this host are refused (allow_local)");
	if (client->header_bytes > HTTP_HEADERS_MAX)
		return ("its headers are too large");
	if (code == CURLE_OPERATION_TIMEDOUT)
		return ("no answer in time");
	if (client->lost || code == CURLE_SEND_FAIL_REWIND)
		return ("the connection was lost, and the request may have "
			"been carried out");
	return (client->lib->curl_easy_strerror(code));
}

bool
http_client_ask(struct http_client *client, const struct http_request *request,
    struct http_reply *reply, char *why)
{
	CURLcode code;

	*reply = (struct http_reply){0};
	client->request = request;
	client->reply = reply;
	client->sent = client->header_bytes = 0;
	client->refused = client->begun = client->lost = false;
	if (!http_client_resolve(client, why))
		return (false);
	code = http_client_perform(client);
	if (code != CURLE_OK)
		snprintf(
		    why, HTTP_WHY_SIZE, "%s", http_client_reason(client, code));
	return (code == CURLE_OK);
}

void
http_reply_fini(struct http_reply *reply)
{
	free(reply->body);
	free(reply->location);
	*reply = (struct http_reply){0};
}
