/*
 * <agentd/tool.h>: tools for agentd as shared objects.
 *
 * A plugin exports one object, agentd_tool, of type struct agentd_tool:
 *
 *	#include <agentd/tool.h>
 *
 *	static int
 *	greet(struct agentd_call *call)
 *	{
 *		size_t len;
 *		const char *name = agentd_string(call, "/name", &len);
 *
 *		return (agentd_add_string(call, "greeting", name, len));
 *	}
 *
 *	const struct agentd_tool agentd_tool = {
 *		AGENTD_ABI, sizeof(struct agentd_tool), "greet",
 *		NULL, greet, NULL
 *	};
 *
 * It is built with
 *
 *	cc -shared -fPIC $(pkg-config --cflags agentd) -o greet.so greet.c
 *
 * and chosen by a manifest with "plugin": "greet.so"; see agentd-tool(7).
 *
 * An agent is a process that runs one call at a time.  It loads a plugin at
 * the first call of its tool, calls init once, then call for each call, and
 * fini when it ends in good order.  All of this happens in one thread.  An
 * agent can end at any time without fini: it is killed at the deadline of a
 * call.  Other agents have loaded the same plugin and share nothing with it.
 *
 * A plugin may crash, hang or call exit(3): its caller is told so, the
 * process is replaced, and no other call is disturbed.  It must not touch
 * descriptors that it has not opened, nor install a handler for SIGTERM.
 *
 * All text is UTF-8.  JSON texts are not terminated by NUL unless said so.
 * What is borrowed is valid until the callback that got it returns.
 */

#ifndef AGENTD_TOOL_H
#define AGENTD_TOOL_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/*
 * The version of this interface.  It grows when something in here changes its
 * meaning; a plugin of another version is not run.  What is only added stands
 * at the end of a structure, whose member size then tells whether it is
 * there: see AGENTD_HAS().
 */
#define AGENTD_ABI 1

/* Whether the structure at p, as agentd gave it, has this member. */
#define AGENTD_HAS(p, member)                                          \
	((p)->size >=                                                  \
	    (size_t)((const char *)&(p)->member - (const char *)(p)) + \
		sizeof((p)->member))

#define AGENTD_PRINTF(words, rest) \
	__attribute__((__format__(__printf__, words, rest)))

/* Severities of log(), as in syslog(3). */
#define AGENTD_LOG_ERR 3
#define AGENTD_LOG_WARNING 4
#define AGENTD_LOG_INFO 6
#define AGENTD_LOG_DEBUG 7

/* Room for the words of an init that failed. */
#define AGENTD_ERROR_SIZE 256

struct agentd_call;

/*
 * What agentd does for a plugin.  The functions below this structure are the
 * easy way to call it.  pointer is a JSON Pointer (RFC 6901) into the
 * parameters, such as "/city" or "/cities/0"; "" is the whole of them.
 */
struct agentd_host {
	uint32_t abi;	     /* AGENTD_ABI of the agentd that runs */
	uint32_t size;	     /* of its struct agentd_host */
	const char *version; /* of agentd, to show to people */

	/* A line for the log of agentd, with the name of the agent. */
	void (*log)(int severity, const char *format, ...) AGENTD_PRINTF(2, 3);

	/* time */

	/* Nanoseconds to the deadline of the call, 0 when it has passed. */
	int64_t (*remaining_ns)(const struct agentd_call *);
	/*
	 * 1 when the call was cancelled or its caller has left, and shortly
	 * before the deadline and after it: time to stop.  At the deadline the
	 * process is killed, whatever it does, and after a cancel when it has
	 * not returned within the setting cancel_grace.  It costs next to
	 * nothing, and may be called as often as you like.
	 */
	int (*cancelled)(const struct agentd_call *);
	/*
	 * Says how far the call is: done from 0 to 1, or a negative number
	 * when that is not known; words may be NULL.  Who lists the calls in
	 * flight sees it; at most ten a second are passed on.
	 */
	void (*progress)(struct agentd_call *, double done, const char *words);

	/* parameters, which have passed the schema of the manifest */

	/* The JSON text of what pointer finds, borrowed; NULL: nothing. */
	const char *(*param)(
	    struct agentd_call *, const char *pointer, size_t *len);
	/*
	 * The same of a string, decoded and with a NUL at its end; it may
	 * hold further NULs.  NULL: nothing, or no string.
	 */
	const char *(*param_string)(
	    struct agentd_call *, const char *pointer, size_t *len);
	/* 1, or 0 when there is nothing or no number (whole, that fits). */
	int (*param_int)(
	    const struct agentd_call *, const char *pointer, int64_t *);
	int (*param_number)(
	    const struct agentd_call *, const char *pointer, double *);
	int (*param_bool)(
	    const struct agentd_call *, const char *pointer, int *);

	/*
	 * the result: an object to which members are added, or any JSON at
	 * once.  All return 0; or -1, and the call has failed, when the text
	 * is no UTF-8 or no JSON, the number is not finite, or there is no
	 * memory.
	 */

	int (*result)(struct agentd_call *, const char *json, size_t len);
	int (*add)(struct agentd_call *, const char *name, const char *json,
	    size_t len);
	int (*add_string)(struct agentd_call *, const char *name,
	    const char *text, size_t len);
	int (*add_int)(struct agentd_call *, const char *name, int64_t);
	int (*add_number)(struct agentd_call *, const char *name, double);
	int (*add_bool)(struct agentd_call *, const char *name, int);

	/*
	 * The call fails with these words, which its caller reads; the first
	 * ones stay.  Returns -1, for a return of call.
	 */
	int (*fail)(struct agentd_call *, const char *format, ...)
	    AGENTD_PRINTF(2, 3);

	/*
	 * The value of a header of the request, which the manifest names in
	 * "pass_headers"; with a NUL at its end, borrowed.  NULL: it is not
	 * there, or not named.  See AGENTD_HAS(): older ones lack it.
	 */
	const char *(*header)(
	    const struct agentd_call *, const char *name, size_t *len);
};

/* Given to init.  Everything is borrowed but for host, which stays. */
struct agentd_setup {
	uint32_t size;
	uint32_t reserved;
	const struct agentd_host *host;
	const char *tool;   /* its name in the manifest */
	const char *config; /* the member "config", or null; JSON, with NUL */
	size_t config_len;

	void *data; /* for init to set: comes with each call, and with fini */
	char error[AGENTD_ERROR_SIZE]; /* for init to fill when it fails */
};

/* Given to call. */
struct agentd_call {
	uint32_t size;
	uint32_t reserved;
	const struct agentd_host *host;
	const char *tool;   /* its name in the manifest */
	const char *params; /* an object; JSON, with NUL */
	size_t params_len;
	int64_t deadline_ns; /* of CLOCK_MONOTONIC */
	void *data;	     /* as set by init */
	void *own;	     /* agentd's own */
};

/* What a plugin exports under the name agentd_tool. */
struct agentd_tool {
	uint32_t abi;	  /* AGENTD_ABI */
	uint32_t size;	  /* sizeof(struct agentd_tool) */
	const char *name; /* of the plugin, for the log */

	/*
	 * Called once, before the first call; may be NULL.  Returns 0; or
	 * anything else when the tool cannot work in this process: then all
	 * its calls fail with the words in setup->error.  Its time counts
	 * for the call that it precedes.
	 */
	int (*init)(struct agentd_setup *setup);

	/*
	 * Runs a call.  Returns 0; or anything else when the call has failed,
	 * which it also has after fail().  A call that adds nothing to its
	 * result has {} for one.
	 */
	int (*call)(struct agentd_call *call);

	/*
	 * Called when the agent ends in good order, once for each successful
	 * init; may be NULL.  It has a second.
	 */
	void (*fini)(void *data);
};

/* The one symbol that must be visible, also with -fvisibility=hidden. */
extern const struct agentd_tool agentd_tool
    __attribute__((__visibility__("default")));

/* Short forms. */

static inline int
agentd_cancelled(const struct agentd_call *call)
{
	return (call->host->cancelled(call));
}

static inline void
agentd_progress(struct agentd_call *call, double done, const char *words)
{
	call->host->progress(call, done, words);
}

/* "" when absent; len may be NULL. */
static inline const char *
agentd_string(struct agentd_call *call, const char *pointer, size_t *len)
{
	size_t unused;
	const char *text = call->host->param_string(
	    call, pointer, len != NULL ? len : &unused);

	return (text != NULL ? text : "");
}

/* NULL when absent, also from an agentd that passes none; len may be NULL. */
static inline const char *
agentd_header(const struct agentd_call *call, const char *name, size_t *len)
{
	size_t unused;

	if (!AGENTD_HAS(call->host, header))
		return (NULL);
	return (call->host->header(call, name, len != NULL ? len : &unused));
}

static inline int64_t
agentd_int(const struct agentd_call *call, const char *pointer, int64_t absent)
{
	int64_t value;

	return (call->host->param_int(call, pointer, &value) ? value : absent);
}

static inline double
agentd_number(
    const struct agentd_call *call, const char *pointer, double absent)
{
	double value;

	return (
	    call->host->param_number(call, pointer, &value) ? value : absent);
}

static inline int
agentd_bool(const struct agentd_call *call, const char *pointer, int absent)
{
	int value;

	return (call->host->param_bool(call, pointer, &value) ? value : absent);
}

static inline int
agentd_result(struct agentd_call *call, const char *json, size_t len)
{
	return (call->host->result(call, json, len));
}

static inline int
agentd_add_string(
    struct agentd_call *call, const char *name, const char *text, size_t len)
{
	return (call->host->add_string(call, name, text, len));
}

static inline int
agentd_add_int(struct agentd_call *call, const char *name, int64_t value)
{
	return (call->host->add_int(call, name, value));
}

static inline int
agentd_add_number(struct agentd_call *call, const char *name, double value)
{
	return (call->host->add_number(call, name, value));
}

/* agentd_fail(call, format, ...) */
#define agentd_fail(call, ...) ((call)->host->fail((call), __VA_ARGS__))

#ifdef __cplusplus
}
#endif

#endif
