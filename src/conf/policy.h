/*
 * What a tool may use: time, memory, files, processes, a user of its own.  An
 * operator sets it in agentd.conf, section tool; the author of a tool in its
 * manifest; what neither says is as the table has it.
 */

#ifndef CONF_POLICY_H
#define CONF_POLICY_H

#include "conf/conf_value.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct json_object;

/* Where it is in force, as in a registry_entry, it has the meaning below. */
struct policy {
	bool enabled;	      /* false: there is no such tool */
	int64_t timeout_ms;   /* 0: the configuration's */
	int64_t memory_bytes; /* that it uses; 0: no limit but the agent's */
	int64_t address_space_bytes; /* RLIMIT_AS; 0: as the agent */
	int64_t cpu_time_ms;	     /* 0: no limit */
	int64_t file_size_bytes;     /* -1: no limit; 0 is one */
	int64_t open_files;	     /* 0: as the agent */
	int64_t processes;  /* of its user, as RLIMIT_NPROC; 0: no limit */
	int64_t nice;	    /* 0 to 19 */
	char *user, *group; /* NULL: the agent's */
	char *directory;    /* absolute; NULL: the agent's */
	union {
		/* "NAME" (passed on) or "NAME=value"; ends with NULL, or is */
		char **environment;
		struct conf_list environment_list;
	};
	int64_t umask;
	int64_t output_bytes;	/* most that a command may print */
	int64_t stderr_bytes;	/* of its end that an error shows; 0: none */
	int64_t max_concurrent; /* calls at the same time; 0: no limit */

	/* a call that failed is tried again */
	int64_t retries;	  /* at most so often */
	int64_t retry_backoff_ms; /* the first pause is up to so long */
	int64_t retry_max_ms;	  /* and no pause longer */
	int64_t retry_on;	  /* POLICY_CRASH ... */

	/* a circuit breaker; frontend/breaker.h says what these mean */
	bool breaker;
	int64_t breaker_window; /* calls, or seconds | CONF_WINDOW_TIME */
	int64_t breaker_failure_rate, breaker_slow_rate; /* percent */
	int64_t breaker_slow_call_ms;
	int64_t breaker_min_calls;
	int64_t breaker_wait_ms;
	int64_t breaker_probes;
	int64_t breaker_on; /* what is a failure: POLICY_CRASH ... */

	int64_t rate;	   /* calls an hour; 0: no limit */
	int64_t burst;	   /* calls at once; 0: those of a second */
	int64_t queue_max; /* calls that wait; 0: the configuration's */

	/* parameters that do not fit the schema are changed until they do */
	bool null_is_absent; /* a null that it forbids is left out */
	bool coerce;	     /* "5" becomes 5, and the like */

	int64_t stop_signal;   /* that asks it to end at the deadline */
	int64_t stop_grace_ms; /* after which it is killed */
	bool partial;	       /* who waits in vain is shown what was printed */
};

/* How a call can fail, a bit each. */
enum policy_failure {
	POLICY_CRASH = 1,    /* its agent died */
	POLICY_TIMEOUT = 2,  /* its time was up */
	POLICY_ERROR = 4,    /* the tool says so */
	POLICY_HTTP_5XX = 8, /* a service that the tool asked */
};

/* The words for them, as in the table; ends with NULL. */
extern const struct conf_word policy_failures[];

/*
 * What a tool may have of processes unless somebody says otherwise: a fork bomb
 * is over at some time, and hardly anything else comes near.
 */
#define POLICY_PROCESSES 4096

/* The most retries. */
#define POLICY_RETRIES_MAX 10

/* The longest stderr_bytes. */
#define POLICY_STDERR_MAX 4096

/* The offsets are those in struct policy; reload means nothing. */
extern const struct conf_setting policy_settings[];
extern const size_t policy_settings_count;

/* The settings that somebody has made, a bit for each row of the table. */
struct policy_choice {
	struct policy policy;
	uint64_t made;
};

/* The defaults of the table; owns nothing yet. */
void policy_init(struct policy *);

/* Frees what it owns, after overwriting values of the environment. */
void policy_free(struct policy *);

/* Overwrites values of the environment, which may be secrets. */
void policy_wipe(struct policy *);

/* Goes on with a digest by all that a policy says. */
uint64_t policy_digest(const struct policy *, uint64_t digest);

/* The index of a setting, or -1. */
int policy_find(const char *name);

/*
 * Makes a choice: from text as it stands in agentd.conf, of a list one entry
 * more; or from JSON, where durations and sizes may also be plain numbers of
 * seconds and bytes, and a list comes as a whole.  0, or -1 with the reason,
 * without the setting's name, in why (CONF_WHY_SIZE bytes).
 */
int policy_choose(struct policy_choice *, int setting, const char *text,
    char *why) __attribute__((warn_unused_result));
int policy_choose_json(struct policy_choice *, int setting,
    struct json_object *, char *why) __attribute__((warn_unused_result));

/* Takes a choice back. */
void policy_unchoose(struct policy_choice *, int setting);

/*
 * What the front end is to know of a policy, as a JSON object without what is
 * as the table has it; NULL when there is no memory.  The reverse leaves the
 * rest as the table has it, and returns -1 when the JSON does not fit it.
 */
struct json_object *policy_to_json(const struct policy *);
int policy_from_json(struct policy *, struct json_object *)
    __attribute__((warn_unused_result));

/* Changes in policy what was chosen.  0, or -1 without memory. */
int policy_apply(struct policy *, const struct policy_choice *)
    __attribute__((warn_unused_result));

#endif
