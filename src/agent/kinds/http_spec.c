/*
 * Reads the member "http" of a manifest: each of its members by itself, from a
 * table of names and readers, then all of them together.  Called when manifests
 * are read; so it connects to nothing, and is strict: what it lets through can
 * at most fail for what a service does.
 */

#include "agent/kinds/http_spec.h"
#include "agent/kinds/http_client.h"
#include "common/json.h"
#include "common/pack.h"

#include <json-c/json.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

#define REDIRECTS_MAX 10

static const struct http_method methods[] = {
    {"GET", HTTP_BODY_NONE, false},
    {"POST", HTTP_BODY_JSON, true},
    {"PUT", HTTP_BODY_JSON, true},
    {"PATCH", HTTP_BODY_JSON, true},
    {"DELETE", HTTP_BODY_NONE, true},
};

static const char *const bodies[] = {
    [HTTP_BODY_NONE] = "none",
    [HTTP_BODY_JSON] = "json",
    [HTTP_BODY_REST] = "rest",
};

static const char *const outputs[] = {
    [HTTP_OUTPUT_JSON] = "json",
    [HTTP_OUTPUT_TEXT] = "text",
    [HTTP_OUTPUT_BASE64] = "base64",
};

/* A manifest while it is read. */
struct http_reading {
	struct http_spec *spec;
	struct json_object *parameters; /* the schema */
	char *why;
	size_t why_size;
};

/* The manifest is refused for this member: -1. */
static int
http_spec_refuse(struct http_reading *r, const char *name, const char *reason)
{
	snprintf(r->why, r->why_size, "http: %s: %s", name, reason);
	return (-1);
}

/* The index of value among words, or -1. */
static int
http_read_word(struct http_reading *r, const char *name,
    struct json_object *value, const char *const *words, size_t n)
{
	const char *text = json_string(value);

	for (size_t i = 0; text != NULL && i < n; i++)
		if (strcmp(text, words[i]) == 0)
			return ((int)i);
	return (http_spec_refuse(r, name, "is none of its words"));
}

static int
http_read_method(
    struct http_reading *r, const char *name, struct json_object *value)
{
	const char *text = json_string(value);

	for (size_t i = 0; text != NULL && i < COUNT(methods); i++)
		if (strcmp(text, methods[i].name) == 0) {
			r->spec->method = &methods[i];
			return (0);
		}
	return (http_spec_refuse(
	    r, name, "must be GET, POST, PUT, PATCH or DELETE"));
}

static int
http_read_url(
    struct http_reading *r, const char *name, struct json_object *value)
{
	const char *text = json_string(value);
	char reason[256];

	if (text == NULL)
		return (
		    http_spec_refuse(r, name, "must be a string without NUL"));
	if (http_url_parse(&r->spec->url, text, &r->spec->secrets, reason,
		sizeof(reason)) == 0)
		return (0);
	snprintf(r->why, r->why_size, "http: %s", reason);
	return (-1);
}

static int
http_read_query(
    struct http_reading *r, const char *name, struct json_object *value)
{
	char reason[256];

	if (!json_object_is_type(value, json_type_object))
		return (http_spec_refuse(r, name, "must be an object"));
	json_object_object_foreach (value, key, text) {
		if (text == NULL ||
		    json_object_is_type(text, json_type_array) ||
		    json_object_is_type(text, json_type_object))
			return (http_spec_refuse(r, name, "must have strings"));
		if (json_object_is_type(text, json_type_string) &&
		    json_string(text) == NULL)
			return (http_spec_refuse(
			    r, name, "must have strings without NUL"));
		if (http_url_add(&r->spec->url, key,
			json_object_get_string(text), &r->spec->secrets, reason,
			sizeof(reason)) == -1)
			return (http_spec_refuse(r, name, reason));
	}
	return (0);
}

static int
http_read_headers(
    struct http_reading *r, const char *name, struct json_object *value)
{
	char reason[256];

	if (!json_object_is_type(value, json_type_object))
		return (http_spec_refuse(r, name, "must be an object"));
	if (http_headers_parse(&r->spec->headers, value, &r->spec->secrets,
		reason, sizeof(reason)) == 0)
		return (0);
	snprintf(r->why, r->why_size, "http: %s", reason);
	return (-1);
}

static int
http_read_body(
    struct http_reading *r, const char *name, struct json_object *value)
{
	r->spec->body = http_read_word(r, name, value, bodies, COUNT(bodies));
	return (r->spec->body == -1 ? -1 : 0);
}

static int
http_read_output(
    struct http_reading *r, const char *name, struct json_object *value)
{
	r->spec->output =
	    http_read_word(r, name, value, outputs, COUNT(outputs));
	return (r->spec->output == -1 ? -1 : 0);
}

static int
http_read_redirects(
    struct http_reading *r, const char *name, struct json_object *value)
{
	int64_t n = json_is_int64(value) ? json_object_get_int64(value) : -1;

	if (n < 0 || n > REDIRECTS_MAX)
		return (
		    http_spec_refuse(r, name, "must be a number from 0 to 10"));
	r->spec->redirects = (int)n;
	return (0);
}

static int
http_read_allow_local(
    struct http_reading *r, const char *name, struct json_object *value)
{
	if (!json_object_is_type(value, json_type_boolean))
		return (http_spec_refuse(r, name, "must be true or false"));
	r->spec->allow_local = json_object_get_boolean(value);
	return (0);
}

/* Read in this order: the query follows the URL, which begins anew. */
static const struct member {
	const char *name;
	int (*read)(
	    struct http_reading *, const char *name, struct json_object *);
	bool required;
} members[] = {
    {"url", http_read_url, true},
    {"method", http_read_method, false},
    {"query", http_read_query, false},
    {"headers", http_read_headers, false},
    {"body", http_read_body, false},
    {"output", http_read_output, false},
    {"redirects", http_read_redirects, false},
    {"allow_local", http_read_allow_local, false},
};

static int
http_read_members(struct http_reading *r, struct json_object *object)
{
	for (size_t i = 0; i < COUNT(members); i++) {
		struct json_object *value;

		if (json_object_object_get_ex(
			object, members[i].name, &value)) {
			if (members[i].read(r, members[i].name, value) == -1)
				return (-1);
		} else if (members[i].required) {
			return (
			    http_spec_refuse(r, members[i].name, "is missing"));
		}
	}
	return (0);
}

static int
http_check_names(struct http_reading *r, struct json_object *object)
{
	json_object_object_foreach (object, name, value) {
		size_t i = 0;

		(void)value;
		while (i < COUNT(members) && strcmp(members[i].name, name) != 0)
			i++;
		if (i == COUNT(members))
			return (http_spec_refuse(
			    r, name, "there is no such member"));
	}
	return (0);
}

static bool
http_array_has(struct json_object *array, const char *text)
{
	size_t n = json_object_is_type(array, json_type_array)
		       ? json_object_array_length(array)
		       : 0;

	for (size_t i = 0; i < n; i++) {
		const char *item =
		    json_string(json_object_array_get_idx(array, i));

		if (item != NULL && strcmp(item, text) == 0)
			return (true);
	}
	return (false);
}

/* A place that no parameter can fill is a slip of the pen. */
static bool
http_check_param(void *arg, const char *name, bool needed)
{
	struct http_reading *r = arg;
	struct json_object *properties = NULL, *required = NULL;

	json_object_object_get_ex(r->parameters, "properties", &properties);
	json_object_object_get_ex(r->parameters, "required", &required);
	if (!json_object_object_get_ex(properties, name, NULL))
		snprintf(r->why, r->why_size,
		    "http: url: {%s} is none of the properties of parameters",
		    name);
	else if (needed && !http_array_has(required, name))
		snprintf(r->why, r->why_size,
		    "http: url: its path needs {%s}, which parameters do not "
		    "require",
		    name);
	else
		return (true);
	return (false);
}

static int
http_add_presets(struct http_reading *r)
{
	struct http_spec *spec = r->spec;
	const char *accept =
	    spec->output == HTTP_OUTPUT_JSON ? "application/json" : "*/*";
	/* With nothing to say of it, libcurl does not add one of its own. */
	const char *type =
	    spec->body == HTTP_BODY_NONE ? "" : "application/json";

	if (http_headers_preset(&spec->headers, "Accept", accept) == -1 ||
	    http_headers_preset(&spec->headers, "User-Agent",
		"agentd/" PACKAGE_VERSION) == -1 ||
	    http_headers_preset(&spec->headers, "Content-Type", type) == -1)
		return (http_spec_refuse(r, "headers", "out of memory"));
	return (0);
}

static int
http_read_all(struct http_reading *r, struct json_object *object)
{
	struct http_spec *spec = r->spec;

	if (!json_object_is_type(object, json_type_object)) {
		snprintf(r->why, r->why_size, "http: must be an object");
		return (-1);
	}
	spec->body = -1;
	spec->method = &methods[0];
	if (http_check_names(r, object) == -1 ||
	    http_read_members(r, object) == -1)
		return (-1);
	if (spec->body == -1)
		spec->body = spec->method->preset;
	if (spec->body != HTTP_BODY_NONE && !spec->method->bodies)
		return (http_spec_refuse(r, "body", "a GET has none"));
	if (!http_url_params(&spec->url, http_check_param, r))
		return (-1);
	return (http_add_presets(r));
}

void *
http_spec_parse(
    struct json_object *manifest, const char *base, char *why, size_t why_size)
{
	struct json_object *object = NULL;
	struct http_reading r = {.why = why, .why_size = why_size};

	json_object_object_get_ex(manifest, "http", &object);
	json_object_object_get_ex(manifest, "parameters", &r.parameters);
	if ((r.spec = calloc(1, sizeof(*r.spec))) == NULL) {
		snprintf(why, why_size, "out of memory");
		return (NULL);
	}
	if (http_read_all(&r, object) == 0)
		return (r.spec);
	http_spec_free(r.spec);
	return (NULL);
}

void
http_spec_variables(const void *arg, struct pack *pack)
{
	const struct http_spec *spec = arg;

	for (size_t i = 0; i < spec->secrets.count; i++)
		pack_text(pack, spec->secrets.items[i].name);
}

void
http_spec_free(void *arg)
{
	struct http_spec *spec = arg;

	if (spec == NULL)
		return;
	http_client_free(spec->client);
	http_url_fini(&spec->url);
	http_headers_fini(&spec->headers);
	http_secrets_fini(&spec->secrets);
	free(spec);
}
