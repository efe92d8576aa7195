/*
 * Speaks the notification protocol of systemd, which is a datagram of
 * VARIABLE=VALUE lines to a Unix socket and documented as stable in
 * sd_notify(3).  Failing to notify harms nobody but the one who listens, so
 * errors are not followed up.
 */

#include "master/notify.h"
#include "common/clock.h"
#include "common/fd.h"
#include "common/log.h"
#include "master/globals.h"

#include <sys/socket.h>
#include <sys/un.h>

#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <event2/event.h>

static struct sockaddr_un address;
static socklen_t address_len; /* 0: nobody listens */
static int64_t watchdog_us;
static struct event *watchdog_event;
static bool (*watchdog_healthy)(void);

void
notify_init(void)
{
	const char *path = getenv("NOTIFY_SOCKET");
	const char *usec = getenv("WATCHDOG_USEC"),
		   *pid = getenv("WATCHDOG_PID");

	if (path != NULL && (path[0] == '/' || path[0] == '@') &&
	    strlen(path) < sizeof(address.sun_path)) {
		address.sun_family = AF_UNIX;
		strcpy(address.sun_path, path);
		address_len =
		    (socklen_t)(offsetof(struct sockaddr_un, sun_path) +
				strlen(path));
		if (path[0] == '@') /* Linux's abstract namespace */
			address.sun_path[0] = '\0';
	}
	if (usec != NULL && (pid == NULL || atol(pid) == master.pid))
		watchdog_us = strtonum(usec, 1, INT64_MAX / 2, NULL);
	unsetenv("NOTIFY_SOCKET");
	unsetenv("WATCHDOG_USEC");
	unsetenv("WATCHDOG_PID");
}

static void
notify_send(const char *message)
{
	int fd;

	if (address_len == 0)
		return;
	fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd == -1)
		return;
	if (sendto(fd, message, strlen(message), MSG_NOSIGNAL,
		(struct sockaddr *)&address, address_len) == -1)
		log_debug("the service manager did not accept a notification");
	fd_close(&fd);
}

void
notify_ready(void)
{
	notify_send("READY=1\nSTATUS=Serving");
}

void
notify_reloading(void)
{
	char message[80];

	snprintf(message, sizeof(message), "RELOADING=1\nMONOTONIC_USEC=%lld",
	    (long long)(clock_now_ns() / NS_PER_US));
	notify_send(message);
}

void
notify_stopping(void)
{
	notify_send("STOPPING=1\nSTATUS=Finishing accepted calls");
}

/*
 * sd_watchdog_enabled(3) advises to notify twice in each interval; twice that,
 * so that one missed answer, of a front end that is just replaced, is no end.
 */
static void
notify_watchdog_beat(evutil_socket_t fd, short what, void *arg)
{
	if (watchdog_healthy())
		notify_send("WATCHDOG=1");
}

void
notify_watchdog(bool (*healthy)(void))
{
	struct timeval tv = {
	    watchdog_us / 4 / 1000000, watchdog_us / 4 % 1000000};

	if (watchdog_us == 0)
		return;
	watchdog_healthy = healthy;
	watchdog_event =
	    event_new(master.base, -1, EV_PERSIST, notify_watchdog_beat, NULL);
	if (watchdog_event == NULL || event_add(watchdog_event, &tv) == -1)
		log_fatal("out of memory");
}
