/*
 * Makes an exchange of libcurl and watches what may cancel the call meanwhile.
 * curl_easy_perform() could only be stopped from a callback, which an idle
 * connection has once a second.  Called by HTTP tools and the weather's.
 */

#include "agent/kinds/curl_perform.h"
#include "agent/live.h"

#include <stddef.h>

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
