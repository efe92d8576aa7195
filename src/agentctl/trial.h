/*
 * One call without a daemon.
 */

#ifndef AGENTCTL_TRIAL_H
#define AGENTCTL_TRIAL_H

#include <stddef.h>
#include <stdint.h>

struct conf;
struct json_object;
struct registry;

/* What a call came to that was no answer of the tool. */
enum { TRIAL_CRASHED = -1, TRIAL_TIMEOUT = -2, TRIAL_INTERRUPTED = -3 };

struct trial {
	int outcome; /* enum wire_outcome, or one of those above */
	struct json_object *value; /* see enum wire_outcome; may be NULL */
	int wait_status;	   /* of the process, as of waitpid(2) */
	int signal;		   /* that interrupted it */
};

/*
 * Runs the tool in a process of its own, as an agent would: with the limits of
 * the configuration and the policy of the tool, killed with all that it has
 * started at the deadline or at a signal that ends programs.  The tool's
 * standard error is ours.  The caller puts the value.
 */
void trial_run(struct trial *, const struct conf *, const struct registry *,
    const char *tool, struct json_object *params, int64_t timeout_ms);

#endif
