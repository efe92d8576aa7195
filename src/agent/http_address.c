/*
 * Tells addresses of this host and of its link from others, so that a tool
 * that fetches what it is told cannot be led to services that trust the host
 * they run on.  Asked with the address of each connection before it is made,
 * which no name server can change any more.
 */

#include "agent/http_address.h"

#include <sys/socket.h>

#include <arpa/inet.h>
#include <ifaddrs.h>
#include <netinet/in.h>
#include <stddef.h>
#include <string.h>

/* Everything is looked at as IPv6, IPv4 as ::ffff:a.b.c.d. */
struct prefix {
	const char *address;
	unsigned int bits;
};

/* The private networks (10/8, fc00::/7 and so on) are not among them. */
static const struct prefix local[] = {
    {"::ffff:0.0.0.0", 96 + 8},	  /* this host */
    {"::ffff:127.0.0.0", 96 + 8}, /* loopback */
    {"::ffff:169.254.0.0", 96 + 16},
    {"::ffff:224.0.0.0", 96 + 4},	 /* multicast */
    {"::ffff:255.255.255.255", 96 + 32}, /* broadcast */
    {"::", 128},
    {"::1", 128},
    {"fe80::", 10},
    {"fec0::", 10}, /* site-local, as it once was */
    {"ff00::", 8},  /* multicast */
    /* A cloud's service at 169.254.169.254, by its other address. */
    {"fd00:ec2::254", 128},
};

/* Where an IPv4 address hides in an IPv6 one. */
static const struct embedding {
	struct prefix prefix;
	size_t at; /* byte */
} embeddings[] = {
    {{"::", 96}, 12},		/* IPv4-compatible */
    {{"64:ff9b::", 96}, 12},	/* NAT64 */
    {{"64:ff9b:1::", 48}, 12},	/* NAT64 of a site */
    {{"::ffff:0:0:0", 96}, 12}, /* IPv4-translated */
    {{"2002::", 16}, 2},	/* 6to4 */
};

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static bool
prefix_has(const struct prefix *prefix, const struct in6_addr *address)
{
	struct in6_addr want;
	size_t bytes = prefix->bits / 8, rest = prefix->bits % 8;
	unsigned int mask = 0xff00u >> rest & 0xff;

	if (inet_pton(AF_INET6, prefix->address, &want) != 1)
		return (true); /* our own mistake is no way in */
	return (memcmp(&want, address, bytes) == 0 &&
		(rest == 0 || ((want.s6_addr[bytes] ^ address->s6_addr[bytes]) &
				  mask) == 0));
}

static bool
address_listed(const struct in6_addr *address)
{
	for (size_t i = 0; i < COUNT(local); i++)
		if (prefix_has(&local[i], address))
			return (true);
	return (false);
}

static struct in6_addr
address_mapped(const void *ipv4)
{
	struct in6_addr address = {0};

	address.s6_addr[10] = address.s6_addr[11] = 0xff;
	memcpy(&address.s6_addr[12], ipv4, 4);
	return (address);
}

/* Any address as IPv6; false: it is of another family. */
static bool
address_read(const struct sockaddr *from, struct in6_addr *address)
{
	struct sockaddr_in in;

	if (from->sa_family == AF_INET6) {
		memcpy(address,
		    (const char *)from +
			offsetof(struct sockaddr_in6, sin6_addr),
		    sizeof(*address));
		return (true);
	}
	if (from->sa_family != AF_INET)
		return (false);
	memcpy(&in, from, sizeof(in));
	*address = address_mapped(&in.sin_addr);
	return (true);
}

/* Whether an interface of this host has it. */
static bool
address_own(const struct in6_addr *address)
{
	struct ifaddrs *list, *one;
	struct in6_addr own;
	bool found = false;

	if (getifaddrs(&list) == -1)
		return (true);
	for (one = list; one != NULL && !found; one = one->ifa_next)
		found = one->ifa_addr != NULL &&
			address_read(one->ifa_addr, &own) &&
			memcmp(&own, address, sizeof(own)) == 0;
	freeifaddrs(list);
	return (found);
}

bool
http_address_is_local(const struct sockaddr *from)
{
	struct in6_addr address, inner;

	if (!address_read(from, &address))
		return (true);
	if (address_listed(&address) || address_own(&address))
		return (true);
	for (size_t i = 0; i < COUNT(embeddings); i++) {
		if (!prefix_has(&embeddings[i].prefix, &address))
			continue;
		inner = address_mapped(&address.s6_addr[embeddings[i].at]);
		if (address_listed(&inner) || address_own(&inner))
			return (true);
	}
	return (false);
}
