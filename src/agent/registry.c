/*
 * Holds the tools that this program has.  The master asks it for the
 * catalogue that the front end shows; agents look tools up in it.
 */

#include "agent/registry.h"
#include "agent/tool.h"
#include "common/json.h"
#include "schema/schema.h"

#include <json-c/json.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Room for why a schema is refused. */
#define REASON_SIZE (2 * JSON_REASON_SIZE)

static struct registry_entry *entries;
static size_t entry_count;

static int
registry_by_name(const void *a, const void *b)
{
	const struct registry_entry *x = a, *y = b;

	return (strcmp(x->tool->name, y->tool->name));
}

static int
registry_add(const struct tool *tool, char *why, size_t why_size)
{
	struct registry_entry *entry = &entries[entry_count];
	char reason[REASON_SIZE];

	entry->tool = tool;
	if (json_parse(tool->parameters, strlen(tool->parameters),
		&entry->parameters, reason)) {
		entry_count++;
		entry->schema =
		    schema_compile(entry->parameters, reason, sizeof(reason));
		if (entry->schema != NULL)
			return (0);
	}
	snprintf(why, why_size, "%s: parameters: %s", tool->name, reason);
	return (-1);
}

int
registry_init(char *why, size_t why_size)
{
	size_t count = 0;

	while (tools_table[count] != NULL)
		count++;
	if ((entries = calloc(count + 1, sizeof(*entries))) == NULL) {
		snprintf(why, why_size, "out of memory");
		return (-1);
	}
	for (size_t i = 0; i < count; i++)
		if (registry_add(tools_table[i], why, why_size) == -1)
			return (-1);
	qsort(entries, entry_count, sizeof(*entries), registry_by_name);
	return (0);
}

void
registry_setup(const struct conf *conf)
{
	for (size_t i = 0; i < entry_count; i++)
		if (entries[i].tool->setup != NULL)
			entries[i].tool->setup(conf);
}

const struct registry_entry *
registry_find(const char *name, size_t len)
{
	size_t low = 0, high = entry_count;

	while (low < high) {
		size_t middle = (low + high) / 2;
		const char *candidate = entries[middle].tool->name;
		int order = strncmp(name, candidate, len);

		if (order == 0 && strlen(candidate) == len)
			return (&entries[middle]);
		if (order > 0)
			low = middle + 1;
		else
			high = middle;
	}
	return (NULL);
}

static struct json_object *
registry_describe(const struct registry_entry *entry)
{
	struct json_object *tool = json_object_new_object();

	if (tool == NULL)
		return (NULL);
	json_object_object_add(
	    tool, "name", json_object_new_string(entry->tool->name));
	json_object_object_add(tool, "description",
	    json_object_new_string(entry->tool->description));
	json_object_object_add(
	    tool, "parameters", json_object_get(entry->parameters));
	json_object_object_add(tool, "kind", json_object_new_string("builtin"));
	return (tool);
}

char *
registry_catalogue(void)
{
	struct json_object *list = json_object_new_array();
	const char *text;
	char *copy = NULL;
	size_t len;

	if (list == NULL)
		return (NULL);
	for (size_t i = 0; i < entry_count; i++) {
		struct json_object *tool = registry_describe(&entries[i]);

		if (tool == NULL || json_object_array_add(list, tool) == -1)
			goto done;
	}
	if ((text = json_text(list, &len)) != NULL)
		copy = strdup(text);
done:
	json_object_put(list);
	return (copy);
}
