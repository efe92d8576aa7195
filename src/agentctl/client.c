/*
 * HTTP to a daemon, by libcurl's multi interface: so a request ends when
 * something else is to be attended to, with the connection still there.  Owns
 * the connection, which is kept for the next request.  Never prints, never
 * follows an answer elsewhere, and takes no more of it than a daemon can send.
 */

#include "agentctl/client.h"

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <curl/curl.h>
#include <json-c/json.h>

#include "agentctl/message.h"
#include "common/clock.h"
#include "common/json.h"

/* The largest result, twice: escapes make JSON longer. */
#define ANSWER_MAX ((size_t)128 << 20)

/* To be connected by. */
#define CONNECT_MS 5000L

/* Longest sleep in libcurl when nothing limits it. */
#define NAP_MS 60000

#define WATCH_MAX 4

/* Where requests go; what libcurl calls CURLM is void here. */
struct exchange_place {
	void *multi;
	const char *socket; /* NULL: as base says */
	char *base;	    /* URL without a slash at its end */
	const int *watch;   /* whose readability ends the waiting */
	size_t watch_count;
};

/* One request and its answer. */
struct exchange {
	const struct exchange_place *place;
	struct answer *answer;
	CURL *easy;
	struct curl_slist *headers;
	char *url;
	int64_t deadline_ns; /* 0: none */
	bool connected, too_large;
	CURLcode code;
	char error[CURL_ERROR_SIZE];
};

/* Called by libcurl with a piece of the body; anything but n stops it. */
static size_t
client_exchange_take(char *data, size_t size, size_t n, void *arg)
{
	struct exchange *x = arg;
	struct answer *answer = x->answer;
	char *larger;

	x->too_large = n > ANSWER_MAX - answer->len;
	if (x->too_large)
		return (0);
	larger = realloc(answer->body, answer->len + n + 1);
	if (larger == NULL)
		return (0);
	memcpy(larger + answer->len, data, n);
	answer->body = larger;
	answer->len += n;
	larger[answer->len] = '\0';
	return (n);
}

static int
client_exchange_ready(void *arg, char *ip, char *own_ip, int port, int own_port)
{
	struct exchange *x = arg;

	x->connected = true;
	return (CURL_PREREQFUNC_OK);
}

static bool
client_exchange_header(struct exchange *x, const char *name, const char *value)
{
	struct curl_slist *longer;
	char *line;

	if (asprintf(&line, "%s: %s", name, value) == -1)
		return (false);
	longer = curl_slist_append(x->headers, line);
	free(line);
	if (longer != NULL)
		x->headers = longer;
	return (longer != NULL);
}

#define SET(option, value) \
	(curl_easy_setopt(x->easy, (option), (value)) == CURLE_OK)

static bool
client_exchange_set_body(struct exchange *x, const struct request *request)
{
	bool post = strcmp(request->method, "POST") == 0;

	if (!post)
		return (SET(CURLOPT_CUSTOMREQUEST, request->method));
	return (
	    SET(CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)request->body_len) &&
	    SET(CURLOPT_POSTFIELDS,
		request->body == NULL ? "" : request->body) &&
	    client_exchange_header(x, "Content-Type", "application/json"));
}

/* A socket is no matter for a proxy, wherever the environment has one. */
static bool
client_exchange_set_place(struct exchange *x)
{
	if (x->place->socket == NULL)
		return (true);
	return (SET(CURLOPT_UNIX_SOCKET_PATH, x->place->socket) &&
		SET(CURLOPT_PROXY, ""));
}

static bool
client_exchange_set(struct exchange *x, const struct request *request)
{
	return (SET(CURLOPT_URL, x->url) &&
		SET(CURLOPT_PROTOCOLS_STR, "http,https") &&
		SET(CURLOPT_NOSIGNAL, 1L) && SET(CURLOPT_FOLLOWLOCATION, 0L) &&
		SET(CURLOPT_CONNECTTIMEOUT_MS, CONNECT_MS) &&
		SET(CURLOPT_USERAGENT, "agentctl/" PACKAGE_VERSION) &&
		SET(CURLOPT_ERRORBUFFER, x->error) &&
		SET(CURLOPT_PREREQFUNCTION, client_exchange_ready) &&
		SET(CURLOPT_PREREQDATA, x) &&
		SET(CURLOPT_WRITEFUNCTION, client_exchange_take) &&
		SET(CURLOPT_WRITEDATA, x) && client_exchange_set_place(x) &&
		client_exchange_set_body(x, request) &&
		(request->id == NULL ||
		    client_exchange_header(x, "X-Request-Id", request->id)) &&
		client_exchange_header(x, "Expect", "") &&
		SET(CURLOPT_HTTPHEADER, x->headers));
}

/* Gives it up when it is not over. */
static void
client_exchange_end(struct exchange *x)
{
	if (x->easy != NULL) {
		curl_multi_remove_handle(x->place->multi, x->easy);
		curl_easy_cleanup(x->easy);
	}
	curl_slist_free_all(x->headers);
	free(x->url);
	free(x);
}

/* request is borrowed until the end, answer is filled; NULL: no memory. */
static struct exchange *
client_exchange_begin(const struct exchange_place *place,
    const struct request *request, struct answer *answer)
{
	struct exchange *x = calloc(1, sizeof(*x));

	if (x == NULL)
		return (NULL);
	x->place = place;
	x->answer = answer;
	if (request->timeout_ms > 0)
		x->deadline_ns =
		    clock_now_ns() + request->timeout_ms * NS_PER_MS;
	if (asprintf(&x->url, "%s%s", place->base, request->path) == -1)
		x->url = NULL;
	x->easy = curl_easy_init();
	if (x->url != NULL && x->easy != NULL &&
	    client_exchange_set(x, request) &&
	    curl_multi_add_handle(place->multi, x->easy) == CURLM_OK)
		return (x);
	client_exchange_end(x);
	return (NULL);
}

/* Whether libcurl is done with it. */
static bool
client_exchange_done(struct exchange *x)
{
	CURLMsg *info;
	int left;

	while ((info = curl_multi_info_read(x->place->multi, &left)) != NULL) {
		if (info->easy_handle != x->easy)
			continue;
		x->code = info->data.result;
		return (true);
	}
	return (false);
}

static enum client_end
client_exchange_outcome(struct exchange *x)
{
	if (x->code == CURLE_OUT_OF_MEMORY)
		return (CLIENT_NO_MEMORY);
	if (x->code != CURLE_OK)
		return (x->connected ? CLIENT_LOST : CLIENT_UNREACHABLE);
	curl_easy_getinfo(x->easy, CURLINFO_RESPONSE_CODE, &x->answer->status);
	return (CLIENT_ANSWERED);
}

/* How long libcurl may sleep; 0: the time is up. */
static int
client_exchange_left_ms(const struct exchange *x)
{
	int64_t left_ns = x->deadline_ns - clock_now_ns();

	if (x->deadline_ns == 0 || left_ns > NAP_MS * NS_PER_MS)
		return (NAP_MS);
	return (left_ns <= 0 ? 0 : (int)(left_ns / NS_PER_MS) + 1);
}

/* Sleeps until something happens; true when that is for somebody else. */
static bool
client_exchange_sleep(struct exchange *x, int ms)
{
	struct curl_waitfd fds[WATCH_MAX] = {0};
	const struct exchange_place *place = x->place;
	bool other = false;

	for (size_t i = 0; i < place->watch_count; i++)
		fds[i] = (struct curl_waitfd){
		    .fd = place->watch[i], .events = CURL_WAIT_POLLIN};
	if (curl_multi_poll(place->multi, fds, (unsigned int)place->watch_count,
		ms, NULL) != CURLM_OK)
		return (true);
	for (size_t i = 0; i < place->watch_count; i++)
		other = other || fds[i].revents != 0;
	return (other);
}

/* Waits until it is decided; when interrupted, it can be waited for again. */
static enum client_end
client_exchange_wait(struct exchange *x)
{
	int running, ms;

	for (;;) {
		if (curl_multi_perform(x->place->multi, &running) != CURLM_OK)
			return (CLIENT_NO_MEMORY);
		if (client_exchange_done(x))
			return (client_exchange_outcome(x));
		if ((ms = client_exchange_left_ms(x)) == 0)
			return (
			    x->connected ? CLIENT_TIMEOUT : CLIENT_UNREACHABLE);
		if (client_exchange_sleep(x, ms))
			return (CLIENT_INTERRUPTED);
	}
}

/* The system's word for it is clearer than libcurl's. */
static const char *
client_exchange_reason(const struct exchange *x)
{
	long number = 0;

	if (x->too_large)
		return ("its answer is too large");
	if (x->code == CURLE_OK)
		return ("no connection in time");
	if (x->code == CURLE_COULDNT_CONNECT)
		curl_easy_getinfo(x->easy, CURLINFO_OS_ERRNO, &number);
	if (number != 0)
		return (strerror((int)number));
	return (x->error[0] != '\0' ? x->error : curl_easy_strerror(x->code));
}

/* How long the order to cancel a call may take. */
#define CANCEL_MS 2000

/* What a daemon nests, and an answer around it. */
#define ANSWER_DEPTH (JSON_MAX_DEPTH + 8)

struct client {
	struct exchange_place place;
	char *where;
	char why[CURL_ERROR_SIZE + 64];
};

/*
 * A URL without user and password, for people; ends when it is none that can
 * be asked.
 */
static char *
client_show_url(const char *text)
{
	CURLU *url = message_need(curl_url());
	char *shown = NULL, *copy;

	if (curl_url_set(url, CURLUPART_URL, text, CURLU_DEFAULT_SCHEME) !=
		CURLUE_OK ||
	    curl_url_set(url, CURLUPART_USER, NULL, 0) != CURLUE_OK ||
	    curl_url_set(url, CURLUPART_PASSWORD, NULL, 0) != CURLUE_OK ||
	    curl_url_get(url, CURLUPART_URL, &shown, 0) != CURLUE_OK ||
	    strncasecmp(shown, "http", strlen("http")) != 0)
		message_die(CTL_USAGE, "the URL is not one of http or https");
	copy = message_need(strdup(shown));
	curl_free(shown);
	curl_url_cleanup(url);
	return (copy);
}

struct client *
client_new(const char *socket, const char *url)
{
	struct client *client = message_need(calloc(1, sizeof(*client)));
	size_t len;

	if (curl_global_init(CURL_GLOBAL_ALL) != CURLE_OK)
		message_no_memory();
	client->place.multi = message_need(curl_multi_init());
	client->place.socket = socket;
	client->place.base =
	    message_need(strdup(url == NULL ? "http://localhost" : url));
	len = strlen(client->place.base);
	while (len > 0 && client->place.base[len - 1] == '/')
		client->place.base[--len] = '\0';
	client->where = url == NULL ? message_need(strdup(socket))
				    : client_show_url(client->place.base);
	return (client);
}

void
client_free(struct client *client)
{
	if (client == NULL)
		return;
	curl_multi_cleanup(client->place.multi);
	curl_global_cleanup();
	free(client->place.base);
	free(client->where);
	free(client);
}

void
client_watch(struct client *client, const int *fds, size_t count)
{
	client->place.watch = fds;
	client->place.watch_count = count;
}

const char *
client_where(const struct client *client)
{
	return (client->where);
}

const char *
client_why(const struct client *client)
{
	return (client->why);
}

/* json-c is told the depth, since a result is nested within its answer. */
static struct json_object *
client_parse(const char *body, size_t len)
{
	struct json_tokener *tokener =
	    message_need(json_tokener_new_ex(ANSWER_DEPTH));
	struct json_object *json;

	json_tokener_set_flags(
	    tokener, JSON_TOKENER_STRICT | JSON_TOKENER_VALIDATE_UTF8);
	json = json_tokener_parse_ex(tokener, body, (int)len);
	json_tokener_free(tokener);
	return (json);
}

/* While the call still waits, so that it is not taken for one that left. */
static void
client_cancel(struct client *client, const char *id)
{
	char path[128];
	struct request request = {
	    .method = "DELETE", .path = path, .timeout_ms = CANCEL_MS};
	struct answer ignored = {0};
	struct exchange *x;

	snprintf(path, sizeof(path), "/api/v1/requests/%s", id);
	x = client_exchange_begin(&client->place, &request, &ignored);
	if (x == NULL)
		return;
	client_exchange_wait(x);
	client_exchange_end(x);
	client_answer_free(&ignored);
}

enum client_end
client_ask(
    struct client *client, const struct request *request, struct answer *answer)
{
	struct exchange *x;
	enum client_end end;

	*answer = (struct answer){0};
	client->why[0] = '\0';
	x = client_exchange_begin(&client->place, request, answer);
	if (x == NULL)
		return (CLIENT_NO_MEMORY);
	end = client_exchange_wait(x);
	if (end == CLIENT_UNREACHABLE || end == CLIENT_LOST)
		strlcpy(client->why, client_exchange_reason(x),
		    sizeof(client->why));
	if (end == CLIENT_ANSWERED && answer->body != NULL)
		answer->json = client_parse(answer->body, answer->len);
	if ((end == CLIENT_INTERRUPTED || end == CLIENT_TIMEOUT) &&
	    request->cancel && x->connected)
		client_cancel(client, request->id);
	client_exchange_end(x);
	return (end);
}

void
client_answer_free(struct answer *answer)
{
	free(answer->body);
	json_object_put(answer->json);
	*answer = (struct answer){0};
}
