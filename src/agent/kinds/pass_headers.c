/*
 * Which headers may be passed on, and what a program sees of them.  The values
 * were checked by the front end; see frontend/passed.c.
 */

#include "agent/kinds/pass_headers.h"

#include <json-c/json.h>

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#define NAME_CHARACTERS \
	"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-"

/* They are about the connection or the body, not about the caller. */
static const char *const refused[] = {"Connection", "Expect", "Host",
    "Keep-Alive", "TE", "Trailer", "Transfer-Encoding", "Upgrade"};

/* So are all that begin so. */
static const char *const refused_begins[] = {"Content-", "Proxy-"};

static const char *
pass_name_fault(const char *name, size_t len)
{
	if (len == 0 || len > PASS_HEADERS_NAME_MAX ||
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
pass_name_known(struct json_object *names, size_t n, const char *name)
{
	for (size_t i = 0; i < n; i++)
		if (strcasecmp(
			name, json_object_get_string(
				  json_object_array_get_idx(names, i))) == 0)
			return (true);
	return (false);
}

int
pass_headers_check(struct json_object *names, char *why, size_t why_size)
{
	size_t n;

	if (!json_object_is_type(names, json_type_array) ||
	    (n = json_object_array_length(names)) > PASS_HEADERS_MAX) {
		snprintf(why, why_size,
		    "expected an array of at most %d names of headers",
		    PASS_HEADERS_MAX);
		return (-1);
	}
	for (size_t i = 0; i < n; i++) {
		struct json_object *item = json_object_array_get_idx(names, i);
		const char *name = json_object_get_string(item);
		const char *fault = "is no string";

		if (json_object_is_type(item, json_type_string))
			fault = pass_name_fault(
			    name, (size_t)json_object_get_string_len(item));
		if (fault == NULL && pass_name_known(names, i, name))
			fault = "is there twice";
		if (fault == NULL)
			continue;
		snprintf(why, why_size, "\"%.80s\" %s",
		    name == NULL ? "null" : name, fault);
		return (-1);
	}
	return (0);
}

const char *
pass_headers_find(struct json_object *names, struct json_object *headers)
{
	size_t n;

	if (names == NULL || !json_object_is_type(headers, json_type_object))
		return (NULL);
	n = json_object_array_length(names);
	json_object_object_foreach (headers, name, value) {
		(void)value;
		if (pass_name_known(names, n, name))
			return (name);
	}
	return (NULL);
}

char *
pass_headers_variable(const char *name, struct json_object *value)
{
	char *text;

	if (asprintf(&text, PASS_HEADERS_VARIABLE "%s=%s", name,
		json_object_get_string(value)) == -1)
		return (NULL);
	for (char *at = text; *at != '='; at++)
		if (*at == '-')
			*at = '_';
		else if (*at >= 'a' && *at <= 'z')
			*at = (char)(*at - 'a' + 'A');
	return (text);
}
