/*
 * Host names of HTTP tools, looked up without a thread.
 */

#ifndef AGENT_KINDS_HTTP_RESOLVE_H
#define AGENT_KINDS_HTTP_RESOLVE_H

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

#endif
