/*
 * Tells addresses of this host, its link and its cloud from others, so that a
 * tool that fetches what it is told cannot be led to services that trust the
 * host they run on.  Asked with the address of each connection before it is
 * made, which no name server can change any more.
 */

#include "agent/kinds/http_address.h"

#include <sys/socket.h>

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

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
    {"::ffff:192.0.0.0", 96 + 24}, /* of protocols, and a cloud's metadata */
    {"::ffff:224.0.0.0", 96 + 4},  /* multicast */
    {"::ffff:240.0.0.0", 96 + 4},  /* reserved, and broadcast */
    {"::", 128}, {"::1", 128}, {"fe80::", 10},
    {"fec0::", 10}, /* site-local, as it once was */
    {"ff00::", 8},  /* multicast */
    /* Tunnels: where they end, nobody can tell. */
    {"2001::", 32}, /* Teredo */
    /* What a cloud tells its hosts, by other addresses than 169.254.0.0. */
    {"::ffff:100.100.100.200", 128}, /* Alibaba */
    {"::ffff:168.63.129.16", 128},   /* Azure */
    {"fd00:ec2::254", 128},	     /* Amazon */
    {"fd00:ec2::23", 128},	     /* Amazon, of pods */
    {"fd20:ce::254", 128},	     /* Google */
    {"fd00:c1::a9fe:a9fe", 128},     /* Oracle */
    {"fd00:42::42", 128},	     /* Scaleway */
};

/* The middle of an ISATAP address, whatever its network, but for a bit. */
static const uint8_t isatap[4] = {0x00, 0x00, 0x5e, 0xfe};
#define ISATAP_AT 8
#define ISATAP_GLOBAL 0x02

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
http_prefix_has(const struct prefix *prefix, const struct in6_addr *address)
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
http_address_tunnels(const struct in6_addr *address)
{
	uint8_t middle[sizeof(isatap)];

	memcpy(middle, &address->s6_addr[ISATAP_AT], sizeof(middle));
	middle[0] &= (uint8_t)~ISATAP_GLOBAL;
	return (memcmp(middle, isatap, sizeof(middle)) == 0);
}

static bool
http_address_listed(const struct in6_addr *address)
{
	if (http_address_tunnels(address))
		return (true);
	for (size_t i = 0; i < COUNT(local); i++)
		if (http_prefix_has(&local[i], address))
			return (true);
	return (false);
}

static struct in6_addr
http_address_mapped(const void *ipv4)
{
	struct in6_addr address = {0};

	address.s6_addr[10] = address.s6_addr[11] = 0xff;
	memcpy(&address.s6_addr[12], ipv4, 4);
	return (address);
}

/* Any address as IPv6; false: it is of another family. */
static bool
http_address_read(const struct sockaddr *from, struct in6_addr *address)
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
	*address = http_address_mapped(&in.sin_addr);
	return (true);
}

/* The reverse of http_address_read(); returns its length. */
static socklen_t
http_address_write(const struct in6_addr *address, struct sockaddr_storage *to)
{
	struct sockaddr_in in = {.sin_family = AF_INET, .sin_port = htons(1)};
	struct sockaddr_in6 in6 = {
	    .sin6_family = AF_INET6, .sin6_port = htons(1)};

	if (IN6_IS_ADDR_V4MAPPED(address)) {
		memcpy(&in.sin_addr, &address->s6_addr[12], 4);
		memcpy(to, &in, sizeof(in));
		return (sizeof(in));
	}
	in6.sin6_addr = *address;
	memcpy(to, &in6, sizeof(in6));
	return (sizeof(in6));
}

/*
 * Where there is no way to it, it is not ours, and nobody gets there.  What
 * else may be wrong does not tell.
 */
static bool
http_address_has_no_route(int error)
{
	return (error == ENETUNREACH || error == EHOSTUNREACH ||
		error == EADDRNOTAVAIL);
}

/*
 * Whether this host has it: what is sent there then comes from the address
 * itself.  To connect a datagram socket sends nothing.  A list of interfaces
 * would take netlink sockets, which a service may be denied.
 */
static bool
http_address_own(const struct in6_addr *address)
{
	struct sockaddr_storage to = {0}, from = {0};
	socklen_t len = http_address_write(address, &to);
	int fd = socket(to.ss_family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	struct in6_addr source;
	bool own = true;

	if (fd == -1)
		return (errno != EAFNOSUPPORT); /* nobody gets there either */
	if (connect(fd, (struct sockaddr *)&to, len) == -1)
		own = !http_address_has_no_route(errno);
	else if (getsockname(fd, (struct sockaddr *)&from, &len) == 0 &&
		 http_address_read((struct sockaddr *)&from, &source))
		own = memcmp(&source, address, sizeof(source)) == 0;
	close(fd);
	return (own);
}

bool
http_address_is_local(const struct sockaddr *from)
{
	struct in6_addr address, inner;

	if (!http_address_read(from, &address))
		return (true);
	if (http_address_listed(&address) || http_address_own(&address))
		return (true);
	for (size_t i = 0; i < COUNT(embeddings); i++) {
		if (!http_prefix_has(&embeddings[i].prefix, &address))
			continue;
		inner = http_address_mapped(&address.s6_addr[embeddings[i].at]);
		if (http_address_listed(&inner) || http_address_own(&inner))
			return (true);
	}
	return (false);
}
