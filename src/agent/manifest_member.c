/*
 * The members of a manifest, one by one.  What a value may be say tables: the
 * one here, that of the policies, and the kind's.  Called by manifest.c.
 */

#include "agent/kinds/kind.h"
#include "agent/kinds/pass_headers.h"
#include "agent/manifest_impl.h"
#include "common/json.h"
#include "conf/conf_check.h"
#include "conf/conf_value.h"

#include <json-c/json.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The text of a string; NULL, noted, when value is none or has a NUL. */
static const char *
manifest_string(
    struct manifest *m, const char *member, struct json_object *value)
{
	const char *text = json_string(value);

	if (text == NULL)
		manifest_fail(m, "%s: expected a string%s", member,
		    json_object_is_type(value, json_type_string)
			? " without NUL"
			: "");
	return (text);
}

int
manifest_keep(struct manifest *m, char **at, const char *text)
{
	*at = strdup(text);
	return (*at == NULL ? manifest_fail(m, "out of memory") : 0);
}

/* The name stands twice, so that no file is taken for another's. */
static int
manifest_name(struct manifest *m, struct json_object *value)
{
	const char *name = manifest_string(m, "name", value), *wrong;
	size_t len;

	if (name == NULL)
		return (-1);
	if ((wrong = conf_check_tool(name)) != NULL)
		return (manifest_fail(m, "name: %s", wrong));
	len = strlen(name);
	if (strncmp(m->file, name, len) != 0 ||
	    strcmp(m->file + len, ".json") != 0)
		return (manifest_fail(m,
		    "name: is \"%s\", but the file is not %s.json", name,
		    name));
	return (manifest_keep(m, &m->entry->name, name));
}

static int
manifest_description(struct manifest *m, struct json_object *value)
{
	const char *text = manifest_string(m, "description", value);

	return (
	    text == NULL ? -1 : manifest_keep(m, &m->entry->description, text));
}

static int
manifest_parameters(struct manifest *m, struct json_object *value)
{
	if (!json_object_is_type(value, json_type_object))
		return (manifest_fail(
		    m, "parameters: expected an object, a JSON Schema"));
	m->entry->parameters = json_object_get(value);
	return (0);
}

static int
manifest_result(struct manifest *m, struct json_object *value)
{
	if (!json_object_is_type(value, json_type_object))
		return (manifest_fail(
		    m, "result: expected an object, a JSON Schema"));
	m->entry->result = json_object_get(value);
	return (0);
}

static int
manifest_idempotent(struct manifest *m, struct json_object *value)
{
	if (!json_object_is_type(value, json_type_boolean))
		return (manifest_fail(m, "idempotent: expected true or false"));
	m->entry->idempotent = json_object_get_boolean(value);
	return (0);
}

/* What the manifest sets itself is not for callers to set. */
static int
manifest_pass_headers(struct manifest *m, struct json_object *value)
{
	struct json_object *http = json_object_object_get(m->object, "http");
	struct json_object *own = json_object_object_get(m->object, "headers");
	const char *both;
	char why[160];

	if (pass_headers_check(value, why, sizeof(why)) == -1)
		return (manifest_fail(m, "pass_headers: %s", why));
	if (json_object_is_type(http, json_type_object))
		own = json_object_object_get(http, "headers");
	if ((both = pass_headers_find(value, own)) != NULL)
		return (manifest_fail(m,
		    "pass_headers: \"%.80s\" is among the headers, too", both));
	if (json_object_array_length(value) > 0)
		m->entry->pass_headers = json_object_get(value);
	return (0);
}

static const struct {
	const char *name;
	int (*take)(struct manifest *, struct json_object *);
} members[] = {
    {"name", manifest_name},
    {"description", manifest_description},
    {"parameters", manifest_parameters},
    {"result", manifest_result},
    {"idempotent", manifest_idempotent},
    {"pass_headers", manifest_pass_headers},
};

/* A relative directory begins where the manifest is. */
static struct json_object *
manifest_directory(struct manifest *m, struct json_object *value)
{
	const char *text = json_string(value);
	struct json_object *whole;
	char *path;

	if (text == NULL || text[0] == '\0' || text[0] == '/' ||
	    asprintf(&path, "%s/%s", m->entry->base, text) == -1)
		return (json_object_get(value));
	whole = json_object_new_string(path);
	free(path);
	return (whole);
}

static int
manifest_setting(struct manifest *m, int setting, struct json_object *value)
{
	const char *name = policy_settings[setting].name;
	char why[CONF_WHY_SIZE];
	int rc;

	if (strcmp(name, "directory") == 0)
		value = manifest_directory(m, value);
	else
		json_object_get(value);
	rc = policy_choose_json(&m->choice, setting, value, why);
	json_object_put(value);
	return (rc == -1 ? manifest_fail(m, "%s: %s", name, why) : 0);
}

static bool
manifest_is_kinds(const struct kind *kind, const char *name)
{
	if (strcmp(kind->name, name) == 0)
		return (true);
	for (size_t i = 0; kind->members != NULL && kind->members[i] != NULL;
	     i++)
		if (strcmp(kind->members[i], name) == 0)
			return (true);
	return (false);
}

int
manifest_member(struct manifest *m, const char *name, struct json_object *value)
{
	int setting = policy_find(name);

	for (size_t i = 0; i < sizeof(members) / sizeof(members[0]); i++)
		if (strcmp(members[i].name, name) == 0)
			return (members[i].take(m, value));
	if (setting != -1)
		return (manifest_setting(m, setting, value));
	if (manifest_is_kinds(m->entry->kind, name))
		return (0);
	return (manifest_fail(m, "unknown member \"%.100s\" for the kind %s",
	    name, m->entry->kind->name));
}
