/*
 * The channel to the front end.  Sending fails when there is none, or when it
 * cannot be told anything; it is then given up, and control.c replaces it.
 */

#ifndef MASTER_CHANNEL_H
#define MASTER_CHANNEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct slot;
struct wire_admin_done;

/* Takes over fd on success.  0, or -1 with errno. */
int channel_open(int fd) __attribute__((warn_unused_result));
void channel_close(void);
bool channel_present(void);

/* Whether there is one and its other end is open. */
bool channel_alive(void);

/* Messages about an agent; the socket stays the caller's.  0, or -1. */
int channel_agent_up(const struct slot *, int socket_fd)
    __attribute__((warn_unused_result));
int channel_agent_drain(const struct slot *)
    __attribute__((warn_unused_result));
void channel_agent_state(const struct slot *);
void channel_agent_stopped(const struct slot *, bool stopped);
void channel_agent_gone(const struct slot *, int wait_status);

/* The configuration changed: master.conf is the new one. */
void channel_config(void);

/* So did the tools: of the catalogue of the pool's configuration. */
void channel_catalogue(void);

/* control: its clients are administrators. */
void channel_listen(const char *name, int fd, bool control);
void channel_unlisten(const char *name);

/* What came of an administrator's request, in at most WIRE_REASONS_MAX. */
void channel_admin_done(
    const struct wire_admin_done *, const char *reasons, size_t length);

/* Asks for a sign of life.  0, or -1. */
int channel_ping(void) __attribute__((warn_unused_result));

/* Finish what is accepted and refuse the rest.  0, or -1. */
int channel_drain(int64_t timeout_ms) __attribute__((warn_unused_result));

#endif
