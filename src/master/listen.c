/*
 * Opens, keeps and closes listening sockets.  They belong to the master, so
 * that low ports can be bound and the front end can be replaced without a
 * connection refused.  A change of configuration is done in two steps, the
 * first of which can fail and be undone.
 */

#include "master/listen.h"
#include "common/control_place.h"
#include "common/fd.h"
#include "common/log.h"
#include "conf/conf.h"
#include "conf/conf_check.h"
#include "master/globals.h"
#include "master/link.h"
#include "master/listen_socket.h"

#include <sys/queue.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Room for unix:PATH; PATH fits the address of a socket. */
#define UNIX_NAME_SIZE (sizeof("unix:") + sizeof(struct sockaddr_un))

struct listener {
	TAILQ_ENTRY(listener) entry;
	int fd;
	bool inherited;	   /* never closed by a reload */
	bool fresh;	   /* opened by a reload not yet committed */
	bool wanted;	   /* listed by the configuration being prepared */
	bool control;	   /* the control socket */
	bool leaving;	   /* not in force; the front end has yet to close it */
	unsigned int told; /* so many messages on that it has not answered */
	char *path;	   /* of a Unix socket of ours; or NULL */
	dev_t device;	   /* of its file: the path may become another's */
	ino_t inode;
	char name[]; /* as configured, or unix:PATH */
};

/* Of Unix sockets, as configured. */
static mode_t socket_mode, control_mode;
static TAILQ_HEAD(listener_list, listener) listeners = TAILQ_HEAD_INITIALIZER(
    listeners);

/* Whether what is at its path is the file through which it is reached. */
static bool
listener_has_file(const struct listener *l)
{
	struct stat st;

	return (lstat(l->path, &st) == 0 && st.st_dev == l->device &&
		st.st_ino == l->inode);
}

/*
 * Marks all listeners of that name as wanted, or those that can be reached.
 * False when there is none.
 */
static bool
listener_want(const char *name, bool reachable)
{
	struct listener *l;
	bool any = false;

	TAILQ_FOREACH (l, &listeners, entry) {
		if (strcmp(l->name, name) == 0 &&
		    (!reachable || l->path == NULL || listener_has_file(l)))
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
	if (l->path != NULL && listener_has_file(l))
		unlink(l->path);
	free(l->path);
	free(l);
}

/* A socket that a configuration not yet in force wants. */
static int
listener_add(const char *name, int fd)
{
	struct listener *l = listener_new(name, fd);

	if (l == NULL)
		return (-1);
	l->fresh = l->wanted = true;
	return (0);
}

/*
 * The control socket stays the master's own: the front end, and the agents,
 * which run tools, need not reach it.
 */
static int
listen_unix(const char *name, const char *path, bool control, char *why)
{
	struct listener *l;
	struct stat st;
	int fd = listen_socket_unix(
	    path, control ? control_mode : socket_mode, !control, &st, why);

	if (fd == -1)
		return (-1);
	snprintf(why, SAFE_WHY_SIZE, "out of memory");
	if (listener_add(name, fd) == -1) {
		unlink(path);
		return (-1);
	}
	l = TAILQ_LAST(&listeners, listener_list);
	l->control = control;
	if ((l->path = strdup(path)) != NULL) {
		l->device = st.st_dev;
		l->inode = st.st_ino;
		return (0);
	}
	listener_free(l);
	unlink(path);
	return (-1);
}

static int
listen_open(const char *name)
{
	char why[SAFE_WHY_SIZE];
	const char *path = conf_socket_path(name);
	int rc;

	if (path != NULL)
		rc = listen_unix(name, path, false, why);
	else if ((rc = listen_socket_inet(name, listener_add)) == -1)
		snprintf(why, sizeof(why), "%s", strerror(errno));
	if (rc == -1)
		log_error("cannot listen on %s: %s", name, why);
	return (rc);
}

/* 0 also when it is open already. */
static int
listen_control_open(const char *path, char *why)
{
	char name[sizeof("control:") + CONTROL_PLACE_SIZE];

	snprintf(name, sizeof(name), "control:%s", path);
	return (
	    listener_want(name, true) ? 0 : listen_unix(name, path, true, why));
}

/* Where none was asked for by name, agentd does without it if it must. */
static int
listen_control(const char *path)
{
	char place[CONTROL_PLACE_SIZE], why[SAFE_WHY_SIZE];
	bool automatic = strcmp(path, "auto") == 0;

	if (path[0] == '\0')
		return (0);
	if (!automatic)
		path = conf_socket_path(path);
	if (automatic && !control_place_make(place)) {
		log_info("no control socket: there is no place for it; see "
			 "control in agentd.conf(5)");
		return (0);
	}
	if (listen_control_open(automatic ? place : path, why) == 0)
		return (0);
	if (automatic)
		log_warn("no control socket: %s: %s", place, why);
	else
		log_error("cannot listen on %s: %s", path, why);
	return (automatic ? 0 : -1);
}

static int
listen_add_inherited(const char *name, int fd)
{
	struct listener *l = listener_new(name, fd);

	if (l == NULL)
		return (-1);
	l->inherited = true;
	return (0);
}

int
listen_inherit(void)
{
	return (listen_socket_inherit(listen_add_inherited));
}

/* A Unix socket has one name, however it is written. */
static const char *
listen_name(const char *item, char room[static UNIX_NAME_SIZE])
{
	const char *path = conf_socket_path(item);

	if (path == NULL)
		return (item);
	snprintf(room, UNIX_NAME_SIZE, "unix:%s", path);
	return (room);
}

static int
listen_configured(const struct conf *conf)
{
	const struct listener *first = TAILQ_FIRST(&listeners);
	char room[UNIX_NAME_SIZE];

	/* What is inherited replaces what is configured. */
	if (first != NULL && first->inherited)
		return (0);
	listen_socket_make_places(conf);
	for (size_t i = 0; i < conf->listen.count; i++) {
		const char *name = listen_name(conf->listen.items[i], room);

		if (!listener_want(name, true) && listen_open(name) == -1)
			return (-1);
	}
	return (0);
}

void
listen_undo(void)
{
	struct listener *l, *next;

	TAILQ_FOREACH_SAFE (l, &listeners, entry, next)
		if (l->fresh)
			listener_free(l);
}

void
listen_begin(void)
{
	struct listener *l;

	TAILQ_FOREACH (l, &listeners, entry)
		l->wanted = false;
}

static void
listen_set_modes(const struct conf *conf)
{
	socket_mode = (mode_t)conf->socket_mode;
	control_mode = (mode_t)conf->control_mode;
}

int
listen_prepare(const struct conf *conf)
{
	listen_set_modes(conf);
	listen_begin();
	if (listen_configured(conf) == 0 && listen_control(conf->control) == 0)
		return (0);
	listen_undo();
	return (-1);
}

/* A socket that stays gets the mode that the configuration has now. */
static void
listener_chmod(const struct listener *l)
{
	mode_t mode = l->control ? control_mode : socket_mode;
	char why[SAFE_WHY_SIZE];

	if (l->path != NULL &&
	    listen_socket_chmod(l->path, l->device, l->inode, mode, why) == -1)
		log_warn("%s: cannot change its mode: %s", l->name, why);
}

/*
 * As long as the front end has a copy, the address is not free for another
 * socket: if it is wanted again meanwhile, it is to be this one.
 */
static void
listener_leave(struct listener *l)
{
	struct listener *same;

	log_info("no longer listening on %s", l->name);
	l->leaving = true;
	TAILQ_FOREACH (same, &listeners, entry)
		if (strcmp(same->name, l->name) == 0)
			same->told++;
	link_unlisten(l->name);
	if (l->path != NULL || !link_present(ROLE_FRONTEND))
		listener_free(l);
}

void
listen_commit(void)
{
	struct listener *l, *next;

	listen_set_modes(master.conf);
	TAILQ_FOREACH_SAFE (l, &listeners, entry, next) {
		if (l->fresh || (l->leaving && l->wanted)) {
			listen_socket_log(l->fd, l->name);
			link_listen(l->name, l->fd, l->control);
			l->fresh = l->leaving = false;
		} else if (l->wanted)
			listener_chmod(l);
		else if (!l->inherited && !l->leaving)
			listener_leave(l);
	}
}

void
listen_left(const char *name, size_t len)
{
	struct listener *l, *next;

	TAILQ_FOREACH_SAFE (l, &listeners, entry, next) {
		if (strlen(l->name) != len || memcmp(l->name, name, len) != 0)
			continue;
		if (l->told > 0)
			l->told--;
		if (l->leaving && l->told == 0)
			listener_free(l);
	}
}

void
listen_frontend_lost(void)
{
	struct listener *l, *next;

	TAILQ_FOREACH_SAFE (l, &listeners, entry, next) {
		l->told = 0;
		if (l->leaving)
			listener_free(l);
	}
}

int
listen_hand_over(int (*send)(const struct listen_record *, int fd))
{
	struct listener *l;

	TAILQ_FOREACH (l, &listeners, entry) {
		struct listen_record record = {.fresh = l->fresh,
		    .control = l->control,
		    .device = l->device,
		    .inode = l->inode};

		if (!l->wanted)
			continue;
		strlcpy(record.name, l->name, sizeof(record.name));
		if (l->path != NULL)
			strlcpy(record.path, l->path, sizeof(record.path));
		if (send(&record, l->fresh ? l->fd : -1) == -1)
			return (-1);
	}
	return (0);
}

int
listen_take(const struct listen_record *record, int fd)
{
	struct listener *l;

	if (!record->fresh) {
		fd_close(&fd);
		return (listener_want(record->name, false) ? 0 : -1);
	}
	if (fd == -1 || (l = listener_new(record->name, fd)) == NULL)
		return (-1);
	l->fresh = l->wanted = true;
	l->control = record->control;
	if (record->path[0] == '\0')
		return (0);
	l->device = (dev_t)record->device;
	l->inode = (ino_t)record->inode;
	if ((l->path = strdup(record->path)) != NULL)
		return (0);
	unlink(record->path);
	listener_free(l);
	return (-1);
}

void
listen_introduce(void)
{
	struct listener *l;

	/* A reload that is not over may yet fail. */
	TAILQ_FOREACH (l, &listeners, entry)
		if (!l->leaving && !l->fresh)
			link_listen(l->name, l->fd, l->control);
}

void
listen_close(void)
{
	struct listener *l;

	while ((l = TAILQ_FIRST(&listeners)) != NULL)
		listener_free(l);
}
