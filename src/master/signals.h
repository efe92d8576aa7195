/*
 * The signals that the master obeys.
 */

#ifndef MASTER_SIGNALS_H
#define MASTER_SIGNALS_H

/*
 * First of all: what is for the master waits until it is ready for it, and the
 * rest does nothing at all.
 */
void signals_hold(void);

/* From now on they do what they are for; needs master.base. */
void signals_init(void);

/* In a process that is not to become the master: none waits. */
void signals_release(void);

#endif
