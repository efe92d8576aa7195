/*
 * What an agent and the front end have between them but calls and answers.
 *
 * Of the call that runs: whether it is cancelled, and how far it is.  Outside
 * of an agent, and between calls, nothing is cancelled and nobody asks.
 *
 * Between calls: how long the agent polls for the next one.  To wake a
 * processor that sleeps takes longer than a short call does.  So when fast
 * calls follow each other closely, one at a time, the agent does not sleep
 * between them but asks again and again, for a limited time.  The rule is that
 * of KVM's halt polling: a wait that was shorter than the limit is followed by
 * one with polling, a longer one by sleep at once.  Thus an agent that has
 * little to do polls for nothing at most once after calls that came close
 * together.
 */

#ifndef AGENT_LIVE_H
#define AGENT_LIVE_H

#include <poll.h>
#include <stdbool.h>
#include <stdint.h>

/* How long before its deadline a call is told that it is cancelled. */
#define LIVE_SOFT_MS 10

struct claim;

/* In an agent, once: its claim, and its socket to the front end. */
void live_open(
    const struct claim *, int socket_fd, uint32_t slot, uint32_t generation);

/* Around each call; number is that of its REQUEST. */
void live_begin(const uint8_t id[static 16], uint32_t number);
void live_end(void);

/*
 * In a fork of the agent: nothing is told there, and it is told of nothing but
 * by a signal.
 */
void live_mute(void);

/* Whether the call that runs is cancelled; costs a load. */
bool live_cancelled(void);

/*
 * A descriptor to poll(2) for POLLIN along with others: when it is readable,
 * live_seen() is to be called and live_cancelled() may have changed.  -1: there
 * is none.
 */
int live_fd(void);
void live_seen(void);

/* Whether progress may be told now: not more often than ten times a second. */
bool live_wants_progress(void);

/*
 * Tells the front end; both numbers are finite, words is UTF-8 of at most
 * WIRE_PROGRESS_MAX bytes.
 */
void live_progress(double value, double total, const char *words);

/*
 * The longest that the waits from now on may poll, those within the call at
 * hand too, microseconds; 0: not at all.
 */
void live_poll_limit(uint32_t us);

/*
 * poll(2), for what a fast call waits for itself: with polling first, as far
 * as the limit and timeout_ms go.
 */
int live_poll(struct pollfd *fds, nfds_t n, int timeout_ms);

/*
 * Waits until the descriptor has something to read, or anything else to say; a
 * signal may end it before.  Returns whether it did without sleep.
 */
bool live_wait(int fd);

/*
 * While live_wait() sleeps, ready is called each time that fd can be read;
 * -1: there is no such thing.
 */
void live_also(int fd, void (*ready)(void));

#endif
