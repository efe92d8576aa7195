/*
 * Why what a client asked for is not done, kept until it is known in what form
 * the client is told.
 */

#ifndef FRONTEND_HTTP_REFUSAL_H
#define FRONTEND_HTTP_REFUSAL_H

#include "frontend/http/reply.h"

#include <stdint.h>

struct refusal {
	enum problem problem;	/* PROBLEM_QUEUE_FULL: later it may be taken */
	int64_t retry_after_ns; /* when it may be taken; 0: not known */
	char detail[512];	/* UTF-8, for the client */
};

/* Sets it, without a time after which to come again.  Returns -1, always. */
int refuse(struct refusal *, enum problem, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

#endif
