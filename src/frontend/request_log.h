/*
 * The request log: a line for each call, and for each request that was refused.
 */

#ifndef FRONTEND_REQUEST_LOG_H
#define FRONTEND_REQUEST_LOG_H

#include <stdint.h>

struct caller;

/* A call that has ended, or a request that was refused; NULL is "-". */
struct request_log {
	const char *id;
	const struct caller *caller;
	const char *outcome;
	/* of a call */
	const char *tool, *agent;
	int64_t queued_ns, run_ns;
	/* of a refusal */
	const char *method, *uri; /* of which the query is left out */
	int status;
};

void request_log_call(const struct request_log *);
void request_log_refusal(const struct request_log *);

#endif
