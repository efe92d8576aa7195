/*
 * How an agent waits for its next call.  To wake a processor that sleeps takes
 * longer than a short call does.  So when fast calls follow each other closely,
 * one at a time, the agent does not sleep between them but asks again and
 * again, for a limited time.  The rule is that of KVM's halt polling: a wait
 * that was shorter than the limit is followed by one with polling, a longer one
 * by sleep at once.  Thus an agent that has little to do polls for nothing at
 * most once after calls that came close together.
 */

#ifndef AGENT_BUSY_POLL_H
#define AGENT_BUSY_POLL_H

#include <poll.h>
#include <stdbool.h>
#include <stdint.h>

/*
 * The longest that the waits from now on may poll, those within the call at
 * hand too, microseconds; 0: not at all.
 */
void busy_poll_limit(uint32_t us);

/*
 * poll(2), for what a fast call waits for itself: with polling first, as far
 * as the limit and timeout_ms go.
 */
int busy_poll(struct pollfd *fds, nfds_t n, int timeout_ms);

/*
 * Waits until the descriptor has something to read, or anything else to say; a
 * signal may end it before.  Returns whether it did without sleep.
 */
bool busy_poll_wait(int fd);

/*
 * While busy_poll_wait() sleeps, ready is called each time that fd can be read;
 * -1: there is no such thing.
 */
void busy_poll_also(int fd, void (*ready)(void));

#endif
