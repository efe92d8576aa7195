/*
 * The way to syslogd.  For log.c only.
 */

#ifndef COMMON_LOG_SYSLOG_H
#define COMMON_LOG_SYSLOG_H

/* Where syslogd listens; a test lets it listen elsewhere. */
extern const char *log_syslog_path;

/* Sends one line of facility daemon.  0, or -1: it was not taken. */
/* 0 when syslogd listens, or -1 with errno. */
int log_syslog_try(void);

int log_syslog_send(int level, const char *text)
    __attribute__((warn_unused_result));

#endif
