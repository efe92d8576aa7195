/*
 * Writes log lines.  Every process uses it; only the master's copy owns a
 * destination, the others write to the pipe that the master reads.  It never
 * waits: a line that cannot be written at once is dropped, and the next one
 * that can be says how many were.  syslog(3) blocks for as long as syslogd does
 * not read, so that what it does is done here, in the form of RFC 3164; a
 * syslogd that was restarted is found again.
 */

#include "common/log.h"

#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <syslog.h>
#include <time.h>
#include <unistd.h>

#include "common/clock.h"
#include "common/log_form.h"
#include "common/safe.h"
#include "common/utf8.h"

/* At most what a pipe takes in one piece (PIPE_BUF). */
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

static int
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

bool
log_limit_admit(struct log_limit *limit, int64_t every_ns, unsigned long *held)
{
	int64_t now = clock_now_ns();

	if (limit->last_ns != 0 && now - limit->last_ns < every_ns) {
		limit->held++;
		return (false);
	}
	*held = limit->held;
	limit->last_ns = now;
	limit->held = 0;
	return (true);
}

enum sink { SINK_STREAM, SINK_SYSLOG, SINK_PIPE };

static enum sink sink = SINK_STREAM;
static int sink_fd = STDERR_FILENO;
static bool sink_borrowed; /* see log_open_lines() */
static char *sink_path;	   /* of a file, for log_reopen() */
static int threshold = LOG_INFO;
static char open_why[SAFE_WHY_SIZE];
static unsigned long dropped;
static bool as_json;
static void (*tapped)(const char *text);

static const char *const level_names[] = {
    [LOG_ERR] = "error",
    [LOG_WARNING] = "warning",
    [LOG_NOTICE] = "notice",
    [LOG_INFO] = "info",
    [LOG_DEBUG] = "debug",
};

/* Afterwards the log is standard error. */
static void
log_close_file(void)
{
	if (sink_fd > STDERR_FILENO && !sink_borrowed)
		close(sink_fd);
	sink_fd = STDERR_FILENO;
	sink_borrowed = false;
}

/*
 * A FIFO is opened for reading, too: so it takes lines for the reader that is
 * yet to come, or to come back.
 */
static int
log_open_fd(const char *path)
{
	int fd = safe_open(
	    path, SAFE_WRITTEN, O_WRONLY | O_APPEND | O_CREAT, 0640, open_why);
	struct stat st;

	if (fd == -1 ? errno != ENXIO
		     : fstat(fd, &st) == -1 || !S_ISFIFO(st.st_mode))
		return (fd);
	if (fd != -1)
		close(fd);
	return (safe_open(path, SAFE_WRITTEN, O_RDWR, 0, open_why));
}

static int
log_open_file(const char *path)
{
	int fd = log_open_fd(path);

	if (fd == -1)
		return (-1);
	log_close_file();
	sink_fd = fd;
	sink = SINK_STREAM;
	return (0);
}

int
log_open(const char *destination)
{
	char *path = NULL;

	if (destination[0] == '/') {
		strlcpy(open_why, "out of memory", sizeof(open_why));
		if ((path = strdup(destination)) == NULL)
			return (-1);
		if (log_open_file(destination) == -1) {
			free(path);
			return (-1);
		}
	} else if (strcmp(destination, "syslog") == 0) {
		log_close_file();
		sink = SINK_SYSLOG;
	} else {
		log_close_file();
		sink = SINK_STREAM;
	}
	free(sink_path);
	sink_path = path;
	return (0);
}

const char *
log_open_why(void)
{
	return (open_why);
}

int
log_reopen(void)
{
	return (sink_path == NULL ? 0 : log_open_file(sink_path));
}

void
log_open_lines(int fd)
{
	log_close_file();
	sink = SINK_STREAM;
	sink_borrowed = fd != -1;
	sink_fd = fd == -1 ? STDERR_FILENO : fd;
	free(sink_path);
	sink_path = NULL;
}

int
log_fd(void)
{
	return (sink_fd);
}

void
log_open_pipe(int fd)
{
	sink = SINK_PIPE;
	sink_fd = fd;
	sink_borrowed = false;
	free(sink_path);
	sink_path = NULL;
}

void
log_set_json(bool json)
{
	as_json = json;
}

void
log_set_level(int level)
{
	threshold = level;
}

bool
log_enabled(int level)
{
	return (level <= threshold);
}

void
log_tap(void (*tap)(const char *text))
{
	tapped = tap;
}

/* One write; a line is whole in the log or not there. */
static bool
log_write(const char *line, size_t len)
{
	struct pollfd p = {.fd = sink_fd, .events = POLLOUT};

	/* A reader that has stopped must not stop us. */
	if (poll(&p, 1, 0) != 1 || !(p.revents & POLLOUT) ||
	    write(sink_fd, line, len) == -1) {
		dropped++;
		return (false);
	}
	return (true);
}

/* As JSON, to where it belongs; who is NULL when it is the master itself. */
static void
log_object(int level, const char *who, const char *text)
{
	char line[2 * LINE_MAX_BYTES], when[CLOCK_FORMAT_SIZE];
	struct log_json json = {.when = when,
	    .severity = level_names[level],
	    .process = who == NULL ? "master" : who,
	    .pid = (int)getpid(),
	    .text = text + (who == NULL ? 0 : strlen(who) + 2),
	    .fields = who != NULL && strcmp(who, "frontend") == 0};
	size_t len;

	clock_format(clock_wall_ns(), when);
	len = log_json_write(line, sizeof(line), &json);
	if (sink != SINK_SYSLOG) {
		log_write(line, len);
		return;
	}
	line[len - 1] = '\0';
	if (log_syslog_send(level, line) == -1)
		dropped++;
}

/*
 * Puts the time, or for a child its severity, in front.  The text begins with
 * who says it, unless that is NULL.
 */
static void
log_stream(int level, const char *who, const char *text)
{
	char line[LINE_MAX_BYTES], when[CLOCK_FORMAT_SIZE];
	size_t len;

	if (as_json && sink != SINK_PIPE) {
		log_object(level, who, text);
		return;
	}
	if (sink == SINK_SYSLOG) {
		if (log_syslog_send(level, text) == -1)
			dropped++;
		return;
	}
	if (sink == SINK_PIPE) {
		len = log_pipe_write(line, sizeof(line), level, text);
	} else {
		clock_format(clock_wall_ns(), when);
		len = (size_t)snprintf(line, sizeof(line),
		    "%s agentd[%d] %s: %s\n", when, (int)getpid(),
		    level_names[level], text);
		if (len >= sizeof(line)) {
			len = utf8_whole(line, sizeof(line) - 2);
			line[len++] = '\n';
		}
	}
	log_write(line, len);
}

/* Whatever went into it, a message is one line. */
static void
log_text(int level, const char *who, char *text)
{
	char note[64];
	unsigned long lost = dropped;

	if (lost > 0) {
		dropped = 0;
		snprintf(note, sizeof(note), "%lu log line%s lost", lost,
		    lost == 1 ? " was" : "s were");
		log_stream(LOG_WARNING, NULL, note);
		if (dropped > 0) { /* still stuck */
			dropped += lost;
			return;
		}
	}
	utf8_clean_line(text);
	log_stream(level, who, text);
}

static void __attribute__((format(printf, 2, 0)))
log_format(int level, const char *fmt, va_list ap)
{
	char text[LINE_MAX_BYTES];
	int saved = errno;

	bool tap = tapped != NULL && level <= LOG_WARNING;

	if (tap || log_enabled(level))
		vsnprintf(text, sizeof(text), fmt, ap);
	if (tap)
		tapped(text);
	if (log_enabled(level))
		log_text(level, NULL, text);
	errno = saved;
}

#define LOG_AT(level)                       \
	do {                                \
		va_list ap;                 \
                                            \
		va_start(ap, fmt);          \
		log_format(level, fmt, ap); \
		va_end(ap);                 \
	} while (0)

void
log_error(const char *fmt, ...)
{
	LOG_AT(LOG_ERR);
}

void
log_warn(const char *fmt, ...)
{
	LOG_AT(LOG_WARNING);
}

void
log_info(const char *fmt, ...)
{
	LOG_AT(LOG_INFO);
}

void
log_debug(const char *fmt, ...)
{
	LOG_AT(LOG_DEBUG);
}

void
log_line(int level, const char *who, const char *line)
{
	char text[LINE_MAX_BYTES];

	if (!log_enabled(level))
		return;
	snprintf(text, sizeof(text), "%s: %s", who, line);
	log_text(level, who, text);
}

void
log_tool(const char *tool)
{
	static char told[128];
	char line[sizeof(told) + 64];

	if (sink != SINK_PIPE || strncmp(told, tool, sizeof(told) - 1) == 0)
		return;
	if (log_write(line, log_pipe_write_tool(line, sizeof(line), tool)))
		strlcpy(told, tool, sizeof(told));
}

void
log_fatal(const char *fmt, ...)
{
	LOG_AT(LOG_ERR);
	if (sink == SINK_PIPE) /* a child: what is set up is not its to undo */
		_exit(1);
	exit(1);
}
