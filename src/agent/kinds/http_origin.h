/*
 * Where requests of HTTP tools go: the parts of URLs as libcurl reads them, and
 * host names, looked up without a thread.
 */

#ifndef AGENT_KINDS_HTTP_ORIGIN_H
#define AGENT_KINDS_HTTP_ORIGIN_H

#include "agent/curl.h"

#include <stdbool.h>
#include <stddef.h>

/*
 * Looks host up, which may be an address; it can take as long as the name
 * service does.  Gives "host:port:address,address", as CURLOPT_RESOLVE takes
 * it, with the addresses that may be used, to be freed.  NULL with the reason
 * in why.
 */
char *http_resolve(const char *host, const char *port, bool allow_local,
    char *why, size_t why_size);

/*
 * A part of a URL, to be freed with curl_free(), or NULL.  libcurl must be
 * loaded, here and below.
 */
char *http_origin_part(const char *url, CURLUPart part);

/*
 * Whether a and b have scheme, host and port in common, and whether b may
 * follow a: http or https, no user in it, and not http after https.
 */
bool http_origin_same(const char *a, const char *b);
bool http_origin_may_follow(const char *a, const char *b);

#endif
