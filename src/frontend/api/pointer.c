/*
 * Finds a part of a JSON text, without building it.  No leading zeros, no
 * sign, nothing after the digits of an index.  Keeps nothing.
 */

#include "frontend/api/pointer.h"
#include "common/json.h"

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

/* Looks for one member, or one element. */
struct pointer_walk {
	const char *token;
	size_t len;
	size_t index, at; /* of an element, and of the next that comes */
	bool found;
	struct slice value;
};

/* The token is decoded, the name may not be. */
static bool
pointer_names(const struct pointer_walk *walk, const char *name, size_t len)
{
	char reason[JSON_REASON_SIZE];
	struct json_object *decoded;
	bool same;

	if (memchr(name, '\\', len) == NULL)
		return (
		    len == walk->len && memcmp(name, walk->token, len) == 0);
	/* Its quotes stand around it. */
	if (!json_parse(name - 1, len + 2, &decoded, reason))
		return (false);
	same = (size_t)json_object_get_string_len(decoded) == walk->len &&
	       memcmp(json_object_get_string(decoded), walk->token,
		   walk->len) == 0;
	json_object_put(decoded);
	return (same);
}

/* Of several of the same name the last counts. */
static bool
pointer_member(
    void *arg, const char *name, size_t name_len, const char *text, size_t len)
{
	struct pointer_walk *walk = arg;

	if (pointer_names(walk, name, name_len)) {
		walk->found = true;
		walk->value = (struct slice){text, len};
	}
	return (true);
}

static bool
pointer_element(
    void *arg, const char *name, size_t name_len, const char *text, size_t len)
{
	struct pointer_walk *walk = arg;

	if (walk->at++ < walk->index)
		return (true);
	walk->found = true;
	walk->value = (struct slice){text, len};
	return (false);
}

static bool
pointer_is_index(const char *token, size_t len)
{
	return (len > 0 && len <= 18 &&
		token[strspn(token, "0123456789")] == '\0' &&
		(len == 1 || token[0] != '0'));
}

static bool
pointer_step(const struct slice *value, const char *token, struct slice *found)
{
	struct pointer_walk walk = {.token = token, .len = strlen(token)};

	if (value->text[0] == '{') {
		(void)!json_walk(
		    value->text, value->len, pointer_member, &walk);
	} else if (value->text[0] == '[' && pointer_is_index(token, walk.len)) {
		walk.index = strtoul(token, NULL, 10);
		(void)!json_walk_array(
		    value->text, value->len, pointer_element, &walk);
	}
	*found = walk.value;
	return (walk.found);
}

bool
pointer_find_text(
    const struct slice *value, const char *pointer, struct slice *found)
{
	struct slice at = *value;
	char token[TOKEN_SIZE];

	while (at.len > 0 && strchr(" \t\r\n", at.text[0]) != NULL) {
		at.text++;
		at.len--;
	}
	for (*found = at; *pointer != '\0'; at = *found) {
		pointer = pointer_next(pointer, token, sizeof(token));
		if (pointer == NULL || !pointer_step(&at, token, found))
			return (false);
	}
	return (true);
}
