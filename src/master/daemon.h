/*
 * Going into the background, and the pidfile.
 */

#ifndef MASTER_DAEMON_H
#define MASTER_DAEMON_H

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

#endif
