/*
 * What the files of the harness that run daemons share among themselves.
 */

#ifndef E2E_DAEMON_H
#define E2E_DAEMON_H

#include "harness.h"

#define AGENTD "agentd"
#define FAULTD "tests/bin/faultd"

/* Waits for children that are dead; true when a daemon was among them. */
bool daemon_reap(void);

/* True when pid is one that daemon_spawn() started. */
bool daemon_knows(pid_t pid);

void daemon_free(struct daemon *);

/* True when the directory holds what the daemon should have removed. */
bool daemon_leftovers(struct daemon *, char *names, size_t size);

/* Asserts that no sanitizer and no assertion spoke up. */
void daemon_check_log(struct daemon *);

/* Prints the end of the log as diagnostics of the test. */
void daemon_show_log(struct daemon *);

#endif
