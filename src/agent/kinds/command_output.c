/*
 * From what a command printed to the result of its call.  Knows nothing of
 * processes.
 */

#include "agent/kinds/command.h"
#include "agent/kinds/media.h"
#include "agent/tool.h"
#include "common/json.h"
#include "common/utf8.h"

#include <json-c/json.h>

#include <string.h>

static void
command_output_json(struct tool_call *call, char *text, size_t len)
{
	struct json_object *value = NULL;
	char reason[JSON_REASON_SIZE];

	if (json_blank(text, len) || json_parse(text, len, &value, reason))
		tool_result(call, value);
	else
		tool_fail(call, "printed no JSON: %s", reason);
}

/* Bytes that are no UTF-8 text become "?". */
static void
command_output_clean(char *text, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (text[i] == '\0')
			text[i] = '?';
	text[len] = '\0';
	utf8_clean(text);
}

static void
command_output_put(struct tool_call *call, struct json_object *value)
{
	if (value == NULL)
		tool_no_memory(call);
	else
		tool_result(call, value);
}

/* The newline that ends the last line is no part of it. */
static size_t
command_output_end(char *text, size_t len)
{
	if (len > 0 && text[len - 1] == '\n')
		len--;
	text[len] = '\0';
	return (len);
}

static void
command_output_text(struct tool_call *call, char *text, size_t len)
{
	command_output_clean(text, len);
	len = command_output_end(text, len);
	command_output_put(call, json_object_new_string_len(text, (int)len));
}

static bool
command_output_add_line(struct json_object *lines, const char *text, size_t len)
{
	struct json_object *line = json_object_new_string_len(text, (int)len);

	if (line != NULL && json_object_array_add(lines, line) == 0)
		return (true);
	json_object_put(line);
	return (false);
}

static void
command_output_lines(struct tool_call *call, char *text, size_t len)
{
	struct json_object *lines = json_object_new_array();
	bool room = lines != NULL;
	char *end;

	command_output_clean(text, len);
	end = text + command_output_end(text, len);
	/* Nothing printed is no line, and not an empty one. */
	while (room && len > 0 && text <= end) {
		size_t n = strcspn(text, "\n");

		room = command_output_add_line(lines, text, n);
		text += n + 1;
	}
	if (room) {
		tool_result(call, lines);
		return;
	}
	json_object_put(lines);
	tool_no_memory(call);
}

void
command_result(struct tool_call *call, const struct command *command,
    char *text, size_t len)
{
	static void (*const make[])(struct tool_call *, char *, size_t) = {
	    [OUTPUT_JSON] = command_output_json,
	    [OUTPUT_TEXT] = command_output_text,
	    [OUTPUT_LINES] = command_output_lines,
	};

	if (command->output == OUTPUT_BASE64)
		media_result(call, command->media_type, text, len);
	else
		make[command->output](call, text, utf8_unmark(text, len));
}
