/*
 * Reads the members of "http", each by itself; http_spec.c looks at them
 * together.  A table of names and readers.
 */

#include "agent/kinds/http_spec_impl.h"
#include "common/json.h"

#include <json-c/json.h>

#include <stdio.h>
#include <string.h>

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

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

int
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

int
http_spec_read(struct http_reading *r, struct json_object *object)
{
	r->spec->method = &methods[0];
	if (http_check_names(r, object) == -1)
		return (-1);
	return (http_read_members(r, object));
}
