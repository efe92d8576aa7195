/*
 * The paths of a daemon, from its own document.
 */

#include "routes.h"
#include "harness.h"

#include <json-c/json.h>
#include <stdio.h>
#include <string.h>

static const struct {
	const char *pattern, *value;
} values[] = {
    {"/agents/{id}", "agent-1"},
    {"/requests/{id}", ROUTES_ID},
    {"/tools/{name}", "echo"},
};

/* The tools have paths of their own in the document, too. */
static bool
routes_is_tool(const char *path)
{
	const char prefix[] = "/api/v1/tools/";

	return (strncmp(path, prefix, strlen(prefix)) == 0 &&
		strchr(path, '{') == NULL);
}

static void
routes_fill(struct path_row *row, const char *pattern)
{
	size_t fixed = strcspn(pattern, "{");

	snprintf(row->pattern, sizeof(row->pattern), "%s", pattern);
	snprintf(row->path, sizeof(row->path), "%s", pattern);
	if (pattern[fixed] == '\0')
		return;
	for (size_t i = 0; i < COUNT(values); i++)
		if (strstr(pattern, values[i].pattern) != NULL) {
			snprintf(row->path, sizeof(row->path), "%.*s%s",
			    (int)fixed, pattern, values[i].value);
			return;
		}
	fail_msg("%s: nothing is known to stand for its parameter", pattern);
}

size_t
routes_read(struct daemon *d, struct path_row rows[static ROUTES_MAX])
{
	struct reply *reply = get(d, "/openapi.json");
	size_t count = 0;

	json_object_object_foreach (reply_at(reply, "/paths"), path, item) {
		struct path_row *row = &rows[count];

		if (routes_is_tool(path))
			continue;
		assert_true(count < ROUTES_MAX);
		routes_fill(row, path);
		row->get = json_object_object_get_ex(item, "get", NULL);
		row->post = json_object_object_get_ex(item, "post", NULL);
		row->delete = json_object_object_get_ex(item, "delete", NULL);
		count++;
	}
	reply_free(reply);
	assert_true(count > 10);
	return (count);
}
