/*
 * One request and its answer, by libcurl's multi interface: so it ends when
 * something else is to be attended to, with the connection still there.
 * Called by client.c alone.  Takes no more of an answer than a daemon can
 * send.
 */

#include "agentctl/exchange.h"

#include <curl/curl.h>
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agentctl/client.h"
#include "common/clock.h"

/* The largest result, twice: escapes make JSON longer. */
#define ANSWER_MAX ((size_t)128 << 20)

/* To be connected by. */
#define CONNECT_MS 5000L

/* Longest sleep in libcurl when nothing limits it. */
#define NAP_MS 60000

#define WATCH_MAX 4

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
exchange_take(char *data, size_t size, size_t n, void *arg)
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
exchange_ready(void *arg, char *ip, char *own_ip, int port, int own_port)
{
	struct exchange *x = arg;

	x->connected = true;
	return (CURL_PREREQFUNC_OK);
}

static bool
exchange_header(struct exchange *x, const char *name, const char *value)
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
exchange_set_body(struct exchange *x, const struct request *request)
{
	bool post = strcmp(request->method, "POST") == 0;

	if (!post)
		return (SET(CURLOPT_CUSTOMREQUEST, request->method));
	return (
	    SET(CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)request->body_len) &&
	    SET(CURLOPT_POSTFIELDS,
		request->body == NULL ? "" : request->body) &&
	    exchange_header(x, "Content-Type", "application/json"));
}

/* A socket is no matter for a proxy, wherever the environment has one. */
static bool
exchange_set_place(struct exchange *x)
{
	if (x->place->socket == NULL)
		return (true);
	return (SET(CURLOPT_UNIX_SOCKET_PATH, x->place->socket) &&
		SET(CURLOPT_PROXY, ""));
}

static bool
exchange_set(struct exchange *x, const struct request *request)
{
	return (SET(CURLOPT_URL, x->url) &&
		SET(CURLOPT_PROTOCOLS_STR, "http,https") &&
		SET(CURLOPT_NOSIGNAL, 1L) && SET(CURLOPT_FOLLOWLOCATION, 0L) &&
		SET(CURLOPT_CONNECTTIMEOUT_MS, CONNECT_MS) &&
		SET(CURLOPT_USERAGENT, "agentctl/" PACKAGE_VERSION) &&
		SET(CURLOPT_ERRORBUFFER, x->error) &&
		SET(CURLOPT_PREREQFUNCTION, exchange_ready) &&
		SET(CURLOPT_PREREQDATA, x) &&
		SET(CURLOPT_WRITEFUNCTION, exchange_take) &&
		SET(CURLOPT_WRITEDATA, x) && exchange_set_place(x) &&
		exchange_set_body(x, request) &&
		(request->id == NULL ||
		    exchange_header(x, "X-Request-Id", request->id)) &&
		exchange_header(x, "Expect", "") &&
		SET(CURLOPT_HTTPHEADER, x->headers));
}

struct exchange *
exchange_begin(const struct exchange_place *place,
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
	if (x->url != NULL && x->easy != NULL && exchange_set(x, request) &&
	    curl_multi_add_handle(place->multi, x->easy) == CURLM_OK)
		return (x);
	exchange_end(x);
	return (NULL);
}

/* Whether libcurl is done with it. */
static bool
exchange_done(struct exchange *x)
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
exchange_outcome(struct exchange *x)
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
exchange_left_ms(const struct exchange *x)
{
	int64_t left_ns = x->deadline_ns - clock_now_ns();

	if (x->deadline_ns == 0 || left_ns > NAP_MS * NS_PER_MS)
		return (NAP_MS);
	return (left_ns <= 0 ? 0 : (int)(left_ns / NS_PER_MS) + 1);
}

/* Sleeps until something happens; true when that is for somebody else. */
static bool
exchange_sleep(struct exchange *x, int ms)
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

enum client_end
exchange_wait(struct exchange *x)
{
	int running, ms;

	for (;;) {
		if (curl_multi_perform(x->place->multi, &running) != CURLM_OK)
			return (CLIENT_NO_MEMORY);
		if (exchange_done(x))
			return (exchange_outcome(x));
		if ((ms = exchange_left_ms(x)) == 0)
			return (
			    x->connected ? CLIENT_TIMEOUT : CLIENT_UNREACHABLE);
		if (exchange_sleep(x, ms))
			return (CLIENT_INTERRUPTED);
	}
}

/* The system's word for it is clearer than libcurl's. */
static const char *
exchange_reason(const struct exchange *x)
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

void
exchange_why(
    const struct exchange *x, enum client_end end, char *why, size_t size)
{
	if (end == CLIENT_UNREACHABLE || end == CLIENT_LOST)
		strlcpy(why, exchange_reason(x), size);
	else
		why[0] = '\0';
}

bool
exchange_connected(const struct exchange *x)
{
	return (x->connected);
}

void
exchange_end(struct exchange *x)
{
	if (x->easy != NULL) {
		curl_multi_remove_handle(x->place->multi, x->easy);
		curl_easy_cleanup(x->easy);
	}
	curl_slist_free_all(x->headers);
	free(x->url);
	free(x);
}
