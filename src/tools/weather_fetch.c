/*
 * Asks the weather service over HTTP.  Never lets out the key: what goes into
 * an error is a sentence of libcurl that names no URL.  libcurl is loaded at
 * the first need, for it is large.
 */

#include <stdlib.h>
#include <string.h>

#include "agent/curl.h"
#include "agent/live.h"
#include "tools/tools.h"
#include "tools/weather_fetch.h"

/* An answer is some hundred bytes; more than this is none. */
#define REPLY_MAX ((size_t)256 * 1024)

static const struct curl_api *lib; /* loaded by weather_fetch() */

/* Called by libcurl with a piece of the body; anything but n stops it. */
static size_t
weather_fetch_take(char *data, size_t size, size_t n, void *arg)
{
	struct weather_reply *reply = arg;
	char *larger;

	if (n > REPLY_MAX - reply->len) {
		reply->too_large = true;
		return (0);
	}
	larger = realloc(reply->body, reply->len + n + 1);
	if (larger == NULL)
		return (0);
	memcpy(larger + reply->len, data, n);
	reply->body = larger;
	reply->len += n;
	return (n);
}

/* Appends name=value to the query of url. */
static bool
weather_fetch_add_param(
    CURL *curl, CURLU *url, const char *name, const char *value, size_t len)
{
	char *escaped = lib->curl_easy_escape(curl, value, len), *pair = NULL;
	size_t size;
	bool added = false;

	if (escaped != NULL) {
		size = strlen(name) + 1 + strlen(escaped) + 1;
		pair = malloc(size);
	}
	if (pair != NULL) {
		strlcpy(pair, name, size);
		strlcat(pair, "=", size);
		strlcat(pair, escaped, size);
		added = lib->curl_url_set(url, CURLUPART_QUERY, pair,
			    CURLU_APPENDQUERY) == CURLUE_OK;
	}
	free(pair);
	lib->curl_free(escaped);
	return (added);
}

/* The URL to ask, to be freed with curl_free(); NULL when it is none. */
static char *
weather_fetch_url(CURL *curl, const struct weather_service *service,
    const struct weather_query *query)
{
	CURLU *url = lib->curl_url();
	char *text = NULL;

	if (url != NULL &&
	    lib->curl_url_set(url, CURLUPART_URL, service->url, 0) ==
		CURLUE_OK &&
	    weather_fetch_add_param(
		curl, url, "q", query->location, query->location_len) &&
	    weather_fetch_add_param(
		curl, url, "units", query->units, strlen(query->units)) &&
	    weather_fetch_add_param(
		curl, url, "appid", service->key, strlen(service->key)) &&
	    lib->curl_url_get(url, CURLUPART_URL, &text, 0) != CURLUE_OK)
		text = NULL;
	lib->curl_url_cleanup(url);
	return (text);
}

/* At least some time: 0 would be for ever. */
static long
weather_fetch_timeout_ms(const struct tool_call *call)
{
	int64_t left = tool_remaining_ms(call) - LIVE_SOFT_MS;

	return (left > 1 ? left : 1);
}

static bool
weather_fetch_prepare(
    CURL *curl, const char *url, long timeout_ms, struct weather_reply *reply)
{
	return (
	    lib->curl_easy_setopt(curl, CURLOPT_URL, url) == CURLE_OK &&
	    lib->curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https") ==
		CURLE_OK &&
	    lib->curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L) == CURLE_OK &&
	    lib->curl_easy_setopt(curl, CURLOPT_QUICK_EXIT, 1L) == CURLE_OK &&
	    lib->curl_easy_setopt(curl, CURLOPT_FOLLOWLOCATION, 0L) ==
		CURLE_OK &&
	    lib->curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, timeout_ms) ==
		CURLE_OK &&
	    lib->curl_easy_setopt(curl, CURLOPT_USERAGENT, "agentd") ==
		CURLE_OK &&
	    lib->curl_easy_setopt(
		curl, CURLOPT_WRITEFUNCTION, weather_fetch_take) == CURLE_OK &&
	    lib->curl_easy_setopt(curl, CURLOPT_WRITEDATA, reply) == CURLE_OK);
}

static const char *
weather_fetch_reason(CURLcode code, const struct weather_reply *reply)
{
	if (reply->too_large)
		return ("its answer is too large");
	if (code == CURLE_OPERATION_TIMEDOUT)
		return ("no answer in time");
	return (lib == NULL ? "libcurl cannot be loaded"
			    : lib->curl_easy_strerror(code));
}

/* A service that is silent does not keep a cancelled call. */
static CURLcode
weather_fetch_exchange(CURL *curl)
{
	CURLM *multi = lib->curl_multi_init();
	CURLcode code;

	if (multi == NULL)
		return (CURLE_OUT_OF_MEMORY);
	code = curl_perform(lib, multi, curl);
	lib->curl_multi_cleanup(multi);
	return (code);
}

static CURLcode
weather_fetch_perform(
    CURL *curl, const char *url, long timeout_ms, struct weather_reply *reply)
{
	CURLcode code;

	if (url == NULL)
		return (CURLE_URL_MALFORMAT);
	if (!weather_fetch_prepare(curl, url, timeout_ms, reply))
		return (CURLE_FAILED_INIT);
	code = weather_fetch_exchange(curl);
	if (code == CURLE_OK)
		code = lib->curl_easy_getinfo(
		    curl, CURLINFO_RESPONSE_CODE, &reply->status);
	return (code);
}

bool
weather_fetch(struct tool_call *call, const struct weather_service *service,
    const struct weather_query *query, struct weather_reply *reply)
{
	CURLcode code = CURLE_FAILED_INIT;
	CURL *curl;
	char *url;

	*reply = (struct weather_reply){0};
	lib = curl_load();
	curl = lib != NULL ? lib->curl_easy_init() : NULL;
	if (curl != NULL) {
		url = weather_fetch_url(curl, service, query);
		code = weather_fetch_perform(
		    curl, url, weather_fetch_timeout_ms(call), reply);
		lib->curl_free(url);
		lib->curl_easy_cleanup(curl);
	}
	if (code == CURLE_OK)
		return (true);
	tool_fail(
	    call, "weather service: %s", weather_fetch_reason(code, reply));
	weather_reply_free(reply);
	return (false);
}

void
weather_reply_free(struct weather_reply *reply)
{
	free(reply->body);
	reply->body = NULL;
}
