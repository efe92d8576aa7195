/*
 * The tools that there are: an immutable snapshot.  A process that the master
 * forks for it loads one, and hands it on in a flat form; agents get that as
 * they are forked, and read of it the tools that they are called for.
 */

#ifndef AGENT_REGISTRY_H
#define AGENT_REGISTRY_H

#include "agent/registry_entry.h"

#include <stddef.h>

struct conf;
struct pack;
struct registry;

/*
 * The built-in tools and those of the manifests in conf->tools_dir.  What is
 * wrong with a manifest is reported as one line, "FILE: reason", and that tool
 * is left out; *bad says how many were.  What is odd about a tool, and a
 * section of the configuration for one that there is not, is reported too, but
 * is not counted.  Returns NULL, after a report, only when not even the
 * built-in tools can be loaded.
 */
struct registry *registry_load(
    const struct conf *, void (*report)(const char *line), size_t *bad)
    __attribute__((warn_unused_result));

/*
 * The tool of one manifest and no other, to try it.  NULL after a report.
 */
struct registry *registry_load_file(const struct conf *, const char *path,
    void (*report)(const char *line)) __attribute__((warn_unused_result));

/* The i-th by name, enabled or not; NULL when there are not so many. */
const struct registry_entry *registry_at(const struct registry *, size_t i);

/* The tool of that name, enabled or not; NULL when there is none. */
const struct registry_entry *registry_get(
    const struct registry *, const char *name, size_t len);

void registry_free(struct registry *);

/*
 * How many manifests were there but could not be read, the directory of all
 * being one: what is loaded is then not what is wanted.
 */
size_t registry_unreadable(const struct registry *);

/*
 * The tools that are enabled in their flat form; it holds their secrets.
 */
void registry_pack(const struct registry *, struct pack *);

/*
 * In a process that runs no tool: overwrites the variables of the environment
 * that are secrets of those that are packed.
 */
void registry_forget(const void *packed, size_t len);

/*
 * The reverse, in an agent: all must stay as long as the registry does.  NULL
 * when it is not what was packed, or there is no memory.
 */
struct registry *registry_open(
    const void *packed, size_t len, const struct conf *);

/*
 * Reads a tool of such a registry, if that is not done yet: 0; or -1 with the
 * reason in why (REGISTRY_WHY_SIZE bytes), and errno is ENOMEM when there was
 * no memory.
 */
int registry_ready(const struct registry *, const struct registry_entry *,
    char *why) __attribute__((warn_unused_result));

/* Lets every tool set itself up, in an agent. */
void registry_setup(const struct registry *, const struct conf *);

/* Lets every tool end, in an agent that ends in good order. */
void registry_finish(const struct registry *);

/*
 * The tool of that name, enabled; NULL when there is none.  It may have to be
 * read before it is used, see registry_ready().
 */
const struct registry_entry *registry_find(
    const struct registry *, const char *name, size_t len);

/*
 * What the front end has to know: JSON text, an array sorted by name of
 * {"tool": what GET /api/v1/tools shows, "policy": see policy_to_json(),
 * "digest"}, without the tools that are not enabled.  The caller frees it; NULL
 * when there is no memory.
 */
char *registry_catalogue(const struct registry *);

#endif
