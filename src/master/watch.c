/*
 * Notices changed manifests, by inotify(7), and says so when there was quiet
 * for a while.  Only that something changed is looked at, never the
 * files: what has become of them is for a reload to find out.
 *
 * Besides the directory, the one that it is in is watched: so it is noticed
 * when the directory is moved away, comes back, or is the symbolic link that
 * is turned to another one.
 */

#include "master/watch.h"
#include "common/clock.h"
#include "common/fd.h"
#include "common/log.h"
#include "conf/conf.h"
#include "master/globals.h"

#include <sys/inotify.h>

#include <errno.h>
#include <libgen.h>
#include <limits.h>
#include <stdbool.h>
#include <string.h>
#include <unistd.h>

#include <event2/event.h>
#include <event2/event_struct.h>

/* Without a further change; and from the first change, with or without. */
#define QUIET_MS 200
#define LONGEST_MS 2000

/* Reads a wake-up, so that a busy directory does not keep the master. */
#define READS_MAX 16

#define SUFFIX ".json"

#define NAMES (IN_CREATE | IN_DELETE | IN_MOVED_FROM | IN_MOVED_TO)

static void (*when_changed)(void);
static int watch_fd = -1;
static struct event watch_readable, watch_quiet;
static int64_t watch_first_ns; /* change that nobody was told of; or 0 */

/* A directory that is not there is noticed when it comes. */
static int
watch_add(int fd, const char *path)
{
	char copy[PATH_MAX];

	if (strlcpy(copy, path, sizeof(copy)) >= sizeof(copy)) {
		errno = ENAMETOOLONG;
		return (-1);
	}
	if (inotify_add_watch(fd, dirname(copy), NAMES | IN_ONLYDIR) == -1)
		return (-1);
	if (inotify_add_watch(fd, path,
		NAMES | IN_ATTRIB | IN_CLOSE_WRITE | IN_DELETE_SELF |
		    IN_MOVE_SELF | IN_ONLYDIR) == -1 &&
	    errno != ENOENT)
		return (-1);
	return (0);
}

int
watch_open(const struct conf *conf)
{
	int fd;

	if (!conf->tools_watch || conf->tools_dir[0] == '\0')
		return (-1);
	fd = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
	if (fd != -1 && watch_add(fd, conf->tools_dir) == 0)
		return (fd);
	log_warn("tools_watch: %s: %s", conf->tools_dir, strerror(errno));
	fd_close(&fd);
	return (-1);
}

/* Editors make files of other names; a name with ".." is a volume's switch. */
static bool
watch_concerns(const char *name)
{
	size_t len = strlen(name);
	const char *slash = strrchr(master.conf->tools_dir, '/');

	return (strncmp(name, "..", 2) == 0 ||
		(name[0] != '.' && len > strlen(SUFFIX) &&
		    strcmp(name + len - strlen(SUFFIX), SUFFIX) == 0) ||
		(slash != NULL && strcmp(name, slash + 1) == 0));
}

/* What has no name is about a directory as a whole, or events were lost. */
static bool
watch_is_change(const char *buf, size_t len)
{
	const struct inotify_event *event;

	for (size_t at = 0; at + sizeof(*event) <= len;
	     at += sizeof(*event) + event->len) {
		event = (const struct inotify_event *)(const void *)(buf + at);
		if (event->len == 0 || watch_concerns(event->name))
			return (true);
	}
	return (false);
}

static void
watch_note(void)
{
	struct timeval quiet = clock_timeval(QUIET_MS);
	int64_t now = clock_now_ns();

	if (watch_first_ns == 0)
		watch_first_ns = now;
	/* What was armed before goes off in time; what never was has to be. */
	if (now - watch_first_ns < (LONGEST_MS - QUIET_MS) * NS_PER_MS ||
	    !evtimer_pending(&watch_quiet, NULL))
		evtimer_add(&watch_quiet, &quiet);
}

static void
watch_changed(evutil_socket_t fd, short what, void *arg)
{
	char buf[4096] __attribute__((aligned(8)));
	ssize_t len;

	for (int i = 0; i < READS_MAX; i++) {
		len = read(watch_fd, buf, sizeof(buf));
		if (len <= 0)
			return;
		if (watch_is_change(buf, (size_t)len))
			watch_note();
	}
}

static void
watch_tell(evutil_socket_t fd, short what, void *arg)
{
	watch_first_ns = 0;
	when_changed();
}

void
watch_init(void (*changed)(void))
{
	when_changed = changed;
	evtimer_assign(&watch_quiet, master.base, watch_tell, NULL);
}

void
watch_take(int fd)
{
	if (watch_fd != -1)
		event_del(&watch_readable);
	fd_close(&watch_fd);
	if (fd == -1)
		return;
	watch_fd = fd;
	event_assign(&watch_readable, master.base, fd, EV_READ | EV_PERSIST,
	    watch_changed, NULL);
	if (event_add(&watch_readable, NULL) == 0)
		return;
	log_warn("tools_watch: out of memory");
	fd_close(&watch_fd);
}
