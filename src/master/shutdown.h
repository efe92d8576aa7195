/*
 * The end.
 */

#ifndef MASTER_SHUTDOWN_H
#define MASTER_SHUTDOWN_H

#include <stdbool.h>

void shutdown_init(void);

/*
 * Finish what is accepted, within shutdown_timeout, and then stop.  Called
 * again a second later or more, it has those who wait answered and stops; and
 * once more, it stops now.
 */
void shutdown_begin(void);

/* Kill everything and stop. */
void shutdown_now(void);

/* The front end has finished, or is gone. */
void shutdown_drained(void);

/* A child is gone: when it was the last one, the event loop ends. */
void shutdown_check(void);

bool shutdown_started(void);

#endif
