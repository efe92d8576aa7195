/*
 * Signals as something to read, for commands that have to tidy up.
 */

#ifndef AGENTCTL_INTERRUPT_H
#define AGENTCTL_INTERRUPT_H

/*
 * From now on these signals, up to a 0, wait to be read.  The descriptor can
 * be read when there is one; -1 with errno.
 */
int interrupt_open(const int *signals) __attribute__((warn_unused_result));

/* The next that came; 0: none. */
int interrupt_take(int fd);

/* Ends of this signal, as without interrupt_open(). */
void interrupt_die(int signal) __attribute__((noreturn));

#endif
