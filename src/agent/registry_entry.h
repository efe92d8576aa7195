/*
 * One tool, as the registry has it: its manifest or its place in the program,
 * and all that follows from that.
 */

#ifndef AGENT_REGISTRY_ENTRY_H
#define AGENT_REGISTRY_ENTRY_H

#include "conf/policy.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Room for why a tool is refused. */
#define REGISTRY_WHY_SIZE 512

struct conf;
struct json_object;
struct kind;
struct pack;
struct policy_choice;
struct schema;
struct tool;
struct unpack;

/* One tool.  Everything is the entry's own, but for kind. */
struct registry_entry {
	char *name;
	char *description;
	const struct kind *kind;
	void *spec; /* the kind's */
	/* The documents as they are shown; result may be NULL. */
	struct json_object *parameters, *result;
	struct json_object *pass_headers; /* names; NULL: none */
	struct schema *parameters_schema, *result_schema;
	struct policy policy; /* in force */
	bool idempotent;
	char *base; /* directory of its manifest; NULL: built in */
	char *text; /* that manifest, as it was loaded; or NULL */
	size_t text_len;
	uint64_t digest; /* of all that decides how it runs */
	/* Not read yet, so that of all the above only name and kind hold. */
	bool unread;
	const char *source; /* its manifest, text_len bytes of somebody's */
};

/* The built-in tool of that name, or NULL. */
const struct tool *registry_entry_tool(const char *name);

/* NULL, with the reason in why. */
struct registry_entry *registry_entry_builtin(const struct tool *,
    const struct conf *, char why[static REGISTRY_WHY_SIZE]);

/*
 * Gives it the policy that is in force: the defaults, what its manifest
 * chose (NULL: nothing), what its section of the configuration chose.  Makes
 * that part of its digest.  0, or -1 with the reason in why.
 */
int registry_entry_govern(struct registry_entry *, const struct conf *,
    const struct policy_choice *, char why[static REGISTRY_WHY_SIZE])
    __attribute__((warn_unused_result));

/* Whether the users of its policy can be had.  0, or -1, reason in why. */
int registry_entry_check_user(const struct registry_entry *,
    const struct conf *, char why[static REGISTRY_WHY_SIZE])
    __attribute__((warn_unused_result));

/* Compiles the schemas of an entry.  0, or -1 with the reason in why. */
int registry_entry_compile(struct registry_entry *,
    char why[static REGISTRY_WHY_SIZE]) __attribute__((warn_unused_result));

/* Packs the names of variables of the environment that are its secrets. */
void registry_entry_variables(const struct registry_entry *, struct pack *);

/* The flat form of an entry, and an entry that is still to be read from it. */
void registry_entry_pack(const struct registry_entry *, struct pack *);
struct registry_entry *registry_entry_unpack(struct unpack *);

/* Of an entry in any state, or NULL. */
void registry_entry_free(struct registry_entry *);

/* An element of the catalogue; NULL when there is no memory. */
struct json_object *registry_entry_describe(const struct registry_entry *);

#endif
