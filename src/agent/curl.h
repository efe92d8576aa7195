/*
 * libcurl, loaded when it is first needed, and exchanges of it that a cancelled
 * call ends.
 */

#ifndef AGENT_CURL_H
#define AGENT_CURL_H

#define CURL_DISABLE_TYPECHECK /* its macros stand in for the functions */
#include <curl/curl.h>

/* The functions that are used, as curl.h declares them. */
/* clang-format off */
#define CURL_FUNCTIONS(do) \
	do(curl_global_init) \
	do(curl_easy_init) \
	do(curl_easy_setopt) \
	do(curl_easy_getinfo) \
	do(curl_easy_escape) \
	do(curl_easy_strerror) \
	do(curl_easy_cleanup) \
	do(curl_free) \
	do(curl_multi_init) \
	do(curl_multi_setopt) \
	do(curl_multi_add_handle) \
	do(curl_multi_perform) \
	do(curl_multi_poll) \
	do(curl_multi_info_read) \
	do(curl_multi_remove_handle) \
	do(curl_multi_cleanup) \
	do(curl_slist_append) \
	do(curl_slist_free_all) \
	do(curl_url) \
	do(curl_url_set) \
	do(curl_url_get) \
	do(curl_url_cleanup)
/* clang-format on */

struct curl_api {
#define CURL_MEMBER(name) __typeof__(&name) name;
	CURL_FUNCTIONS(CURL_MEMBER)
#undef CURL_MEMBER
};

/*
 * Loads and initialises it at the first call.  NULL when that fails, each
 * time; otherwise valid for ever.
 */
const struct curl_api *curl_load(void);

/*
 * As curl_easy_perform(), by way of a handle that keeps connections for the
 * next time.  CURLE_ABORTED_BY_CALLBACK when the call was cancelled.
 */
CURLcode curl_perform(const struct curl_api *, CURLM *, CURL *);

#endif
