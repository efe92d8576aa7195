/*
 * Manifests: files that make programs and services tools.
 */

#ifndef AGENT_MANIFEST_H
#define AGENT_MANIFEST_H

#include "agent/registry_entry.h"

/* The largest file, in bytes. */
#define MANIFEST_MAX (1 << 20)

/*
 * Reads a manifest, NAME.json, and gives its tool with the policy that the
 * configuration makes of it.  NULL with the reason, without the path, in why;
 * errno is then 0 when what it says is wrong, and else why nobody can tell what
 * that is.  *size is that of the file.
 */
struct registry_entry *manifest_read(const char *path, const struct conf *,
    char why[static REGISTRY_WHY_SIZE], size_t *size);

/*
 * Reads again what manifest_read() has read before: name is that of the tool,
 * base the directory of the file.  The users that it names are not looked up
 * once more.
 */
struct registry_entry *manifest_read_text(const char *name, const char *base,
    const struct conf *, const char *text, size_t size,
    char why[static REGISTRY_WHY_SIZE]);

/*
 * Reads a regular file that can be trusted (safe.h); the text is to be freed.
 * NULL with the reason in why, and errno as of manifest_read().
 */
char *manifest_text(
    const char *path, char why[static REGISTRY_WHY_SIZE], size_t *size);

/*
 * Calls add with the entry of each good manifest of conf->tools_dir, in the
 * order of the names; add takes it over and returns why it cannot be added,
 * or NULL.  Reports what is wrong as "FILE: reason"; returns how much of that
 * there was.  *unreadable says of how much of it nobody can tell what is in it.
 */
size_t manifest_dir(const struct conf *,
    const char *(*add)(void *arg, struct registry_entry *), void *arg,
    void (*report)(const char *line), size_t *unreadable);

#endif
