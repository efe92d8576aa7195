/*
 * Tells the three forms that the calls of a batch may have.  Called by
 * cmd_batch.c; owns nothing, and leaves it to the daemon what a call is.
 */

#include "agentctl/batch_input.h"

#include <json-c/json.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "agentctl/message.h"
#include "common/json.h"
#include "common/utf8.h"

#define BLANKS " \t\r\n"

/* The list becomes the only member of an object. */
static struct json_object *
batch_wrap(struct json_object *list)
{
	struct json_object *body = message_need(json_object_new_object());

	if (json_object_object_add(body, "requests", list) == -1)
		message_no_memory();
	return (body);
}

static struct json_object *
batch_one(struct json_object *call)
{
	struct json_object *list = message_need(json_object_new_array());

	if (json_object_array_add(list, call) == -1)
		message_no_memory();
	return (batch_wrap(list));
}

static bool
batch_is_blank(const char *line, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (memchr(BLANKS, line[i], strlen(BLANKS)) == NULL)
			return (false);
	return (true);
}

/* Adds the call of a line, if there is one on it. */
static bool
batch_add_line(struct json_object *list, const char *line, size_t len,
    char reason[static JSON_REASON_SIZE])
{
	struct json_object *call;

	if (batch_is_blank(line, len))
		return (true);
	if (!json_parse(line, len, &call, reason))
		return (false);
	if (json_object_array_add(list, call) == -1)
		message_no_memory();
	return (true);
}

static struct json_object *
batch_lines(const char *text, size_t len, const char *name, char *why)
{
	struct json_object *list = message_need(json_object_new_array());
	const char *line = text, *end = text + len;
	char reason[JSON_REASON_SIZE];

	for (size_t number = 1; line < end; number++) {
		const char *stop = memchr(line, '\n', (size_t)(end - line));

		if (stop == NULL)
			stop = end;
		if (!batch_add_line(
			list, line, (size_t)(stop - line), reason)) {
			snprintf(why, PARAMS_WHY_SIZE,
			    "%s:%zu: is not JSON: %s", name, number, reason);
			json_object_put(list);
			return (NULL);
		}
		line = stop + 1;
	}
	return (batch_wrap(list));
}

struct json_object *
batch_input(const char *text, size_t len, const char *name,
    char why[static PARAMS_WHY_SIZE])
{
	struct json_object *whole;
	char reason[JSON_REASON_SIZE];
	size_t mark = utf8_mark(text, len);

	text += mark;
	len -= mark;
	if (!json_parse(text, len, &whole, reason))
		return (batch_lines(text, len, name, why));
	if (json_object_is_type(whole, json_type_array))
		return (batch_wrap(whole));
	if (json_object_object_get_ex(whole, "requests", NULL))
		return (whole);
	return (batch_one(whole));
}
