/*
 * For the files of the registry: making single entries.
 */

#ifndef AGENT_REGISTRY_ENTRY_H
#define AGENT_REGISTRY_ENTRY_H

#include "agent/registry.h"

struct policy_choice;
struct tool;
struct unpack;

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

/* Reads such an entry.  0, or -1 with the reason in why. */
int registry_entry_read(struct registry_entry *, const struct conf *,
    char why[static REGISTRY_WHY_SIZE]) __attribute__((warn_unused_result));

/* Of an entry in any state, or NULL. */
void registry_entry_free(struct registry_entry *);

/* An element of the catalogue; NULL when there is no memory. */
struct json_object *registry_entry_describe(const struct registry_entry *);

#endif
