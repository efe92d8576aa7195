/*
 * A call: one request to run a tool, from its acceptance to its answer.
 */

#ifndef FRONTEND_ROUTER_CALL_H
#define FRONTEND_ROUTER_CALL_H

#include "common/uuid.h"
#include "conf/policy.h"
#include "frontend/agents/work.h"
#include "frontend/router/outcome.h"

#include <sys/queue.h>
#include <sys/tree.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <event2/event_struct.h>

struct call;
struct caller;
struct progress;
struct tool_info;

enum call_state {
	CALL_NEW,      /* not accepted */
	CALL_QUEUED,   /* waits for an agent */
	CALL_HANDED,   /* in the inbox of one, which runs it now or soon */
	CALL_RETRYING, /* failed, and rests until it is queued again */
	CALL_ENDED,    /* about to be freed */
};

/* Tells whoever waits; the call is freed when this returns. */
typedef void (*call_done)(
    struct call *, enum outcome, const char *text, size_t len);

struct call {
	struct work work; /* first: call_of() */
	char id_text[UUID_TEXT_SIZE];
	struct caller *caller; /* who asked for it; may be NULL */
	enum call_state state;
	struct tool_info *tool;
	int priority; /* 1 first ... 5 last */
	int64_t accepted_ns, ended_ns;
	struct progress *progress; /* last told; see progress.h; or NULL */
	/* attempts, see retry.h and admit.h */
	int64_t retries_max; /* as its caller says; -1: as the tool does */
	unsigned int tries;  /* attempts that failed and were not the last */
	uint8_t causes[POLICY_RETRIES_MAX]; /* of that, POLICY_CRASH ... */
	bool http_5xx;			    /* what the last one failed of */
	int64_t retry_ns;		    /* when it is queued again */
	int64_t retry_after_ns;		    /* it was refused: for so long */
	uint32_t turn;			    /* of the tool's breaker; 0: none */
	struct event deadline;		    /* or the end of its rest */
	call_done done;
	void *waiter; /* of done; NULL: nobody waits */
	/* See queue.h. */
	int64_t place_ns;
	uint64_t sequence; /* 0: has no place yet */
	RB_ENTRY(call) place_entry;
	struct call *index_next; /* see call_index.c */
	TAILQ_ENTRY(call) index_entry;
};

static inline struct call *
call_of(struct work *work)
{
	return ((struct call *)work);
}

/*
 * Makes a call that is not accepted yet; params is copied.  NULL when there is
 * no memory.
 */
struct call *call_new(const uint8_t id[static UUID_SIZE], struct tool_info *,
    const char *params, size_t params_len, int64_t timeout_ns);

/*
 * Puts a copy of the headers for the tool, a JSON text, behind the parameters.
 * 0, or -1 when there is no memory.
 */
int call_set_headers(struct call *, const char *text, size_t len)
    __attribute__((warn_unused_result));

/* Frees a call that was never submitted. */
void call_free(struct call *);

/* Moves it on; asserts that a call can go from where it is to there. */
void call_set_state(struct call *, enum call_state);

/* Says in the request log how it ended. */
void call_log(const struct call *, enum outcome);

/* Sets its timer, by its state. */
void call_arm(struct call *);

/* What to do with a call whose deadline, or rest, is over. */
void call_init(void (*due)(struct call *));

#endif
