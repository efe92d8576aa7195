/*
 * The front end's process.
 */

#ifndef MASTER_CONTROL_H
#define MASTER_CONTROL_H

#include <sys/types.h>

#include <stdbool.h>
#include <stdint.h>

/*
 * Starts the front end.  came_up is called when one first answers, drained
 * when it has finished its calls.
 */
void control_init(void (*came_up)(void), void (*drained)(void));

/* Whether the one that runs has answered yet. */
bool control_up(void);

/* Asks whether it is alive; true when it has answered the time before. */
bool control_probe(void);

/* Its process, or -1. */
pid_t control_pid(void);

/* A child was reaped.  False: it was not the front end. */
bool control_reaped(pid_t, int wait_status);

/* From the channel: it answered; it has finished; it cannot be reached. */
void control_heard(void);
void control_drained(void);
void control_channel_lost(const char *why);

/* Finish what is accepted and refuse the rest. */
void control_drain(int64_t timeout_ms);

/* It is not wanted any more: TERM, or KILL at once. */
void control_stop(bool now);

#endif
