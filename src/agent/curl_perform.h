/*
 * An exchange of libcurl that a cancelled call ends.
 */

#ifndef AGENT_CURL_PERFORM_H
#define AGENT_CURL_PERFORM_H

#include "agent/curl_load.h"

/*
 * As curl_easy_perform(), by way of a handle that keeps connections for the
 * next time.  CURLE_ABORTED_BY_CALLBACK when the call was cancelled.
 */
CURLcode curl_perform(const struct curl_api *, CURLM *, CURL *);

#endif
