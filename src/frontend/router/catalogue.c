/*
 * Keeps the list of tools, which the master sends anew at each reload.  It
 * knows nothing of how they run; unknown names are refused here before they
 * cost an agent anything.
 */

#include "frontend/router/catalogue.h"
#include "common/json.h"
#include "frontend/router/admit.h"

#include <json-c/json.h>

#include <stdlib.h>
#include <string.h>

/* The schemas are as deep as a peer may send, and are inside of two more. */
#define DEPTH (JSON_MAX_DEPTH + 8)

static struct tool_info **tools; /* sorted by name */
static size_t count;

static void
catalogue_free(struct tool_info **list, size_t n)
{
	for (size_t i = 0; i < n; i++)
		tool_release(list[i]);
	free(list);
}

/* A tool as one element of the list says; NULL when it does not. */
static struct tool_info *
catalogue_make(struct json_object *element, uint32_t epoch)
{
	struct json_object *entry = json_object_object_get(element, "tool");
	const char *name =
	    json_object_get_string(json_object_object_get(entry, "name"));
	const char *digest =
	    json_object_get_string(json_object_object_get(element, "digest"));
	struct tool_info *tool = calloc(1, sizeof(*tool));

	if (tool == NULL)
		return (NULL);
	tool->refs = 1;
	tool->since = epoch;
	tool->entry = json_object_get(entry);
	tool->pass_headers = json_object_object_get(entry, "pass_headers");
	tool->name = name == NULL ? NULL : strdup(name);
	tool->digest = digest == NULL ? 0 : strtoull(digest, NULL, 16);
	tool->idempotent = json_object_get_boolean(
	    json_object_object_get(entry, "idempotent"));
	policy_init(&tool->policy);
	if (tool->name == NULL ||
	    policy_from_json(&tool->policy,
		json_object_object_get(element, "policy")) == -1) {
		tool_release(tool);
		return (NULL);
	}
	tool->name_len = strlen(tool->name);
	return (tool);
}

/* All tools of a list, or NULL; *n is how many. */
static struct tool_info **
catalogue_read(struct json_object *list, uint32_t epoch, size_t *n)
{
	size_t length;
	struct tool_info **made;

	if (!json_object_is_type(list, json_type_array))
		return (NULL);
	length = json_object_array_length(list);
	made = calloc(length + 1, sizeof(struct tool_info *));
	for (*n = 0; made != NULL && *n < length; ++*n) {
		made[*n] =
		    catalogue_make(json_object_array_get_idx(list, *n), epoch);
		if (made[*n] == NULL) {
			catalogue_free(made, *n);
			return (NULL);
		}
	}
	return (made);
}

/* What is counted and held stays; what the tool is comes from next. */
static void
catalogue_renew(struct tool_info *tool, struct tool_info *next)
{
	struct json_object *entry = tool->entry;

	if (tool->digest != next->digest) {
		tool->since = next->since;
		tool->pace.fast_calls = 0;
	}
	tool->digest = next->digest;
	tool->idempotent = next->idempotent;
	tool->policy = next->policy; /* of which nothing is allocated */
	tool->entry = next->entry;
	tool->pass_headers = next->pass_headers;
	next->entry = entry;
}

/* Nothing can fail here. */
static void
catalogue_switch(struct tool_info **next, size_t n)
{
	struct tool_info *tool;

	for (size_t i = 0; i < count; i++)
		tools[i]->removed = true;
	for (size_t i = 0; i < n; i++) {
		if ((tool = catalogue_find(next[i]->name)) == NULL)
			continue;
		catalogue_renew(tool, next[i]);
		tool_release(next[i]);
		tool->removed = false;
		tool_hold(tool);
		next[i] = tool;
	}
	catalogue_free(tools, count);
	tools = next;
	count = n;
	for (size_t i = 0; i < n; i++)
		admit_configure(tools[i]);
}

int
catalogue_load(const char *text, size_t len, uint32_t epoch)
{
	struct json_tokener *tokener = json_tokener_new_ex(DEPTH);
	struct tool_info **next;
	struct json_object *list;
	size_t n = 0;

	if (tokener == NULL)
		return (-1);
	list = json_tokener_parse_ex(tokener, text, (int)len);
	json_tokener_free(tokener);
	next = catalogue_read(list, epoch, &n);
	json_object_put(list);
	if (next == NULL)
		return (-1);
	catalogue_switch(next, n);
	return (0);
}

static int
catalogue_compare(const void *name, const void *tool)
{
	return (strcmp(name, (*(struct tool_info *const *)tool)->name));
}

struct tool_info *
catalogue_find(const char *name)
{
	struct tool_info **found;

	if (count == 0)
		return (NULL);
	found = bsearch(name, tools, count, sizeof(*tools), catalogue_compare);
	return (found == NULL ? NULL : *found);
}

struct tool_info *
catalogue_at(size_t i)
{
	return (i < count ? tools[i] : NULL);
}
