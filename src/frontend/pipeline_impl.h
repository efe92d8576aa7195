/*
 * What the files pipeline_*.c share among themselves.
 */

#ifndef FRONTEND_PIPELINE_IMPL_H
#define FRONTEND_PIPELINE_IMPL_H

#include "frontend/call.h"
#include "frontend/envelope.h"
#include "frontend/pipeline.h"
#include "frontend/pipeline_graph.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <event2/event_struct.h>

/* The largest result of a step. */
#define STEP_RESULT_MAX (1024 * 1024)

/* Room for words about a step. */
#define STEP_ERROR_SIZE 384

struct evbuffer;
struct json_object;

enum step_state { STEP_WAITING, STEP_RUNNING, STEP_DONE, STEP_FAILED };

struct step {
	struct pipeline *pipeline;
	enum step_state state;
	struct envelope envelope;   /* must stay where it is */
	struct json_object *params; /* built, when they hold references */
	bool resolved;		    /* they do no longer */
	struct call *call;	    /* while running */
	char *result;		    /* JSON text; NULL when nobody needs it */
	size_t result_len;
	struct json_object *value; /* the same, built when it was needed */
	bool built;
	struct evbuffer *answer; /* an object, once it is over */
};

struct pipeline {
	struct conn *conn;
	size_t count;
	uint64_t needs[STEPS_MAX]; /* those that each waits for */
	uint64_t done;
	size_t running;
	struct step *failed; /* the first */
	bool cancelled;
	bool left; /* nobody wants to know any more */
	int64_t deadline_ns;
	struct event pump;
	struct step steps[];
};

void pipeline_free(struct pipeline *);

static inline size_t
step_index(const struct step *step)
{
	return ((size_t)(step - step->pipeline->steps));
}

/*
 * Finds the references in the params of a step, and notes whom it waits for.
 * 0, or -1 with the reason in why.
 */
int step_find_references(struct step *, struct json_object *params,
    char why[STEP_ERROR_SIZE]) __attribute__((warn_unused_result));

/*
 * Puts results in the place of references: envelope.params is then text that
 * is borrowed from params.  0, or -1 with the reason in why.
 */
int step_resolve(struct step *, char why[STEP_ERROR_SIZE])
    __attribute__((warn_unused_result));

/* Keeps how the call of a step ended, or why there was none. */
void step_end(struct step *, enum call_end, const char *text, size_t len);
void step_refuse(struct step *, enum problem, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

/* Sends the answer; all steps are over. */
void pipeline_answer(struct pipeline *);

#endif
