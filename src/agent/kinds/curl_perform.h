/*
 * An exchange of libcurl that a cancelled call ends.
 */

#ifndef AGENT_KINDS_CURL_PERFORM_H
#define AGENT_KINDS_CURL_PERFORM_H

#include "agent/kinds/curl_load.h"

/*
 * As curl_easy_perform(), by way of a handle that keeps connections for the
 * next time.  CURLE_ABORTED_BY_CALLBACK when the call was cancelled.
 */
CURLcode curl_perform(const struct curl_api *, CURLM *, CURL *);

#endif
