/*
 * The ways to run a tool: built in, a command, a shared object ...  Each is a
 * struct kind in a file of its own, listed in kind.c.
 */

#ifndef AGENT_KINDS_KIND_H
#define AGENT_KINDS_KIND_H

#include <stdbool.h>
#include <stddef.h>

struct conf;
struct json_object;
struct pack;
struct registry_entry;
struct tool_call;

/* Where a kind says what is odd about a tool. */
struct kind_doubts {
	void (*say)(void *arg, const char *what);
	void *arg;
};

struct kind {
	/* "command"; also the member of a manifest that chooses this kind. */
	const char *name;
	/* Further members that only manifests of this kind have; NULL at the
	 * end, or NULL when there are none. */
	const char *const *members;
	/*
	 * Whether its tools are processes of their own, to which the kind
	 * applies the policy.  Otherwise they run in the agent, or, when the
	 * policy asks for more than that allows, in a fork of it.
	 */
	bool own_process;
	/* What runs in the agent is not ours; see foreign.h. */
	bool foreign;
	/* Whether its tools may print to the agent's own standard error. */
	bool prints;
	/*
	 * Makes what the kind keeps of a tool from a whole manifest, an object
	 * whose common members are valid already.  base is the absolute path
	 * of the directory that the manifest is in.  Called when all
	 * are loaded, by agentd -n, and in an agent at the first call: it
	 * checks and copies, but runs and loads nothing.
	 * Returns NULL with the reason in why.  NULL when no manifest can
	 * choose this kind.
	 */
	void *(*parse)(struct json_object *manifest, const char *base,
	    char *why, size_t why_size);
	/* Frees that, after wiping what is secret.  May be NULL. */
	void (*free)(void *spec);
	/*
	 * Says what is probably a mistake, although the tool can be called: a
	 * program that is not there, for one.  Called where manifests are
	 * read, for those that are enabled.  May be NULL.
	 */
	void (*doubt)(const struct registry_entry *, struct kind_doubts *);
	/*
	 * Packs, as texts, the names of the variables of the environment that
	 * it has read, which are secrets.  May be NULL.
	 */
	void (*variables)(const void *spec, struct pack *);
	/*
	 * In each agent, as the user that it runs as and before it says that
	 * it is ready.  What goes wrong is told to those who call the tool.
	 * May be NULL.
	 */
	void (*setup)(const struct registry_entry *, const struct conf *);
	/*
	 * Runs a call: tool_add() or tool_result(), or tool_fail().  Spec and
	 * policy are in call->entry.
	 */
	void (*run)(struct tool_call *);
	/*
	 * Once, when an agent that runs no call ends in good order.  An agent
	 * that is killed has no time for it.  May be NULL.
	 */
	void (*finish)(const struct registry_entry *);
};

/* All of them, NULL at the end.  In kind.c. */
extern const struct kind *const kinds[];

/* Its spec is a struct tool. */
extern const struct kind kind_builtin;

/* These have manifests. */
extern const struct kind kind_command;
extern const struct kind kind_coprocess;
extern const struct kind kind_http;
extern const struct kind kind_plugin;

#endif
