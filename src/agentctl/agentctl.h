/*
 * What the files of agentctl share: the options that were given, and the
 * table of commands.
 */

#ifndef AGENTCTL_AGENTCTL_H
#define AGENTCTL_AGENTCTL_H

#include <stdbool.h>
#include <stdint.h>

#include "agentctl/message.h"

struct client;

struct ctl {
	const char *socket; /* of the daemon, when url is NULL */
	const char *url;
	int64_t timeout_ms; /* 0: not given */
	bool json;
	bool chose_socket, chose_url; /* by an option */
	struct client *client;
	/* of single commands; NULL, false or 0 when not given */
	const char *call_timeout, *call_priority, *call_retries;
	const char *conf;
	bool names;
	int64_t interval_ms;
	int64_t frames;
};

struct ctl_command {
	const char *name;
	const char *arguments; /* with a space in front, if any */
	const char *help;
	const char *options; /* of its own, as for getopt(3) */
	int min, max;	     /* arguments; max -1: any number */
	bool offline;	     /* has nothing to do with a daemon */
	/* argv ends with NULL; gives an exit status */
	int (*run)(struct ctl *, int argc, char **argv);
};

/* By name; name is NULL at the end. */
extern const struct ctl_command ctl_commands[];

/* The functions of the commands. */
int cmd_agents(struct ctl *, int argc, char **argv);
int cmd_batch(struct ctl *, int argc, char **argv);
int cmd_breaker(struct ctl *, int argc, char **argv);
int cmd_breakers(struct ctl *, int argc, char **argv);
int cmd_call(struct ctl *, int argc, char **argv);
int cmd_cancel(struct ctl *, int argc, char **argv);
int cmd_check(struct ctl *, int argc, char **argv);
int cmd_describe(struct ctl *, int argc, char **argv);
int cmd_drain(struct ctl *, int argc, char **argv);
int cmd_log(struct ctl *, int argc, char **argv);
int cmd_reload(struct ctl *, int argc, char **argv);
int cmd_requests(struct ctl *, int argc, char **argv);
int cmd_resize(struct ctl *, int argc, char **argv);
int cmd_stats(struct ctl *, int argc, char **argv);
int cmd_tools(struct ctl *, int argc, char **argv);
int cmd_top(struct ctl *, int argc, char **argv);
int cmd_try(struct ctl *, int argc, char **argv);

#endif
