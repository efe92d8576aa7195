/*
 * The process that writes the log where that may keep it waiting: to a file, a
 * FIFO, or the terminal.
 */

#ifndef MASTER_LOGGER_H
#define MASTER_LOGGER_H

#include <sys/types.h>

/*
 * At the start, before there is an event base: from now on the lines go
 * through such a process.  destination is as log_open() takes it, "stderr" or
 * a path.  Fails loudly.
 */
void logger_start(const char *destination);

/* Once there is an event base. */
void logger_init(void);

/*
 * After a rotation: opens the destination again, in another process, and then
 * goes on with that one.  What it comes to is logged.
 */
void logger_reopen(void);

/* As role.reaped. */
void logger_reaped(pid_t, int wait_status);

/* At the end: what is logged is written, as far as that needs a second. */
void logger_finish(void);

/*
 * The process itself, as role.run: opens the destination, says so with a NUL,
 * or why not in words, and writes lines until their end.
 */
void logger_run(void *unused) __attribute__((noreturn));

#endif
