/*
 * The request log: a line for each call, and for each request that was refused.
 */

#ifndef FRONTEND_HTTP_REQUEST_LOG_H
#define FRONTEND_HTTP_REQUEST_LOG_H

#include "frontend/router/call.h"

struct conn;

/* A call has ended. */
void request_log_call(const struct call *, enum call_end);

/* The request at hand, or one that evhttp does not give us, was refused. */
void request_log_refusal(const struct conn *, int status, const char *code);

#endif
