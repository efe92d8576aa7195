/*
 * What all files of the master share: set by master.c at its start.
 */

#ifndef MASTER_GLOBALS_H
#define MASTER_GLOBALS_H

#include <sys/types.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct conf;
struct event;
struct event_base;
struct pack;
struct role;

/* The functions that children run; they never return. */
struct master_entries {
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
	struct master_entries run;
	struct master_tools tools;
};

/*
 * What another process has made of a configuration (bundle.h), for the children
 * that the master forks; mapped, not copied.
 */
struct bundle {
	void *catalogue_map, *tools_map;
	size_t catalogue_size, tools_size; /* of the maps */
	const char *catalogue;		   /* JSON of the tools */
	const void *tools;		   /* for agents alone: has secrets */
	size_t tools_len;
};

struct master {
	struct master_options options;
	const struct role *roles; /* ROLES of them; see spawn.h */
	struct conf *conf;	  /* in force, */
	struct bundle bundle;	  /* and what belongs to it, */
	uint32_t epoch;		  /* and its number */
	struct event_base *base;
	pid_t pid;
};

extern struct master master;

/* Sets a timer. */
void globals_arm(struct event *, int64_t ms);

/* In a process that runs no tool: their secrets are out of its reach. */
void globals_forget_tools(void);
void globals_hide_tools(struct bundle *);

#endif
