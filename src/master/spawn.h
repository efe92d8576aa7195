/*
 * Making a child process.
 */

#ifndef MASTER_SPAWN_H
#define MASTER_SPAWN_H

#include <sys/types.h>

#include <stdbool.h>
#include <stddef.h>

/* What is different between the kinds of child. */
struct spawn_kind {
	const char *name; /* shown by ps(1) until it sets its title */
	int death_signal; /* it gets this when the master dies */
	/* Makes it another user (user.h); NULL: it stays what the master is. */
	int (*become)(void);
	bool fixed_code; /* it loads none that was not in a file */
};

extern const struct spawn_kind spawn_frontend, spawn_agent, spawn_reload,
    spawn_logger, spawn_warden;

/*
 * Forks a child that keeps the count given descriptors as 2, 3, ... and calls
 * run(arg), which does not return.  Returns its pid, or -1 with errno.
 */
pid_t spawn_child(const struct spawn_kind *, const int *fds, int count,
    void (*run)(void *arg), void *arg) __attribute__((warn_unused_result));

#endif
