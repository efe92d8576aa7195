/*
 * The call that an agent runs, as the front end may touch it while it runs:
 * whether it is cancelled, and how far it is.  Outside of an agent, and
 * between calls, nothing is cancelled and nobody asks.
 */

#ifndef AGENT_LIVE_H
#define AGENT_LIVE_H

#include <stdbool.h>
#include <stdint.h>

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

#endif
