/*
 * Keeps the list of tools that the master made at start.  It knows nothing of
 * how they run; unknown names are refused here before they cost an agent
 * anything.
 */

#include "frontend/catalogue.h"
#include "common/log.h"

#include <json-c/json.h>

#include <stdlib.h>
#include <string.h>

static struct tool_info *tools;
static size_t count;

void
catalogue_init(const char *text)
{
	struct json_object *list = json_tokener_parse(text);

	if (!json_object_is_type(list, json_type_array))
		fatal("the catalogue of tools is broken");
	count = json_object_array_length(list);
	if ((tools = calloc(count + 1, sizeof(*tools))) == NULL)
		fatal("out of memory");
	for (size_t i = 0; i < count; i++) {
		struct json_object *entry = json_object_object_get(
		    json_object_array_get_idx(list, i), "tool");
		struct json_object *name =
		    json_object_object_get(entry, "name");

		tools[i].entry = json_object_get(entry);
		tools[i].name = json_object_get_string(name);
		tools[i].name_len = strlen(tools[i].name);
	}
	json_object_put(list);
}

static int
catalogue_compare(const void *name, const void *tool)
{
	return (strcmp(name, ((const struct tool_info *)tool)->name));
}

struct tool_info *
catalogue_find(const char *name)
{
	return (bsearch(name, tools, count, sizeof(*tools), catalogue_compare));
}

struct tool_info *
catalogue_at(size_t i)
{
	return (i < count ? &tools[i] : NULL);
}
