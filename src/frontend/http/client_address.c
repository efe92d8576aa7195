/*
 * Who is at the other end of a connection.  The control socket is for
 * administrators, whom no rate binds; of a Unix socket the users are told
 * apart, so that a proxy there is one client.
 */

#include "common/clock.h"
#include "common/uuid.h"
#include "conf/conf.h"
#include "frontend/globals.h"
#include "frontend/http/clients.h"
#include "frontend/http/conn.h"

#include <sys/socket.h>

#include <arpa/inet.h>
#include <netinet/in.h>

#include <endian.h>
#include <stdio.h>
#include <string.h>

/* A client here may take any of 2^24 addresses: they are all one. */
static struct client_key
client_key_v4(uint32_t address)
{
	if (address >> 24 == IN_LOOPBACKNET)
		address = INADDR_LOOPBACK;
	return ((struct client_key){CLIENT_V4, address});
}

static struct client_key
client_key_v6(const struct in6_addr *address)
{
	struct client_key key = {CLIENT_V6, 0};
	uint32_t v4;

	if (IN6_IS_ADDR_V4MAPPED(address)) {
		memcpy(&v4, address->s6_addr + 12, sizeof(v4));
		return (client_key_v4(ntohl(v4)));
	}
	if (IN6_IS_ADDR_LOOPBACK(address))
		return (client_key_v4(INADDR_LOOPBACK));
	memcpy(&key.value, address->s6_addr, sizeof(key.value));
	key.value = be64toh(key.value);
	return (key);
}

struct client_key
client_key(const struct sockaddr *address)
{
	struct sockaddr_in6 in6;
	struct sockaddr_in in;

	if (address->sa_family == AF_INET) {
		memcpy(&in, address, sizeof(in));
		return (client_key_v4(ntohl(in.sin_addr.s_addr)));
	}
	if (address->sa_family != AF_INET6)
		return ((struct client_key){CLIENT_UNKNOWN, 0});
	memcpy(&in6, address, sizeof(in6));
	return (client_key_v6(&in6.sin6_addr));
}

/* False: it cannot be told. */
static bool
client_user(int fd, uid_t *uid)
{
	struct ucred user;
	socklen_t len = sizeof(user);

	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &user, &len) == -1)
		return (false);
	*uid = user.uid;
	return (true);
}

/* Those that cannot be told are all one. */
static struct client_key
client_of(int fd, bool local)
{
	struct sockaddr_storage address = {.ss_family = AF_UNSPEC};
	socklen_t len = sizeof(address);
	uid_t uid;

	if (local && client_user(fd, &uid))
		return ((struct client_key){CLIENT_USER, uid});
	if (local)
		return ((struct client_key){CLIENT_UNKNOWN, 0});
	(void)!getpeername(fd, (struct sockaddr *)&address, &len);
	return (client_key((const struct sockaddr *)&address));
}

int64_t
clients_admit(struct conn *conn, int64_t calls)
{
	const struct conf *conf = frontend.conf;

	if (conf->client_rate == 0 || conn->control)
		return (0);
	return (clients_take(client_of(conn->fd, conn->local),
	    bucket_rate(conf->client_rate, conf->client_burst), calls,
	    clock_now_ns()));
}

static void
client_describe_ip(
    const struct sockaddr_storage *ss, char text[static CALLER_ADDRESS_SIZE])
{
	const struct sockaddr_in6 *in6 = (const void *)ss;
	const struct sockaddr_in *in = (const void *)ss;
	char ip[INET6_ADDRSTRLEN];

	if (ss->ss_family == AF_INET &&
	    inet_ntop(AF_INET, &in->sin_addr, ip, sizeof(ip)) != NULL)
		snprintf(text, CALLER_ADDRESS_SIZE, "%s:%u", ip,
		    ntohs(in->sin_port));
	else if (ss->ss_family == AF_INET6 &&
		 inet_ntop(AF_INET6, &in6->sin6_addr, ip, sizeof(ip)) != NULL)
		snprintf(text, CALLER_ADDRESS_SIZE, "[%s]:%u", ip,
		    ntohs(in6->sin6_port));
}

static void
client_describe(const struct conn *conn, char text[static CALLER_ADDRESS_SIZE])
{
	struct sockaddr_storage address = {.ss_family = AF_UNSPEC};
	socklen_t len = sizeof(address);
	uid_t uid;

	strcpy(text, "-");
	if (conn->local && client_user(conn->fd, &uid))
		snprintf(text, CALLER_ADDRESS_SIZE, "uid:%u", uid);
	else if (!conn->local &&
		 getpeername(conn->fd, (struct sockaddr *)&address, &len) == 0)
		client_describe_ip(&address, text);
}

/* The name, or "" when we do not repeat it. */
static const char *
client_name(const char *name)
{
	size_t len = 0;

	if (name == NULL)
		return ("");
	while (name[len] > ' ' && name[len] < 127)
		len++;
	return (name[len] == '\0' && len <= CALLER_NAME_MAX ? name : "");
}

void
client_identify(struct conn *conn, const char *name)
{
	if (name != NULL && uuid_parse(name, conn->id))
		name = NULL;
	else
		uuid_generate(conn->id);
	uuid_format(conn->id, conn->id_text);
	name = client_name(name);
	if (conn->caller != NULL && strcmp(conn->caller->name, name) == 0)
		return;
	if (conn->caller == NULL || conn->caller->holders > 1) {
		caller_release(conn->caller);
		if ((conn->caller = caller_new()) != NULL)
			client_describe(conn, conn->caller->address);
	}
	if (conn->caller != NULL)
		strlcpy(conn->caller->name, name, sizeof(conn->caller->name));
}

struct client_share *
clients_join(struct conn *conn)
{
	return (client_share_join(client_of(conn->fd, conn->local)));
}
