/*
 * Speaks to syslogd as syslog(3) does, in the form of RFC 3164, but never
 * waits: that function blocks for as long as syslogd does not read, and the
 * master may not.  A syslogd that was restarted is found again.
 */

#include "common/log_syslog.h"

#include <sys/socket.h>
#include <sys/un.h>

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <syslog.h>
#include <time.h>
#include <unistd.h>

#define LINE_MAX_BYTES 2048

const char *log_syslog_path = "/dev/log";

static int syslog_fd = -1;

static void
log_syslog_close(void)
{
	if (syslog_fd != -1)
		close(syslog_fd);
	syslog_fd = -1;
}

static int
log_syslog_connect(void)
{
	struct sockaddr_un sun = {.sun_family = AF_UNIX};

	strlcpy(sun.sun_path, log_syslog_path, sizeof(sun.sun_path));
	syslog_fd =
	    socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (syslog_fd == -1)
		return (-1);
	if (connect(syslog_fd, (struct sockaddr *)&sun, sizeof(sun)) == 0)
		return (0);
	log_syslog_close();
	return (-1);
}

int
log_syslog_try(void)
{
	return (syslog_fd != -1 ? 0 : log_syslog_connect());
}

int
log_syslog_send(int level, const char *text)
{
	char line[LINE_MAX_BYTES], when[sizeof("Jan  1 00:00:00")];
	time_t now = time(NULL);
	struct tm tm;
	int len;

	strftime(when, sizeof(when), "%b %e %H:%M:%S", localtime_r(&now, &tm));
	len = snprintf(line, sizeof(line), "<%d>%s agentd[%d]: %s",
	    LOG_DAEMON | level, when, (int)getpid(), text);
	if ((size_t)len >= sizeof(line))
		len = sizeof(line) - 1;
	for (int tries = 0; tries < 2; tries++) {
		if (syslog_fd == -1 && log_syslog_connect() == -1)
			break;
		if (send(syslog_fd, line, (size_t)len, MSG_NOSIGNAL) != -1)
			return (0);
		if (errno == EAGAIN || errno == ENOBUFS)
			break;
		log_syslog_close();
	}
	return (-1);
}
