/*
 * Going into the background, the pidfile, and the limit of open files.
 */

#ifndef MASTER_DAEMON_H
#define MASTER_DAEMON_H

#include <stddef.h>
#include <stdint.h>

struct conf;

/*
 * Opens and locks the pidfile.  Fatal when another instance holds it.
 */
void daemon_lock(const char *path);

/*
 * Forks.  The parent waits until daemon_release() in the child and exits
 * with status 0, or with 1 when the child died before that.
 */
void daemon_detach(void);

/* Serving: writes the pidfile and lets the waiting parent go. */
void daemon_release(void);

/* Removes the pidfile. */
void daemon_unlock(void);

/*
 * Compares the limit of this process with what the listeners of conf and so
 * many agents need.  0, or -1 with the reason in why, so that a
 * limit that lets no agent come up is one clear message, and not a failure that
 * is tried again for ever.
 */
int daemon_suffices(const struct conf *conf, int64_t agents, char *why,
    size_t why_size) __attribute__((warn_unused_result));

#endif
