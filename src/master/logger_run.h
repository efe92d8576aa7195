/*
 * What the process does that writes the log.
 */

#ifndef MASTER_LOGGER_RUN_H
#define MASTER_LOGGER_RUN_H

/* Besides standard error: lines to be written, and where it says how it is. */
#define LOGGER_LINES_FD 3
#define LOGGER_STATUS_FD 4

/*
 * In the child: opens the destination, a string as log_open() takes it, says
 * so with a NUL, or why not in words, and writes lines until their end.
 */
void logger_run(void *destination) __attribute__((noreturn));

#endif
