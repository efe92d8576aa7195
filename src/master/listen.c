/*
 * Opens, keeps and closes listening sockets.  They belong to the master, so
 * that low ports can be bound and the front end can be replaced without a
 * connection refused.  A change of configuration is done in two steps, the
 * first of which can fail and be undone.
 */

#include "master/listen.h"
#include "common/conf.h"
#include "common/fd.h"
#include "common/log.h"
#include "master/channel.h"
#include "master/user.h"

#include <sys/queue.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define BACKLOG 1024

/* systemd passes sockets from this descriptor on. */
#define LISTEN_FDS_START 3

struct listener {
	TAILQ_ENTRY(listener) entry;
	int fd;
	bool inherited; /* never closed by a reload */
	bool fresh;	/* opened by a reload not yet committed */
	bool wanted;	/* listed by the configuration being prepared */
	char *path;	/* of a Unix socket of ours; or NULL */
	char name[];	/* as configured */
};

static mode_t socket_mode; /* of Unix sockets, as configured */
static TAILQ_HEAD(, listener) listeners = TAILQ_HEAD_INITIALIZER(listeners);

/* Marks all listeners of that name as wanted; false when there is none. */
static bool
listener_want(const char *name)
{
	struct listener *l;
	bool any = false;

	TAILQ_FOREACH (l, &listeners, entry) {
		if (strcmp(l->name, name) == 0)
			any = l->wanted = true;
	}
	return (any);
}

/* Takes over fd, and closes it on failure. */
static struct listener *
listener_new(const char *name, int fd)
{
	struct listener *l = calloc(1, sizeof(*l) + strlen(name) + 1);

	if (l == NULL) {
		close(fd);
		return (NULL);
	}
	strcpy(l->name, name);
	l->fd = fd;
	TAILQ_INSERT_TAIL(&listeners, l, entry);
	return (l);
}

static void
listener_free(struct listener *l)
{
	TAILQ_REMOVE(&listeners, l, entry);
	close(l->fd);
	if (l->path != NULL)
		unlink(l->path);
	free(l->path);
	free(l);
}

/* Where it really listens: the configured port may be 0. */
static void
listener_log(const struct listener *l)
{
	struct sockaddr_storage ss;
	socklen_t len = sizeof(ss);
	char host[NI_MAXHOST], port[NI_MAXSERV];

	if (getsockname(l->fd, (struct sockaddr *)&ss, &len) == -1 ||
	    ss.ss_family == AF_UNIX ||
	    getnameinfo((struct sockaddr *)&ss, len, host, sizeof(host), port,
		sizeof(port), NI_NUMERICHOST | NI_NUMERICSERV) != 0)
		log_info("listening on %s", l->name);
	else
		log_info(strchr(host, ':') != NULL ? "listening on [%s]:%s"
						   : "listening on %s:%s",
		    host, port);
}

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

static int
listen_unix(const char *name, const char *path)
{
	struct sockaddr_un sun = {.sun_family = AF_UNIX};
	struct listener *l;
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
	/* Before listen(2): until then nobody can connect. */
	if (chown(path, user_id(), user_group_id()) == -1 ||
	    chmod(path, socket_mode) == -1 || listen(fd, BACKLOG) == -1) {
		unlink(path);
		fd_close(&fd);
		return (-1);
	}
	if ((l = listener_new(name, fd)) == NULL || !(l->path = strdup(path))) {
		unlink(path);
		return (-1);
	}
	l->fresh = l->wanted = true;
	return (0);
}

static int
listen_socket(const struct addrinfo *ai)
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
listen_addresses(const char *name, const struct addrinfo *ai)
{
	struct listener *l;
	int fd, opened = 0;

	for (; ai != NULL; ai = ai->ai_next) {
		fd = listen_socket(ai);
		if (fd == -1 &&
		    (errno == EAFNOSUPPORT || errno == EADDRNOTAVAIL))
			continue;
		if (fd == -1 || (l = listener_new(name, fd)) == NULL)
			return (-1);
		l->fresh = l->wanted = true;
		opened++;
	}
	return (opened > 0 ? 0 : -1);
}

/* name is HOST:PORT, [HOST]:PORT or *:PORT; conf has checked its form. */
static int
listen_inet(const char *name)
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
	if (getaddrinfo(strcmp(host, "*") == 0 ? NULL : host, colon + 1, &hints,
		&ai) != 0) {
		errno = EADDRNOTAVAIL;
		return (-1);
	}
	rc = listen_addresses(name, ai);
	freeaddrinfo(ai);
	return (rc);
}

static int
listen_open(const char *name)
{
	int rc = strncmp(name, "unix:", 5) == 0 ? listen_unix(name, name + 5)
						: listen_inet(name);

	if (rc == -1)
		log_error("cannot listen on %s: %s", name, strerror(errno));
	return (rc);
}

static bool
listen_is_inherited(void)
{
	struct listener *l = TAILQ_FIRST(&listeners);

	return (l != NULL && l->inherited);
}

int
listen_prepare(const struct conf *conf)
{
	struct listener *l;

	if (listen_is_inherited()) /* these replace what is configured */
		return (0);
	socket_mode = (mode_t)conf->socket_mode;
	TAILQ_FOREACH (l, &listeners, entry)
		l->wanted = false;
	for (size_t i = 0; i < conf->listen.count; i++) {
		const char *name = conf->listen.items[i];

		if (listener_want(name) || listen_open(name) == 0)
			continue;
		listen_abort();
		return (-1);
	}
	return (0);
}

void
listen_abort(void)
{
	struct listener *l, *next;

	TAILQ_FOREACH_SAFE (l, &listeners, entry, next)
		if (l->fresh)
			listener_free(l);
}

/* A socket that stays gets the mode that the configuration has now. */
static void
listener_chmod(const struct listener *l)
{
	if (l->path != NULL && chmod(l->path, socket_mode) == -1)
		log_warn(
		    "%s: cannot change its mode: %s", l->name, strerror(errno));
}

void
listen_commit(void)
{
	struct listener *l, *next;

	TAILQ_FOREACH_SAFE (l, &listeners, entry, next) {
		if (l->fresh) {
			listener_log(l);
			channel_listen(l->name, l->fd);
			l->fresh = false;
		} else if (l->wanted) {
			listener_chmod(l);
		} else if (!l->inherited) {
			log_info("no longer listening on %s", l->name);
			channel_unlisten(l->name);
			listener_free(l);
		}
	}
}

int
listen_inherit(void)
{
	const char *pid = getenv("LISTEN_PID"), *fds = getenv("LISTEN_FDS");
	const char *error = NULL;
	struct listener *l;
	char name[32];
	int count;

	if (pid == NULL || fds == NULL || atol(pid) != getpid())
		return (0);
	count = (int)strtonum(fds, 0, 1024, &error);
	if (error != NULL) {
		log_error("LISTEN_FDS=%s is %s", fds, error);
		return (-1);
	}
	for (int fd = LISTEN_FDS_START; fd < LISTEN_FDS_START + count; fd++) {
		snprintf(name, sizeof(name), "systemd:%d", fd);
		if (fd_prepare(fd) == -1 ||
		    (l = listener_new(name, fd)) == NULL) {
			log_error("LISTEN_FDS: descriptor %d: %s", fd,
			    strerror(errno));
			return (-1);
		}
		l->inherited = true;
		listener_log(l);
	}
	unsetenv("LISTEN_PID");
	unsetenv("LISTEN_FDS");
	unsetenv("LISTEN_FDNAMES");
	return (0);
}

void
listen_introduce(void)
{
	struct listener *l;

	TAILQ_FOREACH (l, &listeners, entry)
		channel_listen(l->name, l->fd);
}

void
listen_close(void)
{
	struct listener *l;

	while ((l = TAILQ_FIRST(&listeners)) != NULL)
		listener_free(l);
}
