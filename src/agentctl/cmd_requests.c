/*
 * agentctl requests, cancel: the calls in flight.
 */

#include "agentctl/agentctl.h"
#include "agentctl/ask.h"
#include "agentctl/client.h"
#include "agentctl/field.h"
#include "agentctl/message.h"
#include "agentctl/output.h"
#include "agentctl/table.h"
#include "agentctl/units.h"

#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>

#include "common/uuid.h"

static const struct table_column columns[] = {
    {"REQUEST", 0},
    {"STATE", 0},
    {"AGE", TABLE_RIGHT},
    {"LEFT", TABLE_RIGHT},
    {"DONE", TABLE_RIGHT},
    {"AGENT", 0},
    {"TOOL", TABLE_CUT},
};

/* Of a total, the part; else what there is. */
static void
cmd_requests_add_progress(struct table *table, struct json_object *progress)
{
	struct json_object *value = field(progress, "value");
	double total = json_object_get_double(field(progress, "total"));
	double done = json_object_get_double(value);

	if (value == NULL)
		table_add(table, NULL);
	else if (total > 0)
		table_addf(table, "%.0f%%", 100 * done / total);
	else
		table_addf(table, "%g", done);
}

static void
cmd_requests_add(struct table *table, struct json_object *request)
{
	char text[UNITS_SIZE];

	table_add(table, field_text(request, "request_id"));
	table_add(table, field_text(request, "state"));
	units_duration(field_int(request, "age"), text);
	table_add(table, text);
	units_duration(field_int(request, "deadline_in"), text);
	table_add(table, text);
	cmd_requests_add_progress(table, field(request, "progress"));
	table_add(table, field_text(request, "agent_id"));
	table_add(table, field_text(request, "tool_name"));
}

static void
cmd_requests_show(struct json_object *list)
{
	struct table *table =
	    table_new(columns, sizeof(columns) / sizeof(columns[0]));

	for (size_t i = 0; i < field_count(list); i++)
		cmd_requests_add(table, field_at(list, i));
	output_table(table);
}

static void
cmd_requests_show_ids(struct json_object *list)
{
	for (size_t i = 0; i < field_count(list); i++) {
		const char *id = field_text(field_at(list, i), "request_id");

		if (id != NULL)
			output_line("%s", id);
	}
}

int
cmd_requests(struct ctl *ctl, int argc, char **argv)
{
	struct answer answer;
	int status = ask_get(ctl, "/api/v1/requests", "requests", &answer);
	struct json_object *list = field_list(answer.json, "requests");

	if (status == CTL_OK && !ctl->json)
		(ctl->names ? cmd_requests_show_ids : cmd_requests_show)(list);
	answer_free(&answer);
	return (status);
}

int
cmd_cancel(struct ctl *ctl, int argc, char **argv)
{
	struct request request = {.method = "DELETE", .member = "cancelled"};
	struct answer answer;
	uint8_t id[UUID_SIZE];
	char path[128];
	int status;

	if (!uuid_parse(argv[0], id))
		message_die(CTL_USAGE, "%s: is no id of a request", argv[0]);
	snprintf(path, sizeof(path), "/api/v1/requests/%s", argv[0]);
	request.path = path;
	status = ask(ctl, &request, &answer);
	answer_free(&answer);
	return (status);
}
