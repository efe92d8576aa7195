/*
 * The flat form of the entries of a registry, in which agents get them: the
 * text of each manifest.  An agent reads it at the first call of its tool, so
 * that a start costs the same however many tools there are, and so does what
 * an agent holds that is called for few of them.
 */

#include "agent/kinds/kind.h"
#include "agent/manifest.h"
#include "agent/registry_entry.h"
#include "agent/tool.h"
#include "common/pack.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void
registry_entry_pack(const struct registry_entry *entry, struct pack *pack)
{
	pack_text(pack, entry->name);
	pack_text(pack, entry->kind->name);
	pack_text(pack, entry->base);
	if (entry->base != NULL)
		pack_block(pack, entry->text, entry->text_len);
}

void
registry_entry_variables(const struct registry_entry *entry, struct pack *pack)
{
	char *const *variable = entry->policy.environment;

	for (; variable != NULL && *variable != NULL; variable++)
		if (strchr(*variable, '=') == NULL)
			pack_text(pack, *variable);
	if (entry->kind->variables != NULL)
		entry->kind->variables(entry->spec, pack);
}

static const struct kind *
registry_entry_kind(const char *name)
{
	for (size_t i = 0; kinds[i] != NULL; i++)
		if (strcmp(kinds[i]->name, name) == 0)
			return (kinds[i]);
	return (NULL);
}

/* The built-in tool of that name, or NULL. */
static const struct tool *
registry_entry_tool(const char *name)
{
	for (size_t i = 0; tools_table[i] != NULL; i++)
		if (strcmp(tools_table[i]->name, name) == 0)
			return (tools_table[i]);
	return (NULL);
}

static int
entry_unpack(struct registry_entry *entry, struct unpack *unpack)
{
	const char *name = unpack_text(unpack), *kind = unpack_text(unpack);
	const char *base = unpack_text(unpack);

	if (name == NULL || kind == NULL ||
	    (entry->kind = registry_entry_kind(kind)) == NULL ||
	    (entry->name = strdup(name)) == NULL)
		return (-1);
	entry->unread = entry->policy.enabled = true;
	if (base == NULL) {
		entry->spec = (void *)(uintptr_t)registry_entry_tool(name);
		return (entry->spec == NULL ? -1 : 0);
	}
	entry->source = unpack_block(unpack, &entry->text_len);
	entry->base = strdup(base);
	return (entry->source == NULL || entry->base == NULL ? -1 : 0);
}

struct registry_entry *
registry_entry_unpack(struct unpack *unpack)
{
	struct registry_entry *entry = calloc(1, sizeof(*entry));

	if (entry != NULL && entry_unpack(entry, unpack) == 0)
		return (entry);
	registry_entry_free(entry);
	return (NULL);
}

int
registry_entry_read(struct registry_entry *entry, const struct conf *conf,
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
	/* Whoever has the entry keeps it. */
	*entry = *whole;
	*whole = unread;
	registry_entry_free(whole);
	return (0);
}
