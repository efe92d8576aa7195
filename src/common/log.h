/*
 * Logging, one line an event.  The master writes to where the configuration
 * says; its children write lines with a "<severity>" prefix to a pipe that
 * the master reads, so that one process alone owns the log.
 *
 * Severity by blame: fatal = cannot start; error = agentd itself lost
 * something; warn = an agent, a client or the environment; info = a state
 * changed; debug = messages.
 */

#ifndef COMMON_LOG_H
#define COMMON_LOG_H

#include <stdbool.h>
#include <stdint.h>
#include <syslog.h>

/*
 * Opens the log: "stderr", "syslog", or the absolute path of a file that is
 * appended to (SAFE_WRITTEN).  The log that was open stays in force when this
 * fails.  Returns 0, or -1 with errno.
 */
int log_open(const char *destination) __attribute__((warn_unused_result));

/* Where syslogd listens; a test lets it listen elsewhere. */
extern const char *log_syslog_path;

/* 0 when syslogd listens, or -1 with errno. */
int log_syslog_try(void);

/* Opens the same destination again, after a rotation. 0, or -1 with errno. */
int log_reopen(void) __attribute__((warn_unused_result));

/*
 * In place of it: whole lines, as in a file, go to fd, the writing end of a
 * pipe that does not block, which stays the caller's.  -1: standard error.
 */
void log_open_lines(int fd);

/* Where lines are written that go to a file or to standard error. */
int log_fd(void);

/* Why the last of these calls that failed did. */
const char *log_open_why(void);

/*
 * In a child: log to the pipe fd, which is read by the master.  When it is
 * full, lines are dropped and counted rather than waited for.
 */
void log_open_pipe(int fd);

/* Lines that go to a destination, not to a pipe, are objects of JSON. */
void log_set_json(bool);

/* Messages less severe than this (LOG_ERR ... LOG_DEBUG) are dropped. */
void log_set_level(int level);
bool log_enabled(int level);

void log_error(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
void log_warn(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
void log_info(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
void log_debug(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/*
 * From now on tap, unless it is NULL, also gets every message of log_warn() and
 * log_error(), whatever the level that is logged.
 */
void log_tap(void (*tap)(const char *text));

/* Logs at any level with the name of another process in front. */
void log_line(int level, const char *who, const char *line);

/*
 * In an agent: what is written to the pipe by others, from now on, is that
 * tool's.
 */
void log_tool(const char *tool);

/* Saying the same thing not too often; zeroed before its first use. */
struct log_limit {
	int64_t last_ns;    /* when it was last admitted */
	unsigned long held; /* how often it was not, since then */
};

/*
 * Whether it may be said now: at most once in every_ns.  If so, *held is how
 * often it was held back since it was last said.
 */
bool log_limit_admit(struct log_limit *, int64_t every_ns, unsigned long *held);

/* The end of a noun behind that number. */
#define LOG_S(n) ((n) == 1 ? "" : "s")

/* Only at start: logs, and exits with status 1. */
void log_fatal(const char *fmt, ...)
    __attribute__((format(printf, 1, 2), noreturn));

#endif
