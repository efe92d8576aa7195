/*
 * What the files of the randomised test share: callers on connections of their
 * own, the calls that they may make, what is done to the daemon meanwhile, and
 * the book in which every outcome is entered.
 */

#ifndef E2E_RANDOM_H
#define E2E_RANDOM_H

#include "harness.h"

#define RANDOM_CALLERS 24
#define RANDOM_STOPPED 16
#define RANDOM_PATH 192

/* Base of every configuration; the agents are those of RANDOM_AGENTS. */
#define RANDOM_AGENTS 4

/* What becomes of a call that is accepted, as the statistics count it. */
enum random_outcome { WENT_WELL, FAILED, CANCELLED, RANDOM_OUTCOMES };

enum random_shape { SHAPE_ONE, SHAPE_BATCH, SHAPE_LINES, SHAPE_PIPELINE };

/* A request that may be made, and what may come of it. */
struct random_kind {
	uint32_t weight;
	enum random_shape shape;
	int calls; /* in it, at most */
	const char *tool;
	const char *body; /* of a call: params; else all of it */
	const char
	    *members; /* further ones of a call, before those by chance */
	int refusal;  /* a status of this kind only: never 200 if no pointer */
	/* Pointer and text of a good result, "@ID@" for its id; or NULL. */
	const char *pointer, *text;
	bool fragile; /* its process may be killed, or broken by another */
};

struct random_caller {
	struct conn *conn;
	const struct random_kind *kind; /* of what is under way; or NULL */
	char id[37];
	char *body;
	int64_t sent_ms;
	int64_t leave_ms; /* when it hangs up; 0: it does not */
	bool half;	  /* never sent whole */
	bool mute;	  /* sent whole, and nothing can be sent after it */
	bool deaf;	  /* does not read until it hangs up */
};

struct random {
	struct daemon *daemon;
	uint64_t state, sequence;
	bool closing; /* connections may end without an answer */
	bool calm;    /* nothing is done to the daemon but calls */
	struct random_caller caller[RANDOM_CALLERS];
	pid_t stopped[RANDOM_STOPPED];
	/* counted */
	int sent, answered, left, closed, acts;
	int status[600];
	int64_t known[RANDOM_OUTCOMES]; /* calls that were accepted */
	int64_t maybe;			/* calls that may have been */
};

/* The daemon before anything was done to it. */
struct random_before {
	struct health health;
	struct reply *stats;
	struct random_memory {
		long master_kb, frontend_kb;
	} memory;
};

/* test_randomised.c: waits until nobody waits for an answer any more. */
void random_finish(struct random *);
void random_send_all(struct random *);

/* A number below bound, and true in so many of a hundred. */
uint32_t random_below(struct random *, uint32_t bound);
bool random_chance(struct random *, uint32_t percent);

/* random_calls.c: sends a request by chance, or the first part of one. */
void random_send(struct random *, struct random_caller *);
/* Writes the manifests of the tools that the calls are for. */
void random_tools(struct daemon *);
/* The one that may be lost meanwhile. */
void random_tool_say(struct daemon *);
/* Calls every tool that is to work; asserts that it does. */
void random_call_all(struct daemon *);

/* random_check.c: asserts that it is an answer to that, and books it. */
void random_check(
    struct random *, const struct random_caller *, const struct reply *);

/* random_acts.c: does something to the daemon, by chance. */
void random_act(struct random *);
/* Writes the configuration that it starts and ends with. */
void random_configure(struct daemon *);
/* Lets those go on that were stopped, and mends what was broken. */
void random_continue(struct random *);
/* TERM twice while calls are under way, which get an answer or are closed. */
void random_stop(struct random *);
void random_kill_frontend(struct random *);
/* The status; 0 where connections may end without one. */
int random_ask(struct random *, const char *socket, const char *method,
    const char *path, const char *body);

/* random_hostile.c: a request that is none, and manifests that are none. */
void random_malformed(struct random *);
void random_break_manifest(struct random *);
void random_mend_manifests(struct random *);

/* random_after.c: what there is before, and asserts that it is so at rest. */
void random_before_calls(struct random_before *, struct daemon *);
/* Memory is measured once all was called that is made at the first call. */
void random_before_acts(struct random_before *, struct daemon *);
void random_after(struct random *, struct random_before *);

#endif
