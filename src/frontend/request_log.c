/*
 * Words of the form name=value, none of which has a blank in it, so that they
 * are as easy to take apart as to read; "-" stands for what there is not.
 */

#include "frontend/request_log.h"
#include "common/clock.h"
#include "common/log.h"
#include "conf/conf.h"
#include "frontend/caller.h"
#include "frontend/globals.h"

#include <string.h>

/* As much of a path as is shown. */
#define PATH_SHOWN 128

static const char *
request_log_word(const char *text)
{
	return (text == NULL || text[0] == '\0' ? "-" : text);
}

static const char *
request_log_address(const struct caller *caller)
{
	return (request_log_word(caller == NULL ? NULL : caller->address));
}

static const char *
request_log_name(const struct caller *caller)
{
	return (request_log_word(caller == NULL ? NULL : caller->name));
}

void
request_log_call(const struct request_log *r)
{
	if (!frontend.conf->log_requests)
		return;
	log_info("request id=%s tool=%s agent=%s outcome=%s queued_us=%lld "
		 "run_us=%lld client=%s name=%s",
	    r->id, r->tool, request_log_word(r->agent), r->outcome,
	    (long long)(r->queued_ns / NS_PER_US),
	    (long long)(r->run_ns / NS_PER_US), request_log_address(r->caller),
	    request_log_name(r->caller));
}

/* A query is left out: it may hold what is nobody's business. */
void
request_log_refusal(const struct request_log *r)
{
	const char *path = request_log_word(r->uri);
	size_t len = strcspn(path, "? ");

	if (!frontend.conf->log_requests)
		return;
	log_info("request id=%s method=%s path=%.*s status=%d outcome=%s "
		 "client=%s name=%s",
	    r->id, request_log_word(r->method),
	    len > PATH_SHOWN ? PATH_SHOWN : (int)len, path, r->status,
	    r->outcome, request_log_address(r->caller),
	    request_log_name(r->caller));
}
