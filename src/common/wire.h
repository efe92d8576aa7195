/*
 * The contract between agentd's processes: every message is a frame, a fixed
 * header followed by length bytes of body.  Both ends are the same program on
 * the same host, so integers are in host order; version changes when any
 * structure here does.
 */

#ifndef COMMON_WIRE_H
#define COMMON_WIRE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define WIRE_MAGIC 0xa6e7
#define WIRE_VERSION 2

/* The most that any body may hold; settings narrow it. */
#define WIRE_MAX_BODY (64u << 20)

/* The most that an answer may hold which is no result: words on a failure. */
#define WIRE_WORDS_MAX (128u << 10)

/* Longest name of a listener, bytes. */
#define WIRE_NAME_MAX 512

/* Descriptors that a child finds open, besides 0 and 1 on /dev/null. */
#define WIRE_LOG_FD 2	 /* read by the master line by line */
#define WIRE_SOCKET_FD 3 /* agent: to the front end; else: to the master */
#define WIRE_STATUS_FD 4 /* agent only: to the master */

enum wire_role { WIRE_MASTER, WIRE_FRONTEND, WIRE_AGENT };

enum wire_type {
	WIRE_REQUEST = 1,   /* front end -> agent: run this */
	WIRE_RESULT,	    /* agent -> front end: it came to this */
	WIRE_PING,	    /* master -> front end */
	WIRE_PONG,	    /* front end -> master */
	WIRE_CONFIG,	    /* master -> front end: see conf_pack() */
	WIRE_LISTEN,	    /* master -> front end: name; passes a socket */
	WIRE_CONTROL,	    /* the same; its clients are administrators */
	WIRE_UNLISTEN,	    /* master -> front end: name */
	WIRE_AGENT_UP,	    /* master -> front end; passes its socket */
	WIRE_AGENT_STATE,   /* master -> front end: for display */
	WIRE_AGENT_DRAIN,   /* master -> front end: no further calls to it */
	WIRE_AGENT_GONE,    /* master -> front end: it is dead */
	WIRE_AGENT_STOPPED, /* master -> front end: it is, or runs on */
	WIRE_AGENT_KILL,    /* front end -> master: kill it now */
	WIRE_AGENT_FREE,    /* front end -> master: it is drained, stop it */
	WIRE_DRAIN,	    /* master -> front end: finish and refuse */
	WIRE_DRAINED,	    /* front end -> master: nothing is left */
	WIRE_CATALOGUE,	    /* master -> front end: JSON of the tools */
	WIRE_ADMIN,	    /* front end -> master: an administrator asks */
	WIRE_ADMIN_DONE,    /* master -> front end: what came of it */
	WIRE_CANCEL,	    /* front end -> agent: that call is cancelled */
	WIRE_PROGRESS,	    /* agent -> front end: how far its call is */
	WIRE_AUTOSCALE,	    /* front end -> master: so many agents are wanted */
	WIRE_UNLISTENED,    /* front end -> master: that name is closed */
	WIRE_TYPES
};

struct frame_header {
	uint16_t magic;
	uint8_t version;
	uint8_t type;	 /* enum wire_type */
	uint32_t length; /* of the body, bytes */
	uint32_t slot;	 /* agent that this is about */
	union {
		uint32_t generation; /* of that agent: late is harmless */
		uint32_t epoch;	     /* of CATALOGUE: the configuration's */
	};
	uint8_t id[16]; /* of the request, or zero */
};

/*
 * Followed by tool_len bytes of the tool's name, the parameters as JSON, and
 * headers_len bytes of headers for the tool: a JSON object of strings, or
 * nothing.
 */
struct wire_request {
	int64_t deadline_ns; /* CLOCK_MONOTONIC */
	uint32_t tool_len;
	uint32_t number;  /* of all that this agent was sent; see claim.h */
	uint32_t poll_us; /* for the wait after it; see live.h */
	uint32_t headers_len;
};

enum wire_outcome {
	WIRE_OUTCOME_SUCCESS,	   /* JSON: the result */
	WIRE_OUTCOME_FAILURE,	   /* JSON: a string, why the tool failed */
	WIRE_OUTCOME_MALFORMED,	   /* JSON: a string, why the parameters are no
				      JSON */
	WIRE_OUTCOME_INVALID,	   /* JSON: an array of {pointer, detail} */
	WIRE_OUTCOME_UNKNOWN_TOOL, /* JSON: a string */
	WIRE_OUTCOME_TIMEOUT,	   /* JSON: a string, or an object of what it
				    * printed;      it was stopped at its deadline */
	WIRE_OUTCOME_NO_MEMORY,	   /* JSON: a string; the tool was not run */
	WIRE_OUTCOME_UNABLE, /* JSON: a string; nor was it, and another agent
			      * may be able to */
	WIRE_OUTCOME_COUNT
};

/* What a later try of a call that failed may depend on. */
enum wire_failure {
	FAILURE_ERROR,	  /* no more is known than that the tool says so */
	FAILURE_HTTP_5XX, /* a service has failed, or is overloaded */
	FAILURE_COUNT
};

/* Followed by the JSON text. */
struct wire_result {
	uint32_t outcome; /* enum wire_outcome */
	uint32_t run_us;  /* how long it took */
	uint32_t failure; /* enum wire_failure */
	uint32_t unfit;	  /* not 0: this agent begins no other call */
	/*
	 * What the call started may live on for so long, and the agent waits
	 * for its end: then it sends another RESULT of the same call, whose
	 * outcome means nothing.
	 */
	uint32_t lingers_ms;
	uint32_t reserved;
};

/* The most words that PROGRESS may have, bytes. */
#define WIRE_PROGRESS_MAX 256

/* Body of PROGRESS, followed by words in UTF-8, or none. */
struct wire_progress {
	double value; /* finite, as is total */
	double total; /* 0: nobody knows */
};

/* What an agent's slot is doing, as far as the master knows. */
enum agent_state {
	AGENT_EMPTY,
	AGENT_STARTING,
	AGENT_READY,	/* idle or busy: the front end knows which */
	AGENT_DRAINING, /* finishes its call, gets no other */
	AGENT_STOPPING, /* TERM was sent */
	AGENT_KILLED,	/* KILL was sent */
	AGENT_BACKOFF,	/* failed to start, waits before the next try */
	AGENT_STATES
};

/* Body of AGENT_UP and AGENT_STATE. */
struct wire_agent {
	uint32_t state;	   /* enum agent_state */
	int32_t pid;	   /* -1: none */
	uint32_t restarts; /* deaths of this slot that nobody asked for */
	uint32_t epoch;	   /* of the catalogue whose tools it has */
	uint32_t recycled; /* how often this slot's was, being worn */
};

/* Body of AGENT_GONE. */
struct wire_gone {
	int32_t wait_status; /* as of waitpid(2) */
	uint32_t restarts;
	uint32_t recycled;
};

/* Body of AGENT_STOPPED: as by SIGSTOP, or no longer. */
struct wire_stopped {
	uint32_t stopped; /* not 0: it does nothing */
	uint32_t reserved;
};

/* Why an agent is to be killed. */
enum wire_cause {
	CAUSE_TIMEOUT,	    /* its call passed the deadline */
	CAUSE_CANCELLED,    /* its call was cancelled */
	CAUSE_ABANDONED,    /* its caller went away */
	CAUSE_PROTOCOL,	    /* it broke the contract */
	CAUSE_CLOSED,	    /* it closed its socket */
	CAUSE_STOPPED,	    /* somebody has stopped it */
	CAUSE_UNRESPONSIVE, /* it does not begin what it is handed */
	CAUSE_SHUTDOWN,	    /* the time for finishing is over */
	CAUSE_COUNT
};

/* Body of AGENT_KILL. */
struct wire_kill {
	uint32_t cause; /* enum wire_cause */
	uint32_t reserved;
};

/*
 * Body of AUTOSCALE.  The header names the agent that can go when that is fewer
 * than there are; with slot 0 none has to.
 */
struct wire_autoscale {
	uint32_t agents;
};

/* Body of DRAIN. */
struct wire_drain {
	int64_t timeout_ms; /* from receipt; 0 = at once */
};

/* What an administrator may ask for. */
enum wire_admin_action {
	ADMIN_RELOAD,
	ADMIN_AGENTS, /* value: how many */
	ADMIN_DRAIN,
	ADMIN_LOG, /* value: the least severe level to log */
	ADMIN_ACTIONS
};

/* Body of ADMIN. */
struct wire_admin {
	uint64_t number; /* of the request, the front end's */
	int64_t value;
	uint32_t action; /* enum wire_admin_action */
	uint32_t reserved;
};

enum wire_admin_outcome {
	ADMIN_TAKEN,	/* done, or begun */
	ADMIN_FAILED,	/* all is as it was */
	ADMIN_STOPPING, /* the daemon stops: too late */
	ADMIN_OUTCOMES
};

/* The most that ADMIN_DONE may say, bytes. */
#define WIRE_REASONS_MAX (32u << 10)

/* Body of ADMIN_DONE, followed by lines of text, each with its newline. */
struct wire_admin_done {
	uint64_t number;
	uint32_t outcome; /* enum wire_admin_outcome */
	uint32_t reserved;
};

/*
 * What an agent writes to its status pipe, in one write shorter than
 * PIPE_BUF and so never mixed or torn.
 */
enum status_kind {
	STATUS_READY,	/* set up, waits for calls */
	STATUS_WORKED,	/* read its first call */
	STATUS_FAILED,	/* cannot start; reason says why */
	STATUS_RECYCLE, /* works, but should be replaced; reason says why */
	STATUS_KINDS
};

struct wire_status {
	uint32_t kind; /* enum status_kind */
	uint32_t generation;
	char reason[120]; /* NUL-terminated */
};

/* One row a type: what size checks, direction checks and traces need. */
struct wire_kind {
	const char *name;
	enum wire_role sender, receiver;
	uint32_t min, max; /* of the body, bytes */
	bool passes;	   /* a descriptor */
};

/* NULL when type is none of ours. */
const struct wire_kind *wire_kind(unsigned int type);

const char *wire_cause_name(unsigned int cause);

#endif
