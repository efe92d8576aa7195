/*
 * What a client sends to have a tool called.
 */

#ifndef FRONTEND_API_ENVELOPE_H
#define FRONTEND_API_ENVELOPE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct json_object;

/* Longest id of a step. */
#define STEP_ID_MAX 64

struct envelope {
	bool step;		  /* of a pipeline: may have an id */
	char id[STEP_ID_MAX + 1]; /* "": not given */
	const char *tool;
	const char *params; /* JSON text of an object, as it was sent */
	size_t params_len;
	int64_t timeout_ns; /* 0: not given */
	int priority;
	int64_t retries;	  /* -1: not given */
	char name[64];		  /* holds tool, when it is short and plain */
	struct json_object *held; /* holds it otherwise */
	unsigned int seen;	  /* members, a bit each */
	char error[256];	  /* UTF-8, for the client */
};

/*
 * Reads the body, which must outlive the envelope.  Of the parameters only the
 * form is checked, and nothing is built: the agent does both.  tool NULL: it is
 * {"tool_name": ..., "params": ...}; otherwise it is the parameters of that
 * tool.  Returns 0, or -1 with the reason in error.  envelope_free() is called
 * in either case.
 */
int envelope_read(struct envelope *, const char *text, size_t len,
    const char *tool) __attribute__((warn_unused_result));

/* The same for a step of a pipeline, {"id": ..., "tool_name": ...}. */
int envelope_read_step(struct envelope *, const char *text, size_t len)
    __attribute__((warn_unused_result));

/* Reads a timeout alone; the same bounds.  Only it and error are set. */
int envelope_read_timeout(struct envelope *, const char *text, size_t len)
    __attribute__((warn_unused_result));

/*
 * Reads the query of uri: timeout, priority and retries where options is
 * true, else nothing is allowed there.  0, or -1 with the reason in error.
 */
int envelope_read_query(struct envelope *, const char *uri, bool options)
    __attribute__((warn_unused_result));

void envelope_free(struct envelope *);

#endif
