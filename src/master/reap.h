/*
 * Dead children.
 */

#ifndef MASTER_REAP_H
#define MASTER_REAP_H

/* Remembers the children that were there before us: they are left alone. */
void reap_init(void);

/* On SIGCHLD: reaps all that are dead, and sweeps up what they left. */
void reap_children(void);

/* At the end: waits, within a limit, until nothing that was swept is left. */
void reap_finish(void);

#endif
