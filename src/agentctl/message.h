/*
 * What is said on standard error, and with which status agentctl ends.
 */

#ifndef AGENTCTL_MESSAGE_H
#define AGENTCTL_MESSAGE_H

#include <stdarg.h>
#include <stdbool.h>

/* Documented in agentctl(1); scripts depend on them. */
enum ctl_exit {
	CTL_OK = 0,
	CTL_TOOL = 1,	 /* the tool failed, or crashed */
	CTL_USAGE = 2,	 /* options or parameters */
	CTL_CONNECT = 3, /* no connection, or none to an agentd */
	CTL_REFUSED = 4, /* the daemon refused */
	CTL_TIMEOUT = 5, /* its time was up, or ours */
	CTL_SELF = 6,	 /* no output, no memory */
	CTL_SIGNAL = 128 /* and the number of the signal */
};

/* With quiet, nothing is said any more. */
void message_quiet(bool quiet);

/* "agentctl: " and the words, control characters made visible. */
void message(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* The same, and ends with this status. */
void message_die(int status, const char *fmt, ...)
    __attribute__((noreturn, format(printf, 2, 3)));

/* As vasprintf(3), the caller frees it; without memory it ends. */
char *message_vformat(const char *fmt, va_list)
    __attribute__((format(printf, 1, 0)));

/* "out of memory", and ends. */
void message_no_memory(void) __attribute__((noreturn));

/* Gives pointer back, unless it is NULL: then ends for lack of memory. */
void *message_need(void *pointer);

#endif
