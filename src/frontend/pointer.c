/*
 * Finds a part of a JSON value.  Strict, where json-c's own is lenient: no
 * leading zeros, no sign, nothing after the digits of an index.  Keeps
 * nothing.
 */

#include "frontend/pointer.h"

#include <json-c/json.h>

#include <stdlib.h>
#include <string.h>

/* Member names that are longer are not found. */
#define TOKEN_SIZE 1024

bool
pointer_valid(const char *text)
{
	if (*text != '\0' && *text != '/')
		return (false);
	for (; *text != '\0'; text++)
		if (*text == '~' && text[1] != '0' && text[1] != '1')
			return (false);
	return (true);
}

const char *
pointer_next(const char *pointer, char *token, size_t size)
{
	size_t n = 0;

	if (*pointer != '/')
		return (NULL);
	for (pointer++; *pointer != '\0' && *pointer != '/'; pointer++) {
		if (n + 1 >= size)
			return (NULL);
		token[n] = *pointer;
		if (*pointer == '~')
			token[n] = *++pointer == '0' ? '~' : '/';
		n++;
	}
	token[n] = '\0';
	return (pointer);
}

static bool
pointer_element(
    struct json_object *array, const char *token, struct json_object **found)
{
	size_t len = strlen(token), index;

	if (len == 0 || token[strspn(token, "0123456789")] != '\0' ||
	    (len > 1 && token[0] == '0') || len > 18)
		return (false);
	index = strtoul(token, NULL, 10);
	if (index >= json_object_array_length(array))
		return (false);
	*found = json_object_array_get_idx(array, index);
	return (true);
}

bool
pointer_find(
    struct json_object *value, const char *pointer, struct json_object **found)
{
	char token[TOKEN_SIZE];

	for (*found = value; *pointer != '\0'; value = *found) {
		pointer = pointer_next(pointer, token, sizeof(token));
		if (pointer == NULL)
			return (false);
		if (json_object_is_type(value, json_type_array)) {
			if (!pointer_element(value, token, found))
				return (false);
		} else if (!json_object_is_type(value, json_type_object) ||
			   !json_object_object_get_ex(value, token, found)) {
			return (false);
		}
	}
	return (true);
}
