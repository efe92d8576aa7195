/*
 * Takes over the members of a manifest, one by one.  Tables say what a value
 * may be: the one here, that of the policies, and the kind's.
 */

#include "agent/kinds/kind.h"
#include "agent/manifest_impl.h"
#include "common/json.h"
#include "conf/conf_check.h"
#include "conf/conf_value.h"

#include <json-c/json.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The most headers that are passed on, and the longest name of one. */
#define HEADERS_MAX 16
#define HEADER_NAME_MAX 64

#define NAME_CHARACTERS \
	"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-"

/* They are about the connection or the body, not about the caller. */
static const char *const refused[] = {"Connection", "Expect", "Host",
    "Keep-Alive", "TE", "Trailer", "Transfer-Encoding", "Upgrade"};

/* So are all that begin so. */
static const char *const refused_begins[] = {"Content-", "Proxy-"};

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

static const char *
manifest_header_fault(const char *name, size_t len)
{
	if (len == 0 || len > HEADER_NAME_MAX ||
	    strspn(name, NAME_CHARACTERS) != len)
		return ("is no name of a header of letters, digits and -");
	for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++)
		if (strcasecmp(name, refused[i]) == 0)
			return ("cannot be passed on");
	for (size_t i = 0;
	     i < sizeof(refused_begins) / sizeof(refused_begins[0]); i++)
		if (strncasecmp(name, refused_begins[i],
			strlen(refused_begins[i])) == 0)
			return ("cannot be passed on");
	return (NULL);
}

/* Whether one of the first n is the same in other letters. */
static bool
manifest_header_known(struct json_object *names, size_t n, const char *name)
{
	for (size_t i = 0; i < n; i++)
		if (strcasecmp(
			name, json_object_get_string(
				  json_object_array_get_idx(names, i))) == 0)
			return (true);
	return (false);
}

static int
manifest_headers_check(struct json_object *names, char *why, size_t why_size)
{
	size_t n;

	if (!json_object_is_type(names, json_type_array) ||
	    (n = json_object_array_length(names)) > HEADERS_MAX) {
		snprintf(why, why_size,
		    "expected an array of at most %d names of headers",
		    HEADERS_MAX);
		return (-1);
	}
	for (size_t i = 0; i < n; i++) {
		struct json_object *item = json_object_array_get_idx(names, i);
		const char *name = json_object_get_string(item);
		const char *fault = "is no string";

		if (json_object_is_type(item, json_type_string))
			fault = manifest_header_fault(
			    name, (size_t)json_object_get_string_len(item));
		if (fault == NULL && manifest_header_known(names, i, name))
			fault = "is there twice";
		if (fault == NULL)
			continue;
		snprintf(why, why_size, "\"%.80s\" %s",
		    name == NULL ? "null" : name, fault);
		return (-1);
	}
	return (0);
}

/* The first of names that headers, an object, has in any case; or NULL. */
static const char *
manifest_headers_find(struct json_object *names, struct json_object *headers)
{
	size_t n;

	if (names == NULL || !json_object_is_type(headers, json_type_object))
		return (NULL);
	n = json_object_array_length(names);
	json_object_object_foreach (headers, name, value) {
		(void)value;
		if (manifest_header_known(names, n, name))
			return (name);
	}
	return (NULL);
}

/* What the manifest sets itself is not for callers to set. */
static int
manifest_pass_headers(struct manifest *m, struct json_object *value)
{
	struct json_object *http = json_object_object_get(m->object, "http");
	struct json_object *own = json_object_object_get(m->object, "headers");
	const char *both;
	char why[160];

	if (manifest_headers_check(value, why, sizeof(why)) == -1)
		return (manifest_fail(m, "pass_headers: %s", why));
	if (json_object_is_type(http, json_type_object))
		own = json_object_object_get(http, "headers");
	if ((both = manifest_headers_find(value, own)) != NULL)
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
