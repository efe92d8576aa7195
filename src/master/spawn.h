/*
 * Making a child process, and what is different between the kinds of them.
 */

#ifndef MASTER_SPAWN_H
#define MASTER_SPAWN_H

#include <sys/types.h>

#include <stdbool.h>
#include <stdint.h>

struct event;
struct service_role;

enum role_kind {
	ROLE_FRONTEND,
	ROLE_AGENT,
	ROLE_RELOAD,
	ROLE_LOGGER,
	ROLE_WARDEN,
	ROLES
};

/* A kind of child process; roles.c has the row of each. */
struct role {
	const char *name;  /* shown by ps(1) until it sets its title */
	const char *title; /* in messages, if it is replaced when it dies */

	/* What it inherits: so many descriptors, as 2, 3, ... */
	int fds;
	bool secrets; /* of the tools; else they are forgotten */

	/* What it may do. */
	int (*become)(void); /* another user (user.h); NULL: as the master */
	bool fixed_code;     /* it loads none that was not in a file */

	/* Its work, in the child.  Never returns. */
	void (*run)(void *arg);

	/* How it ends: it gets this when it is to stop; 0: its pipe ends. */
	int stop_signal;
	int death_signal; /* and this when the master dies */

	/* What its death means; and, unless NULL, that it was stopped or not.
	 */
	void (*reaped)(pid_t, int wait_status);
	void (*stopped)(pid_t, bool stopped);

	/*
	 * The pause before another follows, doubled by each further failure up
	 * to the most; of one that has come up before, up to another.
	 */
	int64_t pause_ms, pause_most_ms, pause_up_ms;

	/* What there is one of, for as long as the daemon runs; or NULL. */
	const struct service_role *service;
};

/*
 * Forks a child that keeps the descriptors that its role says, and calls
 * run(arg) there.  Returns its pid, or -1 with errno.
 */
pid_t spawn_child(enum role_kind, const int *fds, void *arg)
    __attribute__((warn_unused_result));

/* The kind of a child; NULL: it is none of these, or was forgotten. */
const struct role *spawn_role(pid_t);

/* Tells of every child of a kind. */
void spawn_each(enum role_kind, void (*tell)(pid_t));

/* It was reaped: its number may become another's. */
void spawn_forget(pid_t);

/* The pause after so many failures in a row, at least one. */
int64_t spawn_pause_ms(enum role_kind, unsigned int failures, bool has_been_up);

/* The only one of its kind has died: sets the timer that starts another. */
void spawn_replace(enum role_kind, struct event *start);

/* Says what it died of; who is its name in the log. */
void spawn_log_death(const char *who, pid_t, int wait_status, bool expected);

#endif
