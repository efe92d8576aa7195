/*
 * Makes listening sockets, takes those that systemd passes, and says where one
 * listens.  Keeps none, and leaves no file behind when it fails.
 */

#include "master/listen_socket.h"
#include "common/clock.h"
#include "common/control_place.h"
#include "common/fd.h"
#include "common/log.h"
#include "common/safe.h"
#include "conf/conf.h"
#include "conf/conf_check.h"
#include "master/user.h"

#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define BACKLOG 1024

/* systemd passes sockets from this descriptor on. */
#define LISTEN_FDS_START 3

/* For another to make a socket in the same directory. */
#define LOCK_LIMIT_MS 2000

/* A Unix socket while it is made: its directory is held, not looked for. */
struct place {
	struct sockaddr_un address;
	int dir;
	const char *name; /* in dir */
	char *why;
};

static int
listen_place_fail(struct place *place, const char *words)
{
	snprintf(place->why, SAFE_WHY_SIZE, "%s", words);
	return (-1);
}

static int
listen_place_fail_errno(struct place *place)
{
	return (listen_place_fail(place, strerror(errno)));
}

static int
listen_place_socket(struct place *place)
{
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	return (fd == -1 ? listen_place_fail_errno(place) : fd);
}

/* A socket file that nobody listens on was left by a crash. */
static int
listen_place_clear(struct place *place)
{
	const struct sockaddr *address = (const void *)&place->address;
	struct stat st;
	int fd, rc;

	if (fstatat(place->dir, place->name, &st, AT_SYMLINK_NOFOLLOW) == -1)
		return (errno == ENOENT ? 0 : listen_place_fail_errno(place));
	if (!S_ISSOCK(st.st_mode))
		return (listen_place_fail(place, strerror(EEXIST)));
	if ((fd = listen_place_socket(place)) == -1)
		return (-1);
	rc = connect(fd, address, sizeof(place->address));
	if (rc == -1 && errno == ECONNREFUSED)
		rc = unlinkat(place->dir, place->name, 0);
	else {
		errno = EADDRINUSE;
		rc = -1;
	}
	fd_close(&fd);
	return (rc == -1 ? listen_place_fail_errno(place) : 0);
}

/*
 * Opens the file of a socket, but only as what it is.  In a directory where
 * others may write, the name may have become that of something else.
 */
static int
listen_place_open(const struct place *place, struct stat *st)
{
	int fd =
	    openat(place->dir, place->name, O_PATH | O_NOFOLLOW | O_CLOEXEC);

	if (fd == -1)
		return (-1);
	if (fstat(fd, st) == 0 && S_ISSOCK(st->st_mode) && st->st_nlink == 1)
		return (fd);
	errno = EPERM;
	fd_close(&fd);
	return (-1);
}

/* What others may do with a socket is known before they can connect. */
static int
listen_place_grant(
    struct place *place, mode_t mode, bool shared, struct stat *st)
{
	int fd = listen_place_open(place, st), rc = -1;

	if (fd == -1)
		return (listen_place_fail_errno(place));
	if (st->st_uid != geteuid())
		listen_place_fail(place, "somebody has put another one there");
	else if ((shared && fchownat(fd, "", user_id(), user_group_id(),
				AT_EMPTY_PATH) == -1) ||
		 safe_chmod(fd, mode) == -1)
		listen_place_fail_errno(place);
	else
		rc = 0;
	fd_close(&fd);
	return (rc);
}

/*
 * Two that start at once must not both find a file without a listener, and one
 * of them remove what the other has just made: the directory is locked for as
 * long as that takes.  Whoever holds such a lock for longer keeps nobody from
 * starting.  Returns a descriptor, or -1.
 */
static int
listen_place_lock(const struct place *place)
{
	int64_t give_up = clock_now_ns() + LOCK_LIMIT_MS * NS_PER_MS;
	int fd = openat(place->dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	while (fd != -1 && flock(fd, LOCK_EX | LOCK_NB) == -1 &&
	       errno == EWOULDBLOCK && clock_now_ns() < give_up)
		poll(NULL, 0, 10);
	return (fd);
}

static int
listen_place_make(
    struct place *place, mode_t mode, bool shared, struct stat *st)
{
	int fd;

	if (listen_place_clear(place) == -1 ||
	    (fd = listen_place_socket(place)) == -1)
		return (-1);
	/* It follows no link that has this name. */
	if (bind(fd, (const struct sockaddr *)(const void *)&place->address,
		sizeof(place->address)) == -1) {
		listen_place_fail_errno(place);
		fd_close(&fd);
	} else if (listen_place_grant(place, mode, shared, st) == -1) {
		unlinkat(place->dir, place->name, 0);
		fd_close(&fd);
	} else if (listen(fd, BACKLOG) == -1) {
		listen_place_fail_errno(place);
		unlinkat(place->dir, place->name, 0);
		fd_close(&fd);
	}
	return (fd);
}

int
listen_socket_unix(const char *path, mode_t mode, bool shared, struct stat *st,
    char why[static SAFE_WHY_SIZE])
{
	struct place place = {.address = {.sun_family = AF_UNIX}, .why = why};
	int fd, lock;

	strlcpy(place.address.sun_path, path, sizeof(place.address.sun_path));
	place.dir = safe_open_parent(path, SAFE_WRITTEN, &place.name, why);
	if (place.dir == -1)
		return (-1);
	lock = listen_place_lock(&place);
	fd = listen_place_make(&place, mode, shared, st);
	fd_close(&lock);
	fd_close(&place.dir);
	return (fd);
}

int
listen_socket_chmod(const char *path, dev_t device, ino_t inode, mode_t mode,
    char why[static SAFE_WHY_SIZE])
{
	struct place place = {.why = why};
	struct stat st;
	int fd, rc = -1;

	place.dir = safe_open_parent(path, SAFE_WRITTEN, &place.name, why);
	if (place.dir == -1)
		return (-1);
	if ((fd = listen_place_open(&place, &st)) == -1)
		listen_place_fail_errno(&place);
	else if (st.st_dev != device || st.st_ino != inode)
		listen_place_fail(&place, "it is no longer ours");
	else if ((rc = safe_chmod(fd, mode)) == -1)
		listen_place_fail_errno(&place);
	fd_close(&fd);
	fd_close(&place.dir);
	return (rc);
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

/* Whether clients can connect to it; what is none at all has an error. */
static bool
listen_takes_clients(int fd)
{
	socklen_t len = sizeof(int);
	int listens = 0;

	if (getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &listens, &len) == -1)
		return (false);
	errno = EINVAL;
	return (listens != 0);
}

int
listen_socket_inherit(int (*add)(const char *name, int fd))
{
	const char *pid = getenv("LISTEN_PID"), *fds = getenv("LISTEN_FDS");
	const char *error = NULL;
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
		if (!listen_takes_clients(fd) || fd_prepare(fd) == -1 ||
		    add(name, fd) == -1) {
			log_error("LISTEN_FDS: descriptor %d: %s", fd,
			    errno == EINVAL ? "is no listening socket"
					    : strerror(errno));
			return (-1);
		}
		listen_socket_log(fd, name);
	}
	unsetenv("LISTEN_PID");
	unsetenv("LISTEN_FDS");
	unsetenv("LISTEN_FDNAMES");
	return (0);
}

void
listen_socket_make_places(const struct conf *conf)
{
	char place[CONTROL_PLACE_SIZE];
	const char *path;

	for (unsigned int i = 0; control_place(i, place); i++) {
		if (place[0] == '\0')
			continue;
		*strrchr(place, '/') = '\0';
		for (size_t j = 0; j < conf->listen.count; j++) {
			path = conf_socket_path(conf->listen.items[j]);
			if (path != NULL &&
			    strncmp(path, place, strlen(place)) == 0 &&
			    path[strlen(place)] == '/')
				(void)!mkdir(place, 0755);
		}
	}
}

void
listen_socket_log(int fd, const char *name)
{
	struct sockaddr_storage ss;
	socklen_t len = sizeof(ss);
	char host[NI_MAXHOST], port[NI_MAXSERV];

	if (getsockname(fd, (struct sockaddr *)&ss, &len) == -1 ||
	    ss.ss_family == AF_UNIX ||
	    getnameinfo((struct sockaddr *)&ss, len, host, sizeof(host), port,
		sizeof(port), NI_NUMERICHOST | NI_NUMERICSERV) != 0)
		log_info("listening on %s", name);
	else
		log_info(strchr(host, ':') != NULL ? "listening on [%s]:%s"
						   : "listening on %s:%s",
		    host, port);
}
