/*
 * Parses the headers of a manifest.  A value cannot end its line and begin
 * another; what frames a request is libcurl's to say.  Called at load.
 */

#include "agent/kinds/http_header.h"
#include "agent/kinds/http_secret.h"
#include "agent/kinds/http_template.h"

#include <json-c/json.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* RFC 9110, section 5.6.2. */
#define TOKEN                                                              \
	"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_" \
	"!#$%&'*+.^`|~"

/* Not for a manifest to say. */
static const char *const reserved[] = {
    "Connection",
    "Content-Length",
    "Expect",
    "Host",
    "Keep-Alive",
    "Proxy-Authorization",
    "Proxy-Connection",
    "TE",
    "Trailer",
    "Transfer-Encoding",
    "Upgrade",
};

static const char *
http_name_fault(const char *name, size_t len)
{
	if (len == 0 || strspn(name, TOKEN) != len)
		return ("is no name of a header");
	for (size_t i = 0; i < sizeof(reserved) / sizeof(reserved[0]); i++)
		if (strcasecmp(name, reserved[i]) == 0)
			return ("cannot be set");
	return (NULL);
}

/* Visible characters, blanks and what is not ASCII; as libcurl, no other. */
static bool
http_value_fits(const char *text, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (((unsigned char)text[i] < ' ' && text[i] != '\t') ||
		    text[i] == 127)
			return (false);
	return (true);
}

/* "Name: value", of which a template has the value. */
static char *
http_header_line(const char *name, const struct http_template *value)
{
	size_t size = strlen(name) + sizeof(": ");
	char *line;

	for (size_t i = 0; i < value->count; i++)
		size += strlen(value->pieces[i].text);
	if ((line = malloc(size)) == NULL)
		return (NULL);
	strlcpy(line, name, size);
	strlcat(line, ": ", size);
	for (size_t i = 0; i < value->count; i++)
		strlcat(line, value->pieces[i].text, size);
	return (line);
}

/* Takes over line; NULL is want of memory. */
static int
http_header_add(struct http_headers *headers, char *line, bool secret)
{
	struct http_header *larger = NULL;

	if (line != NULL)
		larger = realloc(
		    headers->items, (headers->count + 1) * sizeof(*larger));
	if (larger == NULL) {
		http_secret_free(line);
		return (-1);
	}
	headers->items = larger;
	headers->items[headers->count++] = (struct http_header){line, secret};
	return (0);
}

static int
http_header_parse(struct http_headers *headers, const char *name,
    const char *text, size_t len, struct http_secrets *secrets, char *why,
    size_t why_size)
{
	const struct http_syntax syntax = {
	    .where = "headers", .secrets = secrets};
	size_t known = secrets->count;
	struct http_template value;
	char reason[128] = "out of memory";
	int rc = http_template_parse(
	    &value, &syntax, text, len, reason, sizeof(reason));

	if (rc == 0)
		rc = http_header_add(headers, http_header_line(name, &value),
		    secrets->count > known);
	if (rc == -1)
		snprintf(why, why_size, "headers: %s: %s", name, reason);
	http_template_fini(&value);
	return (rc);
}

int
http_headers_parse(struct http_headers *headers, struct json_object *object,
    struct http_secrets *secrets, char *why, size_t why_size)
{
	*headers = (struct http_headers){0};
	json_object_object_foreach (object, name, value) {
		const char *text = json_object_get_string(value), *fault;
		size_t len = (size_t)json_object_get_string_len(value);

		fault = http_name_fault(name, strlen(name));
		if (fault == NULL &&
		    !json_object_is_type(value, json_type_string))
			fault = "must be a string";
		if (fault == NULL && !http_value_fits(text, len))
			fault = "has control characters";
		if (fault != NULL) {
			snprintf(why, why_size, "headers: %s: %s", name, fault);
			return (-1);
		}
		if (http_header_parse(
			headers, name, text, len, secrets, why, why_size) == -1)
			return (-1);
	}
	return (0);
}

int
http_headers_preset(
    struct http_headers *headers, const char *name, const char *value)
{
	size_t len = strlen(name);
	char *line;

	for (size_t i = 0; i < headers->count; i++)
		if (strncasecmp(headers->items[i].line, name, len) == 0 &&
		    headers->items[i].line[len] == ':')
			return (0);
	if (asprintf(&line, "%s: %s", name, value) == -1)
		line = NULL;
	return (http_header_add(headers, line, false));
}

void
http_headers_fini(struct http_headers *headers)
{
	for (size_t i = 0; i < headers->count; i++)
		http_secret_free(headers->items[i].line);
	free(headers->items);
	*headers = (struct http_headers){0};
}
