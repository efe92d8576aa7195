/*
 * Places in a JSON value, as a chain on the stack, and their JSON Pointers
 * (RFC 6901).  Called by the schema validator.  Allocates only when a pointer
 * is asked for, which is when something has failed.
 */

#include <stdio.h>
#include <stdlib.h>

#include "schema/schema_impl.h"

static size_t
schema_escaped_length(const char *name)
{
	size_t len;

	for (len = 0; *name != '\0'; name++)
		len += *name == '~' || *name == '/' ? 2 : 1;
	return (len);
}

/* Writes name so that it ends before end; gives where it starts. */
static char *
schema_escape_before(char *end, const char *name)
{
	char *start = end - schema_escaped_length(name), *p = start;

	for (; *name != '\0'; name++) {
		if (*name == '~' || *name == '/') {
			*p++ = '~';
			*p++ = *name == '~' ? '0' : '1';
		} else
			*p++ = *name;
	}
	return (start);
}

static const char *
schema_path_token(const struct schema_path *path, char digits[static 24])
{
	if (path->name != NULL)
		return (path->name);
	snprintf(digits, 24, "%zu", path->index);
	return (digits);
}

char *
schema_path_pointer(
    const struct schema_path *path, const struct schema_path *from)
{
	const struct schema_path *p;
	char digits[24], *text, *at;
	size_t len = 0;

	for (p = path; p != from; p = p->parent)
		len += 1 + schema_escaped_length(schema_path_token(p, digits));
	text = malloc(len + 1);
	if (text == NULL)
		return (NULL);
	at = text + len;
	*at = '\0';
	for (p = path; p != from; p = p->parent) {
		at = schema_escape_before(at, schema_path_token(p, digits));
		*--at = '/';
	}
	return (text);
}

struct schema_path
schema_path_member(const struct schema_path *parent, const char *name)
{
	return ((struct schema_path){.parent = parent,
	    .name = name,
	    .depth = parent != NULL ? parent->depth + 1 : 1});
}

struct schema_path
schema_path_item(const struct schema_path *parent, size_t index)
{
	return ((struct schema_path){.parent = parent,
	    .index = index,
	    .depth = parent != NULL ? parent->depth + 1 : 1});
}
