/*
 * agentctl agents, breakers, breaker, requests, cancel, stats, tools, describe:
 * what a daemon has, and what it does.
 */

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <json-c/json.h>

#include "agentctl/agentctl.h"
#include "agentctl/ask.h"
#include "agentctl/client.h"
#include "agentctl/describe.h"
#include "agentctl/field.h"
#include "agentctl/message.h"
#include "agentctl/output.h"
#include "agentctl/table.h"
#include "agentctl/units.h"
#include "agentctl/view.h"
#include "common/uuid.h"
#include "conf/conf_check.h"

int
cmd_agents(struct ctl *ctl, int argc, char **argv)
{
	struct answer answer;
	int status = ask_get(ctl, "/api/v1/agents", "agents", &answer);

	if (status == CTL_OK && !ctl->json)
		output_table(
		    view_agents(field_list(answer.json, "agents"), SIZE_MAX));
	client_answer_free(&answer);
	return (status);
}

static const struct table_column breaker_columns[] = {
    {"TOOL", TABLE_CUT},
    {"STATE", 0},
    {"CALLS", TABLE_RIGHT},
    {"FAILED", TABLE_RIGHT},
    {"SLOW", TABLE_RIGHT},
    {"RETRY-AFTER", TABLE_RIGHT},
};

static void
cmd_breakers_add(
    struct table *table, const char *tool, struct json_object *breaker)
{
	const char *state = field_text(breaker, "state");

	table_add(table, tool);
	table_add(table, state);
	table_addf(table, "%lld", (long long)field_int(breaker, "calls"));
	table_addf(table, "%lld", (long long)field_int(breaker, "failures"));
	table_addf(table, "%lld", (long long)field_int(breaker, "slow"));
	if (state != NULL && strcmp(state, "open") == 0)
		table_addf(table, "%llds",
		    (long long)field_int(breaker, "retry_after"));
	else
		table_add(table, NULL);
}

static void
cmd_breakers_show(struct json_object *all)
{
	struct table *table = table_new(breaker_columns,
	    sizeof(breaker_columns) / sizeof(breaker_columns[0]));

	if (json_object_is_type(all, json_type_object)) {
		json_object_object_foreach (all, name, breaker)
			cmd_breakers_add(table, name, breaker);
	}
	output_table(table);
}

int
cmd_breakers(struct ctl *ctl, int argc, char **argv)
{
	struct answer answer;
	int status = ask_get(ctl, "/api/v1/breakers", "breakers", &answer);

	if (status == CTL_OK && !ctl->json)
		cmd_breakers_show(
		    json_object_object_get(answer.json, "breakers"));
	client_answer_free(&answer);
	return (status);
}

/* The daemon takes it on its control socket only. */
int
cmd_breaker(struct ctl *ctl, int argc, char **argv)
{
	struct request request = {.method = "POST", .member = "state"};
	struct answer answer;
	char path[64 + CONF_TOOL_MAX], body[64];
	int status;

	ask_check_tool(argv[0]);
	if (strcmp(argv[1], "reset") != 0 && strcmp(argv[1], "open") != 0)
		message_die(CTL_USAGE, "%s: is not reset or open", argv[1]);
	snprintf(path, sizeof(path), "/api/v1/breakers/%s", argv[0]);
	snprintf(body, sizeof(body), "{\"action\": \"%s\"}", argv[1]);
	request.path = path;
	request.body = body;
	request.body_len = strlen(body);
	status = ask_admin(ctl, &request, &answer);
	client_answer_free(&answer);
	return (status);
}

static const struct table_column request_columns[] = {
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
	struct table *table = table_new(request_columns,
	    sizeof(request_columns) / sizeof(request_columns[0]));

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
	client_answer_free(&answer);
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
	client_answer_free(&answer);
	return (status);
}

#define NUMBERS 5

/* Each line: what it is of, and the members that it shows under which name. */
static const struct stats_line {
	const char *title;
	struct {
		const char *name, *member;
	} numbers[NUMBERS];
} stats_lines[] = {
    {"calls",
	{{"accepted", "total_requests"}, {"successful", "successful_requests"},
	    {"failed", "failed_requests"}, {"cancelled", "cancelled"}}},
    {"", {{"timed out", "timeouts"}, {"crashed", "crashes"},
	     {"refused", "rejected"}, {"answered late", "late_results"}}},
    {"now", {{"in flight", "in_flight"}, {"queued", "queue_depth"},
		{"room in the queue", "queue_limit"}}},
    {"agents", {{"idle", "idle_agents"}, {"busy", "busy_agents"},
		   {"in error", "error_agents"}, {"deaths", "agent_restarts"},
		   {"recycled", "agents_recycled"}}},
};

static void
cmd_stats_show_line(const struct stats_line *line, struct json_object *stats)
{
	const char *comma = "";

	printf("%-8s", line->title);
	for (size_t i = 0; i < NUMBERS && line->numbers[i].name != NULL; i++) {
		printf("%s %" PRId64 " %s", comma,
		    field_int(stats, line->numbers[i].member),
		    line->numbers[i].name);
		comma = ",";
	}
	putchar('\n');
}

static void
cmd_stats_show_times(const char *title, struct json_object *times)
{
	static const struct {
		const char *member, *before, *after;
	} parts[] = {
	    {"p50", " half within ", ""},
	    {"p90", ", 90% ", ""},
	    {"p99", ", 99% ", ""},
	    {"max", ", all ", "\n"},
	};
	char text[UNITS_SIZE];

	printf("%-8s", title);
	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
		units_duration(field_int(times, parts[i].member), text);
		printf("%s%s%s", parts[i].before, text, parts[i].after);
	}
}

static void
cmd_stats_show(struct json_object *stats)
{
	char text[UNITS_SIZE];

	units_duration(field_int(stats, "uptime"), text);
	printf("%-8s %s\n", "up", text);
	for (size_t i = 0; i < sizeof(stats_lines) / sizeof(stats_lines[0]);
	     i++)
		cmd_stats_show_line(&stats_lines[i], stats);
	cmd_stats_show_times("answered", field(stats, "latency"));
	cmd_stats_show_times("waited", field(stats, "queue_wait"));
	putchar('\n');
	output_table(view_tools(field(stats, "tools"), SIZE_MAX));
}

int
cmd_stats(struct ctl *ctl, int argc, char **argv)
{
	struct answer answer;
	int status = ask_get(ctl, "/api/v1/stats", "total_requests", &answer);

	if (status == CTL_OK && !ctl->json)
		cmd_stats_show(answer.json);
	client_answer_free(&answer);
	return (status);
}

static const struct table_column tool_columns[] = {
    {"TOOL", 0},
    {"KIND", 0},
    {"TIMEOUT", TABLE_RIGHT},
    {"DESCRIPTION", TABLE_CUT},
};

static void
cmd_tools_show(struct json_object *list)
{
	struct table *table = table_new(
	    tool_columns, sizeof(tool_columns) / sizeof(tool_columns[0]));
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
	client_answer_free(&answer);
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
	client_answer_free(&answer);
	return (status);
}
