/*
 * The front end's process, and the channel to it.
 */

#ifndef MASTER_CONTROL_H
#define MASTER_CONTROL_H

#include <sys/types.h>

#include <stdbool.h>
#include <stdint.h>

struct slot;

/*
 * Starts the front end.  came_up is called when one first answers, drained
 * when it has finished its calls.
 */
void control_init(void (*came_up)(void), void (*drained)(void));

/* Whether the one that runs has answered yet. */
bool control_up(void);

/* Whether there is one that can be told something. */
bool control_present(void);

/* Asks whether it is alive; true when it has answered the time before. */
bool control_probe(void);

/* Its process, or -1. */
pid_t control_pid(void);

/* A child was reaped.  False: it was not the front end. */
bool control_reaped(pid_t, int wait_status);

/* Messages about an agent; the socket stays the caller's.  0, or -1. */
int control_agent_up(const struct slot *, int socket_fd)
    __attribute__((warn_unused_result));
int control_agent_drain(const struct slot *)
    __attribute__((warn_unused_result));
void control_agent_state(const struct slot *);
void control_agent_gone(const struct slot *, int wait_status);

/* The configuration changed: master.conf is the new one. */
void control_config(void);
void control_listen(const char *name, int fd);
void control_unlisten(const char *name);

/* Finish what is accepted and refuse the rest. */
void control_drain(int64_t timeout_ms);

/* It is not wanted any more: TERM, or KILL at once. */
void control_stop(bool now);

#endif
