/*
 * agentctl tools, describe: which tools there are, and what they take.
 */

#include "agentctl/agentctl.h"
#include "agentctl/ask.h"
#include "agentctl/client.h"
#include "agentctl/describe.h"
#include "agentctl/field.h"
#include "agentctl/message.h"
#include "agentctl/output.h"
#include "agentctl/table.h"
#include "agentctl/units.h"

#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>

#include "conf/conf_check.h"

static const struct table_column columns[] = {
    {"TOOL", 0},
    {"KIND", 0},
    {"TIMEOUT", TABLE_RIGHT},
    {"DESCRIPTION", TABLE_CUT},
};

static void
cmd_tools_show(struct json_object *list)
{
	struct table *table =
	    table_new(columns, sizeof(columns) / sizeof(columns[0]));
	char text[UNITS_SIZE];

	for (size_t i = 0; i < field_count(list); i++) {
		struct json_object *tool = field_at(list, i);

		table_add(table, field_text(tool, "name"));
		table_add(table, field_text(tool, "kind"));
		units_duration(field_seconds_ns(tool, "timeout"), text);
		table_add(table, text);
		table_add(table, field_text(tool, "description"));
	}
	output_table(table);
}

static void
cmd_tools_show_names(struct json_object *list)
{
	for (size_t i = 0; i < field_count(list); i++) {
		const char *name = field_text(field_at(list, i), "name");

		if (name != NULL)
			output_line("%s", name);
	}
}

int
cmd_tools(struct ctl *ctl, int argc, char **argv)
{
	struct answer answer;
	int status = ask_get(ctl, "/api/v1/tools", "tools", &answer);
	struct json_object *list = field_list(answer.json, "tools");

	if (status == CTL_OK && !ctl->json)
		(ctl->names ? cmd_tools_show_names : cmd_tools_show)(list);
	answer_free(&answer);
	return (status);
}

static void
cmd_describe_show_item(const char *name, struct json_object *property)
{
	size_t size;
	char *text;
	FILE *out = message_need(open_memstream(&text, &size));

	describe_put_name(out, name);
	fputs(describe_is_text(property) ? "=" : ":=", out);
	if (fclose(out) != 0)
		message_no_memory();
	output_line("%s", text);
	free(text);
}

/* The beginnings of what call takes, one a line. */
static void
cmd_describe_show_items(struct json_object *properties)
{
	if (properties == NULL)
		return;
	json_object_object_foreach (properties, name, property) {
		cmd_describe_show_item(name, property);
	}
}

static void
cmd_describe_show(struct json_object *tool, const char *name)
{
	struct json_object *schema = field(tool, "parameters");
	const char *description = field_text(tool, "description");
	const char *kind = field_text(tool, "kind");
	char timeout[UNITS_SIZE], *example;

	units_duration(field_seconds_ns(tool, "timeout"), timeout);
	output_line("%s: %s", name, description == NULL ? "-" : description);
	output_line("%s, timeout %s", kind == NULL ? "-" : kind, timeout);
	putchar('\n');
	if (describe_properties(schema) != NULL) {
		output_table(describe_table(schema));
		putchar('\n');
	}
	example = describe_example(name, schema);
	output_line("%s", example);
	free(example);
}

int
cmd_describe(struct ctl *ctl, int argc, char **argv)
{
	struct answer answer;
	char path[64 + CONF_TOOL_MAX];
	int status;

	ask_check_tool(argv[0]);
	snprintf(path, sizeof(path), "/api/v1/tools/%s", argv[0]);
	status = ask_get(ctl, path, "parameters", &answer);
	if (status == CTL_OK && !ctl->json && ctl->names)
		cmd_describe_show_items(
		    describe_properties(field(answer.json, "parameters")));
	else if (status == CTL_OK && !ctl->json)
		cmd_describe_show(answer.json, argv[0]);
	answer_free(&answer);
	return (status);
}
