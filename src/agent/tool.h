/*
 * What a built-in tool is, and what it may ask of its call.
 */

#ifndef AGENT_TOOL_H
#define AGENT_TOOL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct conf;
struct json_object;
struct registry_entry;

/* Words, and the ends of what a command wrote to its error and its output. */
#define TOOL_ERROR_SIZE (512 + 2 * 4096)

/* How a call went; of several that are said, the last of these counts. */
enum tool_outcome {
	TOOL_OK, /* so far */
	TOOL_FAILED,
	TOOL_HTTP_5XX, /* because a service has failed, or is overloaded */
	TOOL_UNABLE,   /* it was not begun; see tool_unable() */
	TOOL_UNFIT,    /* nor will the next in this agent */
	TOOL_EXPIRED,  /* because time is over */
	TOOL_NO_MEMORY /* a value could not be made */
};

/*
 * One call.  params has passed the tool's schema and is borrowed.  A tool
 * adds the members of its answer with tool_add(), or gives the whole of it
 * with tool_result(); what it needs for itself it frees itself.
 */
struct tool_call {
	const struct registry_entry *entry; /* the tool's */
	struct json_object *params;
	struct json_object *headers; /* of the request; NULL: none named */
	struct json_object *result;  /* an object, made before run */
	int64_t deadline_ns;	     /* clock_now_ns() time */
	enum tool_outcome outcome;   /* set by functions in tool.c alone */
	struct json_object *partial; /* of one that expired; or NULL */
	char error[TOOL_ERROR_SIZE]; /* for the caller; last, see run.c */
};

/* A tool that is built in. */
struct tool {
	const char *name;
	const char *description;
	const char *parameters; /* JSON Schema 2020-12, as text */
	/* Called once in each agent before its first call; may be NULL. */
	void (*setup)(const struct conf *);
	/* Runs the call: adds to its result, or calls tool_fail(). */
	void (*run)(struct tool_call *);
	const char *result; /* schema of what it gives, as text; or NULL */
};

/* All tools of this program, NULL at the end.  In tools/table.c. */
extern const struct tool *const tools_table[];

/*
 * The call fails with this message, which its caller will read; what is not
 * UTF-8 in it becomes "?".  The first message stays, since later failures are
 * mostly caused by the first.
 */
void tool_fail(struct tool_call *, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/*
 * For those that run tools: the call could not even be begun, because this
 * process could not get what it needs itself; error is errno.  It goes to
 * another agent, and does not count against the tool.
 */
void tool_unable(struct tool_call *, int error, const char *why);

/* There was no memory for the call, or for a part of its result. */
void tool_no_memory(struct tool_call *);

/*
 * The call fails because a service that it needs has failed or is overloaded.
 * Say why by tool_fail().
 */
void tool_blame_service(struct tool_call *);

/*
 * Adds a member to the result and takes over value.  A NULL value means that
 * there was no memory for it: the call then fails.
 */
void tool_add(struct tool_call *, const char *name, struct json_object *value);
void tool_add_string(struct tool_call *, const char *name, const char *value);
void tool_add_string_len(
    struct tool_call *, const char *name, const char *value, size_t len);
void tool_add_int(struct tool_call *, const char *name, int64_t value);
void tool_add_number(struct tool_call *, const char *name, double value);

/*
 * Puts value, which may be any JSON and is taken over, in the place of the
 * whole result.  NULL is the JSON null.
 */
void tool_result(struct tool_call *, struct json_object *value);

/*
 * Parameters by name, or the given default when absent.  Their types are
 * what the schema said.  Strings are borrowed from params; *len may be NULL.
 */
struct json_object *tool_param(const struct tool_call *, const char *name);
const char *tool_param_string(const struct tool_call *, const char *name,
    const char *absent, size_t *len);
int64_t tool_param_int(
    const struct tool_call *, const char *name, int64_t absent);
double tool_param_number(
    const struct tool_call *, const char *name, double absent);

/*
 * The call fails because its deadline is near: what it was doing was stopped,
 * so that this process need not be killed for it.  Say why by tool_fail().
 */
void tool_expire(struct tool_call *);

/*
 * How far the call is: value of total, 0 when nobody knows; message may be
 * NULL.  Whoever asks for the calls in flight sees it.  Call it as often as you
 * like: ten a second are passed on.
 */
void tool_progress(
    struct tool_call *, double value, double total, const char *message);

/* Milliseconds to the deadline, 0 when it has passed. */
int64_t tool_remaining_ms(const struct tool_call *);

/*
 * True when nobody wants the call any more, and shortly before the deadline
 * and after it: time to stop by oneself.  The process is killed at the deadline
 * whatever a tool does, and cancel_grace after a call was cancelled.  It costs
 * no more than a look at the clock.
 */
bool tool_cancelled(const struct tool_call *);

#endif
