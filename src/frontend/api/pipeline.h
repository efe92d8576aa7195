/*
 * A pipeline: calls whose parameters may be results of others.  Shared by the
 * files pipeline*.c only.
 */

#ifndef FRONTEND_API_PIPELINE_H
#define FRONTEND_API_PIPELINE_H

#include "frontend/api/envelope.h"
#include "frontend/api/pipeline_graph.h"
#include "frontend/http/body.h"
#include "frontend/problem.h"
#include "frontend/router/call.h"

#include <sys/queue.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <event2/event_struct.h>

/* The largest result of a step. */
#define STEP_RESULT_MAX (1024 * 1024)

/* References of one pipeline, each of which may cost a look at a result. */
#define REFS_MAX 1024

/* Bytes that are read or copied before others have a turn. */
#define TURN_BYTES (1024 * 1024)

/* Room for words about a step. */
#define STEP_ERROR_SIZE 384

struct conn;
struct evbuffer;

enum step_state { STEP_WAITING, STEP_RUNNING, STEP_DONE, STEP_FAILED };

/* A reference in the params of a step. */
struct ref {
	STAILQ_ENTRY(ref) entry;
	size_t at, len; /* where it stands in them */
	struct step *target;
	struct slice found; /* in the target's result; once it is looked up */
	char pointer[];	    /* where, within that result */
};

struct step {
	struct pipeline *pipeline;
	enum step_state state;
	struct envelope envelope;   /* must stay where it is */
	STAILQ_HEAD(, ref) refs;    /* in the order in which they stand */
	const struct ref *resolved; /* the last that was looked up, or NULL */
	size_t params_size;	    /* with those in their places */
	struct call *call;	    /* while running */
	char *answer;		    /* an object, once it is over; see
				       pipeline_step_set_answer() */
	size_t answer_len;
	struct slice result; /* JSON text, in the answer */
};

struct pipeline {
	struct conn *conn;
	size_t count;
	uint64_t needs[STEPS_MAX]; /* those that each waits for */
	uint64_t done;
	size_t refs;		  /* of all steps */
	size_t bytes;		  /* of this, and of refs */
	struct evbuffer *scratch; /* an answer that is being written */
	size_t running;
	struct step *failed; /* the first */
	bool cancelled;
	bool left; /* nobody wants to know any more */
	int64_t deadline_ns;
	struct event pump;
	struct step steps[];
};

/* So many bytes more are held for it, until it is freed. */
void pipeline_grow(struct pipeline *, size_t bytes);

static inline size_t
pipeline_step_index(const struct step *step)
{
	return ((size_t)(step - step->pipeline->steps));
}

/* Reads a step; one without an id is called by its number.  0, or -1. */
int pipeline_step_read(struct step *, const struct slice *text,
    struct refusal *) __attribute__((warn_unused_result));

/* Finds the references in its params.  0, or -1 with the reason. */
int pipeline_step_read_params(struct step *, struct refusal *)
    __attribute__((warn_unused_result));

/*
 * Finds the references in the params of a step, and notes whom it waits for.
 * 0, or -1 with the reason in why.
 */
int pipeline_ref_find(struct step *, char why[STEP_ERROR_SIZE])
    __attribute__((warn_unused_result));

/*
 * Looks references up in results, as many as TURN_BYTES allow; *spent grows by
 * the bytes that were read.  1: all are; 0: not yet; -1 with the reason in why.
 */
int pipeline_ref_resolve(struct step *, size_t *spent,
    char why[STEP_ERROR_SIZE]) __attribute__((warn_unused_result));

/*
 * The params, of params_size bytes, with what was found in the place of
 * references; the caller frees them.  NULL: no memory.
 */
char *pipeline_ref_splice(const struct step *)
    __attribute__((warn_unused_result));

void pipeline_ref_forget(struct step *);

/* Keeps how the call of a step ended, or why there was none. */
void pipeline_step_end(
    struct step *, enum outcome, const char *text, size_t len);
void pipeline_step_refuse(struct step *, enum problem, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

/* Forgets an answer that was not sent. */
void pipeline_step_forget_answer(struct step *);

/* Sends the answer; all steps are over. */
void pipeline_answer(struct pipeline *);

#endif
