/*
 * What the process of a trial says on its standard error.
 */

#ifndef AGENTCTL_TRIAL_LOG_H
#define AGENTCTL_TRIAL_LOG_H

#include <stddef.h>

struct trial_log {
	int fd; /* non-blocking; -1 at its end */
	size_t len;
	char line[4096]; /* what came of the line at hand */
};

/* Passes on what there is, as messages, a line each. */
void trial_log_read(struct trial_log *);

/* The same, and what is left without the end of a line. */
void trial_log_finish(struct trial_log *);

#endif
