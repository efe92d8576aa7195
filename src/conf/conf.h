/*
 * The configuration: one plain structure, and one table that says of every
 * setting its name, type, default, range, and whether a reload applies it.
 * Everything else (the parser, -nv, the flat form for other processes, the
 * tests that compare manual and sample) walks the table.
 */

#ifndef CONF_CONF_H
#define CONF_CONF_H

#include "conf/policy.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

struct pack;
struct unpack;

enum { LOG_AS_TEXT, LOG_AS_JSON };

enum conf_on_disconnect { ON_DISCONNECT_CANCEL, ON_DISCONNECT_FINISH };

/* The name of the section with the defaults of all tools. */
#define CONF_TOOL_ALL "*"

/*
 * The section of a tool, with what several files say; owned by its
 * configuration.
 */
struct conf_tool {
	char *name;
	char *file; /* that it is in, and the line where it begins */
	int line;
	uint64_t here; /* choices made there, not in a file before */
	struct policy_choice choice;
};

struct conf {
	/* processes */
	int64_t agents;		     /* number kept running, or started with */
	int64_t agents_min;	     /* 0 = agents; see conf_agents_min() */
	int64_t agents_max;	     /* the same */
	int64_t agents_spare;	     /* idle ones to have at hand */
	int64_t agents_idle_time_ms; /* after which one too many goes */
	int64_t spawn_rate;	     /* most starts a second, to grow */
	int64_t max_calls;	     /* of an agent's life; 0 = no limit */
	int64_t max_age_ms;
	int64_t max_rss_bytes;
	int64_t busy_poll_us;	     /* for the next call; 0 = never */
	char *user;		     /* of the children; "" = unchanged */
	char *group;		     /* "" = the user's */
	char *frontend_user;	     /* of the front end; "" = user */
	char *pidfile;		     /* "" = the default place, as a daemon */
	char *cgroup;		     /* a path, "auto", "" = none */
	int64_t frontend_timeout_ms; /* silence after which it is killed */
	int64_t shutdown_timeout_ms; /* for accepted calls at SIGTERM */
	int64_t stop_timeout_ms;     /* between TERM and KILL */
	/* front end */
	struct conf_list listen; /* ADDRESS:PORT, [V6]:PORT, unix:PATH */
	int64_t socket_mode;	 /* of Unix listeners */
	char *control;		 /* a path, "auto", "" = none */
	int64_t control_mode;
	struct conf_list allowed_hosts; /* further names in Host */
	struct conf_list cors_origins;
	bool compatible;	       /* answers as the Go program did */
	int64_t frontend_memory_bytes; /* for all clients */
	int64_t max_connections;
	int64_t max_header_bytes;
	int64_t max_body_bytes;
	int64_t idle_timeout_ms;    /* between requests of a connection */
	int64_t request_timeout_ms; /* to receive a request in whole */
	int64_t reply_timeout_ms;   /* for a client to take its answer */
	/* calls */
	int64_t queue_max;	    /* calls that wait for an agent */
	int64_t priority_ageing_ms; /* that make a level; 0 = never */
	int64_t reserve;	    /* agents kept free for priority 1 */
	int64_t codel_target_ms;    /* waiting that is no overload; 0 = any */
	int64_t codel_interval_ms;
	int64_t timeout_ms; /* of a call that names none */
	int64_t max_timeout_ms;
	int64_t on_disconnect; /* enum conf_on_disconnect */
	int64_t cancel_grace_ms;
	int64_t retry_budget; /* percent of calls that may be retries */
	int64_t max_deaths;   /* of agents, by one call */
	int64_t client_rate;  /* calls an hour of one client; 0 = no limit */
	int64_t client_burst; /* calls at once; 0 = those of a second */
	int64_t max_result_bytes;
	int64_t batch_max;   /* calls of one batch */
	int64_t max_nesting; /* of parameters and results */
	/* limits of an agent */
	int64_t agent_memory_bytes;	   /* RLIMIT_DATA; 0 = none */
	int64_t agent_address_space_bytes; /* RLIMIT_AS; 0 = none */
	int64_t agent_files;		   /* RLIMIT_NOFILE */
	/* logging */
	char *log;	    /* "auto", "stderr", "syslog", a path */
	int64_t log_format; /* LOG_AS_TEXT or LOG_AS_JSON */
	int64_t log_level;  /* LOG_ERR ... LOG_DEBUG */
	bool log_requests;
	/* tools */
	struct conf_list builtin_tools; /* names; or "all" or "none" */
	char *tools_dir;       /* absolute, if the file's path is; "" = none */
	bool tools_dir_preset; /* not named, never seen: it need not exist */
	bool tools_watch;      /* reload when a manifest changes */
	char *weather_url;
	char *weather_api_key; /* secret */
	/* Their sections; no other process gets them. */
	struct conf_tool *tools;
	size_t tool_count;
};

extern const struct conf_setting conf_settings[];
extern const size_t conf_settings_count;

/* The setting of that name, or NULL. */
const struct conf_setting *conf_setting_find(const char *name);

/*
 * Reads and checks the file.  Each error is reported as one line
 * ("FILE:LINE: what is wrong"), through report; nothing is printed here.
 * Returns NULL after an error; the caller frees what is returned with
 * conf_free().  A relative include is searched in the directory of the file
 * that has it.
 */
struct conf *conf_load(const char *path, void (*report)(const char *line));

void conf_free(struct conf *);

/* Prints every setting in the syntax of the file; secrets as "********". */
void conf_print(const struct conf *, FILE *);

/*
 * Packs the configuration for another process.  That of the agents gets all of
 * it, any other only what is neither a secret nor about single tools.
 */
enum conf_part { CONF_WHOLE, CONF_SHARED };
void conf_pack(const struct conf *, enum conf_part, struct pack *);

/*
 * The reverse; secrets that were left out are "".  NULL when it is not what
 * was packed, or there is no memory.
 */
struct conf *conf_unpack(struct unpack *);

/*
 * For a reload: gives next the values of the settings that a reload does not
 * apply, from current, and calls changed for each that would have differed.
 */
int conf_keep(struct conf *next, const struct conf *current,
    void (*changed)(const char *name)) __attribute__((warn_unused_result));

/* The section of a tool; NULL when there is none of that name. */
struct conf_tool *conf_tool_find(const struct conf *, const char *name);

/* Adds an empty one; NULL when there is no memory. */
struct conf_tool *conf_tool_add(
    struct conf *, const char *name, const char *file, int line);

/*
 * Notes that the section goes on in another file: 0, or -1 without memory.
 */
int conf_tool_move(struct conf_tool *, const char *file, int line)
    __attribute__((warn_unused_result));

void conf_tools_free(struct conf *);

/* Whether the built-in tool of that name is wanted. */
bool conf_wants_builtin(const struct conf *, const char *name);

/* The fewest and the most agents that there may be; equal: a fixed number. */
int64_t conf_agents_min(const struct conf *);
int64_t conf_agents_max(const struct conf *);

/* Overwrites the secrets, in the structure and in this process's environment.
 */
void conf_wipe_secrets(struct conf *);

#endif
