/*
 * Makes listening sockets.  Called by listen.c, which keeps them; logs
 * nothing, and leaves no file behind when it fails.
 */

#include "master/listen_socket.h"
#include "common/fd.h"
#include "common/log.h"
#include "master/user.h"

#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define BACKLOG 1024

/* A socket file that nobody listens on was left by a crash. */
static int
listen_remove_stale(const struct sockaddr_un *sun)
{
	struct stat st;
	int fd, rc;

	if (lstat(sun->sun_path, &st) == -1)
		return (errno == ENOENT ? 0 : -1);
	if (!S_ISSOCK(st.st_mode)) {
		errno = EEXIST;
		return (-1);
	}
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd == -1)
		return (-1);
	rc = connect(fd, (const struct sockaddr *)sun, sizeof(*sun));
	if (rc == -1 && errno == ECONNREFUSED)
		rc = unlink(sun->sun_path);
	else {
		errno = EADDRINUSE;
		rc = -1;
	}
	fd_close(&fd);
	return (rc);
}

/* What others may do with a socket is known before they can connect. */
static int
listen_grant(const char *path, mode_t mode, bool shared)
{
	if (shared && chown(path, user_id(), user_group_id()) == -1)
		return (-1);
	return (chmod(path, mode));
}

int
listen_socket_unix(const char *path, mode_t mode, bool shared)
{
	struct sockaddr_un sun = {.sun_family = AF_UNIX};
	int fd;

	strlcpy(sun.sun_path, path, sizeof(sun.sun_path));
	if (listen_remove_stale(&sun) == -1)
		return (-1);
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd == -1)
		return (-1);
	if (bind(fd, (struct sockaddr *)&sun, sizeof(sun)) == -1) {
		fd_close(&fd);
		return (-1);
	}
	if (listen_grant(path, mode, shared) == -1 ||
	    listen(fd, BACKLOG) == -1) {
		unlink(path);
		fd_close(&fd);
	}
	return (fd);
}

static int
listen_socket_at(const struct addrinfo *ai)
{
	int fd, on = 1;

	fd = socket(
	    ai->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd == -1)
		return (-1);
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	if (ai->ai_family == AF_INET6)
		setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof(on));
	if (bind(fd, ai->ai_addr, ai->ai_addrlen) == -1 ||
	    listen(fd, BACKLOG) == -1)
		fd_close(&fd);
	return (fd);
}

/*
 * One listener for each address of a host, all under its name.  A family that
 * the kernel lacks, or an address it has not, is no error as long as there is
 * another.
 */
static int
listen_addresses(const char *name, const struct addrinfo *ai,
    int (*add)(const char *name, int fd))
{
	int fd, opened = 0;

	for (; ai != NULL; ai = ai->ai_next) {
		fd = listen_socket_at(ai);
		if (fd == -1 &&
		    (errno == EAFNOSUPPORT || errno == EADDRNOTAVAIL))
			continue;
		if (fd == -1 || add(name, fd) == -1)
			return (-1);
		opened++;
	}
	return (opened > 0 ? 0 : -1);
}

int
listen_socket_inet(const char *name, int (*add)(const char *name, int fd))
{
	struct addrinfo hints = {.ai_flags = AI_PASSIVE | AI_NUMERICSERV,
	    .ai_socktype = SOCK_STREAM};
	struct addrinfo *ai;
	char host[NI_MAXHOST];
	const char *colon = strrchr(name, ':'), *start = name;
	size_t len = (size_t)(colon - name);
	int rc;

	if (*start == '[') {
		start++;
		len -= 2;
	}
	snprintf(host, sizeof(host), "%.*s", (int)len, start);
	rc = getaddrinfo(
	    strcmp(host, "*") == 0 ? NULL : host, colon + 1, &hints, &ai);
	if (rc != 0) {
		log_error("%s: %s", host, gai_strerror(rc));
		errno = EADDRNOTAVAIL;
		return (-1);
	}
	rc = listen_addresses(name, ai, add);
	freeaddrinfo(ai);
	return (rc);
}
