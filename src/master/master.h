/*
 * The master: what its files share.  It starts, watches, stops and replaces
 * all other processes, and does nothing else.
 */

#ifndef MASTER_MASTER_H
#define MASTER_MASTER_H

#include <sys/types.h>

#include <stdbool.h>
#include <stdint.h>

struct conf;
struct event_base;

/* The functions that children run; they never return. */
struct master_roles {
	void (*frontend)(const struct conf *, const char *catalogue);
	void (*agent)(uint32_t slot, uint32_t generation, const struct conf *);
};

struct master_options {
	const char *conf_path; /* absolute */
	const char *pidfile;   /* NULL: none */
	bool foreground;
	bool debug;
	const char *catalogue; /* of the tools, JSON; borrowed */
	struct master_roles roles;
};

struct master {
	struct master_options options;
	struct conf *conf; /* in force */
	struct event_base *base;
	pid_t pid;
};

extern struct master master;

/*
 * Runs the daemon until it is told to stop; takes over conf.  Returns the
 * exit status.
 */
int master_run(const struct master_options *, struct conf *conf);

#endif
