/*
 * The kind of tools that are programs, run anew for each call: parameters on
 * standard input and in argv, the result on standard output.
 */

#include "agent/kinds/command.h"
#include "agent/child/child.h"
#include "agent/kinds/kind.h"
#include "agent/kinds/media.h"
#include "agent/kinds/program.h"
#include "agent/registry_entry.h"
#include "agent/tool.h"
#include "common/clock.h"
#include "common/json.h"
#include "common/utf8.h"

#include <json-c/json.h>

#include <sys/wait.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Of standard output, shown of a call that did not end in time. */
#define PARTIAL_BYTES 16384

/*
 * So much earlier it is stopped then: what it printed must be with the front
 * end before that answers by itself.
 */
#define PARTIAL_MS 20

static const char *const members[] = {
    "args", "input", "output", "media_type", "ok_exit", NULL};
static const char *const inputs[] = {"json", "none", NULL};
static const char *const outputs[] = {"json", "text", "lines", "base64", NULL};

static void
command_free(void *spec)
{
	struct command *command = spec;

	if (command == NULL)
		return;
	command_words_free(command);
	free(command->media_type);
	free(command);
}

static int
command_refuse(char *why, size_t why_size, const char *reason)
{
	snprintf(why, why_size, "%s", reason);
	return (-1);
}

/* "media_type", if there is one. */
static int
command_media(struct command *command, struct json_object *manifest, char *why,
    size_t why_size)
{
	struct json_object *value;
	const char *text;

	if (!json_object_object_get_ex(manifest, "media_type", &value))
		return (0);
	if (command->output != OUTPUT_BASE64)
		return (command_refuse(why, why_size,
		    "media_type: belongs to the output \"base64\""));
	if ((text = json_string(value)) == NULL || !media_type_valid(text))
		return (command_refuse(why, why_size,
		    "media_type: must be a media type such as \"image/png\""));
	command->media_type = strdup(text);
	return (command->media_type == NULL
		    ? command_refuse(why, why_size, "out of memory")
		    : 0);
}

/* "ok_exit": the statuses that are success; 0 alone when it is absent. */
static int
command_statuses(struct command *command, struct json_object *manifest,
    char *why, size_t why_size)
{
	static const char wrong[] =
	    "ok_exit: must be an array of statuses from 0 to 255";
	struct json_object *list, *item;
	size_t count = 0;

	command->ok_exit[0] =
	    !json_object_object_get_ex(manifest, "ok_exit", &list);
	if (command->ok_exit[0])
		return (0);
	if (json_object_is_type(list, json_type_array))
		count = json_object_array_length(list);
	if (count == 0)
		return (command_refuse(why, why_size, wrong));
	for (size_t i = 0; i < count; i++) {
		item = json_object_array_get_idx(list, i);
		if (!json_is_int64(item) || json_object_get_int64(item) < 0 ||
		    json_object_get_int64(item) >= COMMAND_STATUSES)
			return (command_refuse(why, why_size, wrong));
		command->ok_exit[json_object_get_int64(item)] = true;
	}
	return (0);
}

static bool
command_read(struct command *command, struct json_object *manifest,
    const char *base, char *why, size_t why_size)
{
	int input = program_choice(manifest, "input", inputs, why, why_size);
	int output;

	if (input == -1 || (output = program_choice(manifest, "output", outputs,
				why, why_size)) == -1)
		return (false);
	command->input = (enum command_input)input;
	command->output = (enum command_output)output;
	if (command_media(command, manifest, why, why_size) == -1 ||
	    command_statuses(command, manifest, why, why_size) == -1)
		return (false);
	return (
	    command_words_read(command, manifest, base, why, why_size) == 0);
}

static void *
command_parse(
    struct json_object *manifest, const char *base, char *why, size_t why_size)
{
	struct command *command = calloc(1, sizeof(*command));

	if (command == NULL)
		snprintf(why, why_size, "out of memory");
	else if (command_read(command, manifest, base, why, why_size))
		return (command);
	command_free(command);
	return (NULL);
}

/* The parameters as one line of JSON. */
static char *
command_input(const struct tool_call *call, size_t *len)
{
	const char *text = json_text(call->params, len);
	char *line = text == NULL ? NULL : malloc(*len + 1);

	if (line == NULL)
		return (NULL);
	memcpy(line, text, *len);
	line[(*len)++] = '\n';
	return (line);
}

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
	struct json_object *value;

	command_output_clean(text, len);
	len = command_output_end(text, len);
	value = json_object_new_string_len(text, (int)len);
	if (value == NULL)
		tool_no_memory(call);
	else
		tool_result(call, value);
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

/*
 * Makes the result of what the program printed, or fails the call; text has
 * room for one byte more than len and is changed.
 */
static void
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

/* Whether the manifest calls it success. */
static bool
command_succeeded(const struct command *command, const struct child *child,
    enum child_end end)
{
	return ((end == CHILD_EXITED || end == CHILD_FAILED) &&
		WIFEXITED(child->status) &&
		command->ok_exit[WEXITSTATUS(child->status)]);
}

/* What the program itself has to say of a failure. */
static void
command_explain(struct tool_call *call, const struct child *child,
    enum child_end end, const struct child_io *io)
{
	char text[TOOL_ERROR_SIZE];

	child_explain(child, end, &call->entry->policy, io, text, sizeof(text));
	if (end == CHILD_EXITED || end == CHILD_FAILED)
		child_explain_io(io, text, sizeof(text));
	tool_fail(call, "%s", text);
}

/* A member of what was printed, unless that is nothing. */
static void
command_partial_add(
    struct json_object **partial, const char *name, const char *text)
{
	if (text[0] != '\0')
		json_add(partial, name, json_object_new_string(text));
}

/*
 * The end of what the program printed until its time was over.  Without memory
 * for it the caller does without.
 */
static void
command_partial(struct tool_call *call, const struct child_io *io)
{
	struct json_object *partial = json_object_new_object();
	char *text = malloc(PARTIAL_BYTES + 1);

	if (text != NULL && partial != NULL) {
		child_buffer_tail(
		    &io->output, PARTIAL_BYTES, text, PARTIAL_BYTES + 1);
		command_partial_add(&partial, "stdout", text);
		child_words_tail(&io->words, text, PARTIAL_BYTES + 1);
		command_partial_add(&partial, "stderr", text);
	}
	free(text);
	call->partial = partial;
}

static void
command_end(struct tool_call *call, const struct child *child,
    enum child_end end, struct child_io *io)
{
	const struct command *command = call->entry->spec;
	struct child_buffer *output = &io->output;

	if (end == CHILD_EXPIRED)
		tool_expire(call);
	if (end == CHILD_EXPIRED && call->entry->policy.partial)
		command_partial(call, io);
	if (!command_succeeded(command, child, end)) {
		command_explain(call, child, end, io);
		return;
	}
	command_result(call, command, output->data, output->len);
	if (call->outcome == TOOL_FAILED)
		child_explain_io(io, call->error, sizeof(call->error));
}

static void
command_start(
    struct tool_call *call, const char *const *argv, struct child_io *io)
{
	struct child_spec spec = {.policy = &call->entry->policy,
	    .who = call->entry->name,
	    .argv = argv,
	    .headers = call->headers};
	int64_t deadline_ns = call->deadline_ns;
	static struct child child; /* may linger */
	char why[CHILD_WHY_SIZE];

	if (child_start(&child, &spec, why, sizeof(why)) == -1) {
		tool_unable(call, errno, why);
		return;
	}
	if (child_await_start(&child, call->deadline_ns, why, sizeof(why)) ==
	    -1) {
		if (child.late)
			tool_expire(call);
		tool_fail(call, "%s", why);
		return;
	}
	if (call->entry->policy.partial)
		deadline_ns -= PARTIAL_MS * NS_PER_MS;
	command_end(call, &child, child_run(&child, io, deadline_ns), io);
}

static void
command_run(struct tool_call *call)
{
	const struct command *command = call->entry->spec;
	const struct policy *policy = &call->entry->policy;
	struct command_arguments arguments;
	struct child_io io;
	char *input = NULL;

	if (command_arguments_make(&arguments, command, call) == -1)
		return;
	if (child_io_init(&io, call->entry->name, (size_t)policy->output_bytes,
		(size_t)policy->stderr_bytes) == -1 ||
	    (command->input == INPUT_JSON &&
		(input = command_input(call, &io.input_len)) == NULL)) {
		tool_no_memory(call);
	} else {
		io.input = input;
		command_start(call, (const char *const *)arguments.argv, &io);
	}
	child_io_fini(&io);
	free(input);
	command_arguments_free(&arguments);
}

const struct kind kind_command = {
    .name = "command",
    .members = members,
    .own_process = true,
    .parse = command_parse,
    .free = command_free,
    .doubt = command_doubt,
    .run = command_run,
};
