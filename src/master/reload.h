/*
 * Changing the configuration of a running daemon.
 */

#ifndef MASTER_RELOAD_H
#define MASTER_RELOAD_H

#include <sys/types.h>

#include <stdbool.h>
#include <stdint.h>

struct link_reasons;

/* How long one may take; only tests change that. */
extern int64_t reload_limit_ms;

/* answer tells who asked by reload_for() that it is done, or has failed. */
void reload_init(
    void (*answer)(uint64_t number, bool done, const struct link_reasons *));

/*
 * Has the configuration read again and then put in force as a whole, or not
 * at all: on any error the old one stays, and the reason is logged.  Returns
 * before that is done.  What is asked for during a reload is another one
 * after it.
 */
void reload(void);

/* The same for an administrator's request, by its number. */
void reload_for(uint64_t number);

/* The front end that asked is gone: nobody waits for an answer. */
void reload_forget(void);

/* The daemon stops: what is being read is not put in force. */
void reload_stop(void);

/* As role.reaped. */
void reload_reaped(pid_t, int wait_status);

#endif
