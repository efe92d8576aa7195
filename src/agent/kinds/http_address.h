/*
 * Which addresses an HTTP tool may connect to.
 */

#ifndef AGENT_KINDS_HTTP_ADDRESS_H
#define AGENT_KINDS_HTTP_ADDRESS_H

#include <stdbool.h>

struct sockaddr;

/*
 * Whether an address leads to this host, to its link or to what a cloud tells
 * its hosts, in any of the ways in which IPv6 can write it.  So does any that
 * cannot be told: one of another family, the end of a tunnel, or when there is
 * no socket to ask for the host's own addresses.
 */
bool http_address_is_local(const struct sockaddr *);

#endif
