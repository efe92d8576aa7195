/*
 * The kind of tools that are programs, run anew for each call: parameters on
 * standard input and in argv, the result on standard output.
 */

#include "agent/command.h"
#include "agent/child.h"
#include "agent/kind.h"
#include "agent/program.h"
#include "agent/registry.h"
#include "agent/tool.h"
#include "common/json.h"

#include <json-c/json.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const members[] = {"args", "input", "output", NULL};
static const char *const inputs[] = {"json", "none", NULL};
static const char *const outputs[] = {"json", "text", "lines", NULL};

static void
command_free(void *spec)
{
	struct command *command = spec;

	if (command == NULL)
		return;
	for (size_t i = 0; command->slots != NULL && command->argv[i] != NULL;
	     i++)
		free(command->slots[i].name);
	free(command->slots);
	program_free(command->argv);
	free(command);
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
	command->argv = program_parse(manifest, "command", base, why, why_size);
	return (command->argv != NULL &&
		command_find_slots(command, manifest, why, why_size) == 0);
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
command_end(struct tool_call *call, const struct child *child,
    enum child_end end, struct child_io *io)
{
	const struct command *command = call->entry->spec;
	struct child_buffer *output = &io->output;
	char text[TOOL_ERROR_SIZE];

	if (end == CHILD_EXITED) {
		command_result(
		    call, command->output, output->data, output->len);
		return;
	}
	if (end == CHILD_EXPIRED)
		tool_expire(call);
	child_explain(child, end, &call->entry->policy, text, sizeof(text));
	if (end == CHILD_FAILED)
		child_explain_words(&io->words, text, sizeof(text));
	tool_fail(call, "%s", text);
}

static void
command_start(
    struct tool_call *call, const char *const *argv, struct child_io *io)
{
	struct child_spec spec = {.policy = &call->entry->policy,
	    .who = call->entry->name,
	    .argv = argv};
	struct child child;
	char why[CHILD_WHY_SIZE];

	if (child_start(&child, &spec, why, sizeof(why)) == -1 ||
	    child_await_start(&child, call->deadline_ns, why, sizeof(why)) ==
		-1) {
		if (child.late)
			tool_expire(call);
		tool_fail(call, "%s", why);
		return;
	}
	command_end(call, &child, child_run(&child, io, call->deadline_ns), io);
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
		call->out_of_memory = true;
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
    .run = command_run,
};
