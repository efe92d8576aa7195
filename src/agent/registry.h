/*
 * The tools of this process, by name, with their schemas.
 */

#ifndef AGENT_REGISTRY_H
#define AGENT_REGISTRY_H

#include <stddef.h>

struct conf;
struct json_object;
struct schema;
struct tool;

struct registry_entry {
	const struct tool *tool;
	struct json_object *parameters; /* the schema as a document */
	struct schema *schema;
};

/*
 * Compiles the schema of every tool, once.  Returns 0, or -1 with
 * the reason in why.
 */
int registry_init(char *why, size_t why_size)
    __attribute__((warn_unused_result));

/* Lets every tool set itself up, in an agent. */
void registry_setup(const struct conf *);

/* NULL when there is none of that name. */
const struct registry_entry *registry_find(const char *name, size_t len);

/*
 * What GET /api/v1/tools shows of them: a JSON array as text, sorted by name.
 * The caller frees it; NULL when there is no memory.
 */
char *registry_catalogue(void);

#endif
