/*
 * Finds the line of a manifest that a message is about.  The message names it:
 * a member in front of a colon or between quotes, and then, of a schema, a
 * JSON Pointer.
 */

#include "agent/manifest_impl.h"
#include "common/json.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* One step from a value to what is in it. */
struct line_step {
	const char *name; /* or the index */
	size_t name_len;
	size_t index;	/* of the element at hand */
	const char *at; /* where it was found: its name, or itself */
	const char *value;
	size_t value_len;
};

static bool
manifest_line_is_index(const struct line_step *step)
{
	char *end;

	return (strtoul(step->name, &end, 10) == step->index &&
		end == step->name + step->name_len);
}

static bool
manifest_line_visit(
    void *arg, const char *name, size_t name_len, const char *text, size_t len)
{
	struct line_step *step = arg;

	if (name != NULL ? name_len != step->name_len ||
			       memcmp(name, step->name, name_len) != 0
			 : !manifest_line_is_index(step)) {
		step->index++;
		return (true);
	}
	step->at = name != NULL ? name : text;
	step->value = text;
	step->value_len = len;
	return (false);
}

/* False: there is no such thing in the value. */
static bool
manifest_line_enter(struct line_step *step, const char *name, size_t name_len)
{
	const char *text = step->value;

	step->name = name;
	step->name_len = name_len;
	step->index = 0;
	return ((text[0] == '[' ? json_walk_array(text, step->value_len,
				      manifest_line_visit, step)
				: json_walk(text, step->value_len,
				      manifest_line_visit, step)) == 0);
}

/* Goes on as far as the pointer leads; escapes in it are not understood. */
static void
manifest_line_follow(struct line_step *step, const char *pointer)
{
	size_t len;

	while (*pointer == '/') {
		len = strcspn(++pointer, "/: ");
		if (!manifest_line_enter(step, pointer, len))
			break;
		pointer += len;
	}
}

static size_t
manifest_line_count(const char *from, const char *to)
{
	size_t lines = 1;

	for (; from < to; from++)
		lines += *from == '\n';
	return (lines);
}

/* The member that the message names; its length, or 0. */
static size_t
manifest_line_member(const char *why, const char **member)
{
	size_t len = strcspn(why, ": ");

	*member = why;
	if (why[len] == ':')
		return (len);
	if ((*member = strchr(why, '"')) == NULL)
		return (0);
	(*member)++;
	return (strcspn(*member, "\""));
}

size_t
manifest_line(const char *text, size_t size, const char *why)
{
	const char *byte = strstr(why, " at byte "), *member;
	struct line_step step = {.value = text, .value_len = size};
	size_t len, offset;

	if (memchr(text, '\n', size) == NULL)
		return (0);
	if (byte != NULL && sscanf(byte, " at byte %zu", &offset) == 1)
		return (manifest_line_count(
		    text, text + (offset < size ? offset : size)));
	while (step.value_len > 0 && strchr(" \t\r\n", *step.value) != NULL) {
		step.value++;
		step.value_len--;
	}
	len = manifest_line_member(why, &member);
	if (len == 0 || !manifest_line_enter(&step, member, len))
		return (0);
	if (strncmp(member + len, ": /", 3) == 0)
		manifest_line_follow(&step, member + len + 2);
	return (manifest_line_count(text, step.at));
}
