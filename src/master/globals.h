/*
 * What all files of the master share: set by master.c at its start.
 */

#ifndef MASTER_GLOBALS_H
#define MASTER_GLOBALS_H

#include "master/bundle.h"

#include <sys/types.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct conf;
struct event_base;
struct pack;

/* The functions that children run; they never return. */
struct master_roles {
	/* epoch is that of the catalogue, the JSON of the tools. */
	void (*frontend)(
	    const struct conf *, const char *catalogue, uint32_t epoch);
	void (*agent)(uint32_t slot, uint32_t generation, const struct conf *,
	    const void *tools, size_t tools_len);
};

/* What can be done with the tools, of which the master knows nothing else. */
struct master_tools {
	/*
	 * In a process that may fail at it: loads them for conf, and packs
	 * what the front end and what the agents are to know of them.
	 * Returns how many of them could not be read, or -1 after a report.
	 */
	int (*load)(const struct conf *, void (*report)(const char *line),
	    struct pack *catalogue, struct pack *tools);
	/* In a child that runs none: forgets their secrets. */
	void (*forget)(const void *tools, size_t tools_len);
};

struct master_options {
	const char *conf_path; /* absolute */
	const char *pidfile;   /* NULL: none */
	bool foreground;
	bool debug;
	struct master_roles roles;
	struct master_tools tools;
};

struct master {
	struct master_options options;
	struct conf *conf; /* in force */
	struct bundle bundle;
	struct event_base *base;
	pid_t pid;
};

extern struct master master;

#endif
