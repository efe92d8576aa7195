/*
 * Loads all tools, in the master's helper, and finds them by name, in agents. A
 * registry never changes once it is loaded, but that an agent reads a tool of
 * it at its first call.
 */

#include "agent/registry.h"
#include "agent/kinds/kind.h"
#include "agent/manifest.h"
#include "agent/registry_entry.h"
#include "agent/registry_report.h"
#include "agent/tool.h"
#include "common/json.h"
#include "common/log.h"
#include "common/pack.h"
#include "conf/conf.h"

#include <json-c/json.h>

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct registry {
	struct registry_entry **entries; /* sorted by name */
	size_t count;
	size_t unreadable;
	const struct conf *conf; /* for what is read later */
};

static int
registry_by_name(const void *a, const void *b)
{
	const struct registry_entry *const *x = a, *const *y = b;

	return (strcmp((*x)->name, (*y)->name));
}

/* Takes over entry, which may be NULL: 0 or -1. */
static int
registry_add(struct registry *registry, struct registry_entry *entry)
{
	struct registry_entry **entries = NULL;

	if (entry != NULL)
		entries = reallocarray(registry->entries, registry->count + 1,
		    sizeof(struct registry_entry *));
	if (entries == NULL) {
		registry_entry_free(entry);
		return (-1);
	}
	registry->entries = entries;
	entries[registry->count++] = entry;
	return (0);
}

static int
registry_add_builtins(struct registry *registry, const struct conf *conf,
    void (*report)(const char *line))
{
	char why[REGISTRY_WHY_SIZE] = "out of memory";
	char line[REGISTRY_WHY_SIZE + 80];

	for (size_t i = 0; tools_table[i] != NULL; i++) {
		if (!conf_wants_builtin(conf, tools_table[i]->name) ||
		    registry_add(registry,
			registry_entry_builtin(tools_table[i], conf, why)) == 0)
			continue;
		snprintf(
		    line, sizeof(line), "%s: %s", tools_table[i]->name, why);
		report(line);
		return (-1);
	}
	return (0);
}

/* Called with each good manifest: NULL, or why it is no tool after all. */
static const char *
registry_add_manifest(void *arg, struct registry_entry *entry)
{
	const struct registry *registry = arg;

	if (registry_entry_tool(entry->name) != NULL &&
	    conf_wants_builtin(registry->conf, entry->name)) {
		registry_entry_free(entry);
		return ("name: a built-in tool is called so");
	}
	return (registry_add(arg, entry) == -1 ? "out of memory" : NULL);
}

const struct registry_entry *
registry_get(const struct registry *registry, const char *name, size_t len)
{
	size_t low = 0, high = registry->count;

	while (low < high) {
		size_t middle = (low + high) / 2;
		const struct registry_entry *entry = registry->entries[middle];
		int order = strncmp(name, entry->name, len);

		if (order == 0 && strlen(entry->name) == len)
			return (entry);
		if (order > 0)
			low = middle + 1;
		else
			high = middle;
	}
	return (NULL);
}

struct registry *
registry_load(
    const struct conf *conf, void (*report)(const char *line), size_t *bad)
{
	struct registry *registry = calloc(1, sizeof(*registry));

	*bad = 0;
	if (registry == NULL) {
		report("out of memory");
		return (NULL);
	}
	registry->conf = conf;
	if (registry_add_builtins(registry, conf, report) == -1) {
		registry_free(registry);
		return (NULL);
	}
	*bad = manifest_dir(conf, registry_add_manifest, registry, report,
	    &registry->unreadable);
	if (registry->count > 0)
		qsort(registry->entries, registry->count,
		    sizeof(*registry->entries), registry_by_name);
	*bad += registry_report_all(registry, conf, report);
	return (registry);
}

struct registry *
registry_load_file(
    const struct conf *conf, const char *path, void (*report)(const char *line))
{
	char why[REGISTRY_WHY_SIZE] = "out of memory";
	char line[PATH_MAX + REGISTRY_WHY_SIZE];
	struct registry *registry = calloc(1, sizeof(*registry));
	struct registry_entry *entry = NULL;
	const char *refusal = why;
	size_t size;

	if (registry != NULL) {
		registry->conf = conf;
		entry = manifest_read(path, conf, why, &size);
	}
	if (entry != NULL)
		refusal = registry_add_manifest(registry, entry);
	if (refusal == NULL) {
		registry_report_doubts(registry, report);
		return (registry);
	}
	snprintf(line, sizeof(line), "%s: %s", path, refusal);
	report(line);
	registry_free(registry);
	return (NULL);
}

const struct registry_entry *
registry_at(const struct registry *registry, size_t i)
{
	return (i < registry->count ? registry->entries[i] : NULL);
}

void
registry_free(struct registry *registry)
{
	if (registry == NULL)
		return;
	for (size_t i = 0; i < registry->count; i++)
		registry_entry_free(registry->entries[i]);
	free(registry->entries);
	free(registry);
}

size_t
registry_unreadable(const struct registry *registry)
{
	return (registry->unreadable);
}

/* The names of secret variables, as a block of texts. */
static void
registry_pack_variables(const struct registry *registry, struct pack *pack)
{
	struct pack names = {0};

	for (size_t i = 0; i < registry->count; i++)
		registry_entry_variables(registry->entries[i], &names);
	pack_block(pack, names.data, names.len);
	if (names.failed)
		pack->failed = true;
	pack_free(&names);
}

void
registry_pack(const struct registry *registry, struct pack *pack)
{
	size_t count = 0;

	registry_pack_variables(registry, pack);
	for (size_t i = 0; i < registry->count; i++)
		count += registry->entries[i]->policy.enabled;
	pack_int(pack, (int64_t)count);
	for (size_t i = 0; i < registry->count; i++)
		if (registry->entries[i]->policy.enabled)
			registry_entry_pack(registry->entries[i], pack);
}

void
registry_forget(const void *packed, size_t len)
{
	struct unpack unpack = {.at = packed, .left = len}, names = {0};
	const char *name;
	char *value;

	names.at = pack_take_block(&unpack, &names.left);
	while (!unpack.failed && names.left > 0 &&
	       (name = pack_take_text(&names)) != NULL)
		if ((value = getenv(name)) != NULL)
			explicit_bzero(value, strlen(value));
}

struct registry *
registry_open(const void *packed, size_t len, const struct conf *conf)
{
	struct unpack unpack = {.at = packed, .left = len};
	struct registry *registry = calloc(1, sizeof(*registry));
	size_t names;

	if (registry == NULL)
		return (NULL);
	registry->conf = conf;
	(void)pack_take_block(&unpack, &names);
	for (int64_t left = pack_take_int(&unpack); left > 0; left--)
		if (registry_add(registry, registry_entry_unpack(&unpack)) ==
		    -1) {
			unpack.failed = true;
			break;
		}
	if (pack_taken(&unpack))
		return (registry);
	registry_free(registry);
	return (NULL);
}

/* Whoever has the entry keeps it: it becomes what it was packed from. */
static int
registry_read(struct registry_entry *entry, const struct conf *conf,
    char why[static REGISTRY_WHY_SIZE])
{
	struct registry_entry *whole, unread = *entry;

	if (entry->source == NULL)
		whole = registry_entry_builtin(entry->spec, conf, why);
	else
		whole = manifest_read_text(entry->name, entry->base, conf,
		    entry->source, entry->text_len, why);
	if (whole == NULL) {
		errno = strstr(why, "out of memory") != NULL ? ENOMEM : EINVAL;
		return (-1);
	}
	*entry = *whole;
	*whole = unread;
	registry_entry_free(whole);
	return (0);
}

int
registry_ready(const struct registry *registry,
    const struct registry_entry *entry, char *why)
{
	if (!entry->unread)
		return (0);
	/* It is the registry's own. */
	return (registry_read(
	    (struct registry_entry *)(uintptr_t)entry, registry->conf, why));
}

/* A built-in tool's needs nothing of its entry that is not read yet. */
static void
registry_setup_one(const struct registry *registry,
    const struct registry_entry *entry, const struct conf *conf)
{
	char why[REGISTRY_WHY_SIZE];

	if (entry->kind != &kind_builtin &&
	    registry_ready(registry, entry, why) == -1)
		log_warn("%s: %s", entry->name, why);
	else
		entry->kind->setup(entry, conf);
}

void
registry_setup(const struct registry *registry, const struct conf *conf)
{
	for (size_t i = 0; i < registry->count; i++) {
		const struct registry_entry *entry = registry->entries[i];

		if (entry->policy.enabled && entry->kind->setup != NULL)
			registry_setup_one(registry, entry, conf);
	}
}

void
registry_finish(const struct registry *registry)
{
	for (size_t i = 0; i < registry->count; i++) {
		const struct registry_entry *entry = registry->entries[i];

		if (entry->policy.enabled && !entry->unread &&
		    entry->kind->finish != NULL)
			entry->kind->finish(entry);
	}
}

const struct registry_entry *
registry_find(const struct registry *registry, const char *name, size_t len)
{
	const struct registry_entry *entry = registry_get(registry, name, len);

	return (entry != NULL && entry->policy.enabled ? entry : NULL);
}

char *
registry_catalogue(const struct registry *registry)
{
	struct json_object *list = json_object_new_array();
	const char *text;
	char *copy = NULL;
	size_t len;

	for (size_t i = 0; list != NULL && i < registry->count; i++) {
		struct json_object *tool;

		if (!registry->entries[i]->policy.enabled)
			continue;
		tool = registry_entry_describe(registry->entries[i]);
		if (tool == NULL || json_object_array_add(list, tool) == -1) {
			json_object_put(tool);
			goto done;
		}
	}
	if (list != NULL && (text = json_text(list, &len)) != NULL)
		copy = strdup(text);
done:
	json_object_put(list);
	return (copy);
}
