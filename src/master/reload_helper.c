/*
 * Reads a configuration in the place of the master: parsers may run out of
 * memory in libraries that do not survive that, files may hang and name servers
 * keep it waiting, and none of that is to touch anything that is in force.
 */

#include "master/reload_helper.h"
#include "common/log.h"
#include "conf/conf.h"
#include "master/bundle.h"
#include "master/daemon.h"
#include "master/globals.h"
#include "master/listen.h"
#include "master/watch.h"

#include <sys/socket.h>

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <syslog.h>
#include <unistd.h>

static void
reload_helper_report(const char *line)
{
	log_error("%s", line);
}

static void
reload_helper_report_tool(const char *line)
{
	log_warn("%s", line);
}

static void
reload_helper_report_kept(const char *name)
{
	log_warn("%s is changed only by a restart", name);
}

static int
reload_helper_send(const struct listen_record *record, int fd)
{
	union {
		struct cmsghdr header;
		char room[CMSG_SPACE(sizeof(int))];
	} control = {0};
	struct iovec part = {(void *)(uintptr_t)record, sizeof(*record)};
	struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1};
	struct cmsghdr *header;
	ssize_t sent;

	if (fd != -1) {
		message.msg_control = control.room;
		message.msg_controllen = sizeof(control.room);
		header = CMSG_FIRSTHDR(&message);
		header->cmsg_level = SOL_SOCKET;
		header->cmsg_type = SCM_RIGHTS;
		header->cmsg_len = CMSG_LEN(sizeof(int));
		memcpy(CMSG_DATA(header), &fd, sizeof(int));
	}
	do
		sent = sendmsg(RELOAD_SOCKET_FD, &message, MSG_NOSIGNAL);
	while (sent == -1 && errno == EINTR);
	return (sent == -1 ? -1 : 0);
}

/* The usual place of manifests need not be there, but what was is to stay. */
static void
reload_helper_expect_tools(struct conf *conf)
{
	if (access(conf->tools_dir, F_OK) == 0 ||
	    (!master.conf->tools_dir_preset &&
		strcmp(conf->tools_dir, master.conf->tools_dir) == 0))
		conf->tools_dir_preset = false;
}

static struct conf *
reload_helper_conf(void)
{
	struct conf *conf =
	    conf_load(master.options.conf_path, reload_helper_report);
	char why[160];

	if (conf == NULL)
		return (NULL);
	if (master.options.debug)
		conf->log_level = LOG_DEBUG; /* -d outlives a reload */
	if (conf_keep(conf, master.conf, reload_helper_report_kept) == -1) {
		log_error("out of memory");
		return (NULL);
	}
	reload_helper_expect_tools(conf);
	if (daemon_suffices(conf, conf_agents_min(conf), why, sizeof(why)) == 0)
		return (conf);
	log_error("%s", why);
	return (NULL);
}

/* Tools that cannot be read now may be in use: they are not given up. */
static int
reload_helper_tools(const struct conf *conf)
{
	int unreadable =
	    bundle_write(RELOAD_BUNDLE_FD, conf, reload_helper_report_tool);

	if (unreadable > 0)
		log_error("manifests cannot be read: no tool is given up");
	return (unreadable == 0 ? 0 : -1);
}

void
reload_helper(void *arg)
{
	static const struct listen_record last = {.last = true};
	struct conf *conf;
	int watch;

	signal(SIGXFSZ, SIG_IGN); /* bundle_write() says what is too large */
	/* Whoever waits for the answer gets warnings, logged or not. */
	if (!log_enabled(LOG_WARNING))
		log_set_level(LOG_WARNING);
	/* Sockets are the last, so that none is left by one who fails. */
	if ((conf = reload_helper_conf()) == NULL)
		_exit(1);
	watch = watch_open(conf);
	if (reload_helper_tools(conf) == -1 || listen_prepare(conf) == -1)
		_exit(1);
	if (listen_hand_over(reload_helper_send) == 0 &&
	    reload_helper_send(&last, watch) == 0)
		_exit(0);
	log_error("cannot hand over: %s", strerror(errno));
	listen_undo();
	_exit(1);
}
