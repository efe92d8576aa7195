/*
 * The errors that clients can be told (RFC 9457): what each is called, its
 * status, and what a caller may make of it.
 */

#ifndef FRONTEND_PROBLEM_H
#define FRONTEND_PROBLEM_H

#include <stdbool.h>
#include <stdint.h>

enum problem {
	PROBLEM_BAD_REQUEST,
	PROBLEM_FORBIDDEN_ORIGIN,
	PROBLEM_UNKNOWN_TOOL,
	PROBLEM_UNKNOWN_AGENT,
	PROBLEM_NOT_FOUND,
	PROBLEM_METHOD_NOT_ALLOWED,
	PROBLEM_CANCELLED_QUEUED,
	PROBLEM_CANCELLED,
	PROBLEM_INVALID_PARAMS,
	PROBLEM_RELOAD_FAILED,
	PROBLEM_REQUEST_TIMEOUT,
	PROBLEM_TOO_LARGE,
	PROBLEM_ENCODING,
	PROBLEM_EXPECTATION,
	PROBLEM_HEADERS_TOO_LARGE,
	PROBLEM_RATE_LIMITED,
	PROBLEM_NOT_IMPLEMENTED,
	PROBLEM_AGENT_CRASHED,
	PROBLEM_QUEUE_FULL,
	PROBLEM_CIRCUIT_OPEN,
	PROBLEM_DRAINING,
	PROBLEM_DRAINING_RUNNING, /* it had been started */
	PROBLEM_NO_AGENT,
	PROBLEM_NO_MEMORY,
	PROBLEM_NO_MEMORY_RAN, /* for the answer of a call that ran */
	PROBLEM_TIMEOUT_QUEUED,
	PROBLEM_TIMEOUT,
	PROBLEMS
};

struct problem_kind {
	int status; /* of HTTP */
	const char *code;
	const char *title;
	bool retryable;
	const char *outcome; /* of the call; NULL: there is none */
	bool retry_after;    /* the answer says when */
};

const struct problem_kind *problem_kind(enum problem);

/*
 * Why what a client asked for is not done, kept until it is known in what form
 * the client is told.
 */
struct refusal {
	enum problem problem;	/* PROBLEM_QUEUE_FULL: later it may be taken */
	int64_t retry_after_ns; /* when it may be taken; 0: not known */
	char detail[512];	/* UTF-8, for the client */
};

/* Sets it, without a time after which to come again.  Returns -1, always. */
int problem_refuse(struct refusal *, enum problem, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

#endif
