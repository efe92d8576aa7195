/*
 * What several commands show: agents, and tools as they were used.  Called by
 * agents, stats and top.
 */

#include "agentctl/view.h"

#include <inttypes.h>
#include <json-c/json.h>
#include <stdlib.h>
#include <string.h>

#include "agentctl/field.h"
#include "agentctl/message.h"
#include "agentctl/table.h"
#include "agentctl/units.h"
#include "common/clock.h"

static const struct table_column agent_columns[] = {
    {"AGENT", 0},
    {"STATE", 0},
    {"PID", TABLE_RIGHT},
    {"CALLS", TABLE_RIGHT},
    {"DEATHS", TABLE_RIGHT},
    {"MEMORY", TABLE_RIGHT},
    {"ACTIVE", TABLE_RIGHT},
    {"BUSY", TABLE_RIGHT},
    {"TOOL", TABLE_CUT},
};

static void
view_add_busy(struct table *table, struct json_object *agent)
{
	char text[UNITS_SIZE];

	if (field(agent, "busy_for") == NULL) {
		table_add(table, NULL);
		return;
	}
	units_duration(field_int(agent, "busy_for"), text);
	table_add(table, text);
}

static void
view_add_agent(struct table *table, struct json_object *agent)
{
	char text[UNITS_SIZE];

	table_add(table, field_text(agent, "id"));
	table_add(table, field_text(agent, "state"));
	if (field(agent, "pid") == NULL)
		table_add(table, NULL);
	else
		table_addf(table, "%" PRId64, field_int(agent, "pid"));
	table_addf(table, "%" PRId64, field_int(agent, "requests_handled"));
	table_addf(table, "%" PRId64, field_int(agent, "restarts"));
	units_bytes(field_int(agent, "rss_bytes"), text);
	table_add(table, text);
	units_ago(field_text(agent, "last_active"), clock_wall_ns(), text);
	table_add(table, text);
	view_add_busy(table, agent);
	table_add(table, field_text(agent, "current_tool"));
}

struct table *
view_agents(struct json_object *list, size_t max)
{
	struct table *table = table_new(
	    agent_columns, sizeof(agent_columns) / sizeof(agent_columns[0]));

	for (size_t i = 0; i < field_count(list) && i < max; i++)
		view_add_agent(table, field_at(list, i));
	return (table);
}

static const struct table_column tool_columns[] = {
    {"TOOL", TABLE_CUT},
    {"CALLS", TABLE_RIGHT},
    {"FAILED", TABLE_RIGHT},
    {"CANCELLED", TABLE_RIGHT},
    {"AVERAGE", TABLE_RIGHT},
    {"LONGEST", TABLE_RIGHT},
    {"SHARE", TABLE_RIGHT},
};

struct tool_line {
	const char *name;
	struct json_object *tool;
	int64_t calls;
};

/* The most used first, then by name. */
static int
view_compare(const void *a, const void *b)
{
	const struct tool_line *x = a, *y = b;

	if (x->calls != y->calls)
		return (x->calls < y->calls ? 1 : -1);
	return (strcmp(x->name, y->name));
}

static void
view_add_tool(struct table *table, const struct tool_line *line, int64_t total)
{
	static const char *const counts[] = {"failed", "cancelled"};
	static const char *const times[] = {
	    "average_process_time", "max_process_time"};
	char text[UNITS_SIZE];

	table_add(table, line->name);
	table_addf(table, "%" PRId64, line->calls);
	for (size_t i = 0; i < sizeof(counts) / sizeof(counts[0]); i++)
		table_addf(table, "%" PRId64, field_int(line->tool, counts[i]));
	for (size_t i = 0; i < sizeof(times) / sizeof(times[0]); i++) {
		units_duration(field_int(line->tool, times[i]), text);
		table_add(table, text);
	}
	table_addf(table, "%.0f%%",
	    total == 0 ? 0 : 100.0 * (double)line->calls / (double)total);
}

/* The lines of tools, sorted; the caller frees them. */
static struct tool_line *
view_sort_tools(struct json_object *tools, size_t count, int64_t *total)
{
	struct tool_line *lines =
	    message_need(calloc(count + 1, sizeof(*lines)));
	size_t n = 0;

	*total = 0;
	json_object_object_foreach (tools, name, tool) {
		lines[n] =
		    (struct tool_line){name, tool, field_int(tool, "requests")};
		*total += lines[n++].calls;
	}
	qsort(lines, count, sizeof(*lines), view_compare);
	return (lines);
}

struct table *
view_tools(struct json_object *tools, size_t max)
{
	struct table *table = table_new(
	    tool_columns, sizeof(tool_columns) / sizeof(tool_columns[0]));
	struct tool_line *lines;
	size_t count;
	int64_t total;

	if (!json_object_is_type(tools, json_type_object))
		return (table);
	count = (size_t)json_object_object_length(tools);
	lines = view_sort_tools(tools, count, &total);
	for (size_t i = 0; i < count && i < max; i++)
		view_add_tool(table, &lines[i], total);
	free(lines);
	return (table);
}
