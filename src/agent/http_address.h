/*
 * Which addresses an HTTP tool may connect to.
 */

#ifndef AGENT_HTTP_ADDRESS_H
#define AGENT_HTTP_ADDRESS_H

#include <stdbool.h>

struct sockaddr;

/*
 * Whether an address leads to this host or to its link, in any of the ways
 * in which IPv6 can write it.  So does any that cannot be told: one of
 * another family, or when the host's own addresses cannot be listed.
 */
bool http_address_is_local(const struct sockaddr *);

#endif
