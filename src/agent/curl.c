/*
 * Loads libcurl into the agent that first makes a call with it.  It brings
 * some thirty libraries along, for TLS and much else: linked to the program,
 * they would be mapped into every process of ours, the master and the front
 * end included, which have no use for them.
 *
 * While an exchange runs, what may cancel the call is watched, too.
 * curl_easy_perform() could only be stopped from a callback, which an idle
 * connection has once a second.
 */

#include "agent/curl.h"
#include "agent/live.h"

#include <dlfcn.h>
#include <stddef.h>
#include <string.h>

/* The name that goes with the headers' version of the interface. */
#define LIBRARY "libcurl.so.4"

static struct curl_api api;

static const struct {
	const char *name;
	void *slot;
} symbols[] = {
#define CURL_SYMBOL(name) {#name, &api.name},
    CURL_FUNCTIONS(CURL_SYMBOL)
#undef CURL_SYMBOL
};

static int
curl_resolve(void *library)
{
	for (size_t i = 0; i < sizeof(symbols) / sizeof(symbols[0]); i++) {
		void *symbol = dlsym(library, symbols[i].name);

		if (symbol == NULL)
			return (-1);
		/* POSIX has it that a function's address fits there. */
		memcpy(symbols[i].slot, &symbol, sizeof(symbol));
	}
	return (0);
}

const struct curl_api *
curl_load(void)
{
	static const struct curl_api *loaded;
	void *library;

	if (loaded != NULL)
		return (loaded);
	if ((library = dlopen(LIBRARY, RTLD_NOW | RTLD_LOCAL)) == NULL)
		return (NULL);
	if (curl_resolve(library) == -1 ||
	    api.curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK) {
		dlclose(library);
		return (NULL);
	}
	loaded = &api;
	return (loaded);
}

/* libcurl wakes up earlier when it has something to do. */
#define WAIT_MS 60000

static CURLcode
curl_perform_result(const struct curl_api *lib, CURLM *multi)
{
	CURLMsg *message;
	int left;

	while ((message = lib->curl_multi_info_read(multi, &left)) != NULL)
		if (message->msg == CURLMSG_DONE)
			return (message->data.result);
	return (CURLE_FAILED_INIT);
}

static CURLMcode
curl_perform_wait(const struct curl_api *lib, CURLM *multi)
{
	struct curl_waitfd live = {.fd = live_fd(), .events = CURL_WAIT_POLLIN};
	CURLMcode code = lib->curl_multi_poll(
	    multi, &live, live.fd == -1 ? 0 : 1, WAIT_MS, NULL);

	if (live.fd != -1 && live.revents != 0)
		live_seen();
	return (code);
}

CURLcode
curl_perform(const struct curl_api *lib, CURLM *multi, CURL *curl)
{
	CURLcode result = CURLE_OUT_OF_MEMORY;
	CURLMcode code;
	int running;

	if (lib->curl_multi_add_handle(multi, curl) != CURLM_OK)
		return (result);
	while ((code = lib->curl_multi_perform(multi, &running)) == CURLM_OK) {
		result = running == 0	    ? curl_perform_result(lib, multi)
			 : live_cancelled() ? CURLE_ABORTED_BY_CALLBACK
					    : CURLE_OK;
		if (running == 0 || result != CURLE_OK)
			break;
		if ((code = curl_perform_wait(lib, multi)) != CURLM_OK)
			break;
	}
	if (code != CURLM_OK)
		result = code == CURLM_OUT_OF_MEMORY ? CURLE_OUT_OF_MEMORY
						     : CURLE_FAILED_INIT;
	lib->curl_multi_remove_handle(multi, curl);
	return (result);
}
