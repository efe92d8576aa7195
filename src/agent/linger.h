/*
 * A process that did not end before the deadline of its call, and that its
 * tool's stop_grace lets live on for a while: the call is answered, and the
 * agent waits for it before it takes another.  One at a time, as calls are.
 */

#ifndef AGENT_LINGER_H
#define AGENT_LINGER_H

#include <stdbool.h>
#include <stdint.h>

struct child;

/*
 * The process was told to end and has not; it stays where it is in memory
 * until linger_finish(), which calls end(arg) to kill it, or child_kill() when
 * end is NULL.  who is borrowed until then, for the log.
 */
void linger_begin(
    struct child *, const char *who, void (*end)(void *), void *arg);

/* How long it has, in milliseconds; 0: there is none. */
int64_t linger_ms(void);

/* Waits until it has ended, or kills it when its time is over. */
void linger_finish(void);

#endif
