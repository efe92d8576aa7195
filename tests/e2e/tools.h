/*
 * Daemons with tools from manifests: the toolbox and the coprocess of the
 * tests, one daemon a test.
 */

#ifndef E2E_TOOLS_H
#define E2E_TOOLS_H

#include "harness.h"

/* One tool, one call, and what must come of it. */
struct tool_row {
	const char *name;    /* of the test */
	const char *words;   /* after the program, as JSON: "\"a\", \"b\"" */
	const char *members; /* further members of the manifest, with a comma */
	const char *params;
	const char *timeout; /* ", \"timeout\": 0.3", or NULL */
	int status;
	const char *code;  /* of the problem; NULL: status is 200 */
	const char *text;  /* the body holds this */
	const char * not ; /* and not this; or NULL */
};

/* Writes the manifest of a tool into the daemon's directory of tools. */
void tool_write(struct daemon *, const char *name, const char *kind,
    const char *program, const char *words, const char *members);

/* Writes a manifest: members are all but its name and description. */
void tool_write_members(struct daemon *, const char *name, const char *members);

/*
 * The path of a plugin of the tests, of which the daemon gets a copy: the tree
 * may belong to somebody whom it does not trust.  Good until the next call.
 */
const char *tool_plugin(struct daemon *, const char *name);

/* Writes the manifest of a plugin of the tests: "fault", "example" ... */
void tool_write_plugin(struct daemon *, const char *name, const char *object);

/* Starts a daemon that has but this tool, called "tool". */
struct daemon *tool_daemon(const char *settings, const char *kind,
    const char *program, const char *words, const char *members);

/* One call over a connection that then answers one other request. */
struct reply *tool_call(
    struct daemon *, const char *params, const char *members);

/* Calls, checks answer and health, stops.  per_agent: coprocesses of each. */
void tool_row_run(const struct tool_row *, const char *settings,
    const char *kind, const char *program, int per_agent);

/* Asserts that it took no other agent, as far as can be. */
void tool_check_restarts(struct daemon *, const struct tool_row *);

/* Asserts that the reply is as the row says, and frees it. */
void tool_row_check(const struct tool_row *, struct reply *);

#endif
