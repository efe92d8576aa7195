/*
 * What several commands show: agents, tools as they were used, and the picture
 * of top.  Knows nothing of terminals or connections.
 */

#include "agentctl/view.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <json-c/json.h>

#include "agentctl/field.h"
#include "agentctl/message.h"
#include "agentctl/table.h"
#include "agentctl/units.h"
#include "agentctl/visible.h"
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

/* Lines that are no agent and no tool: five of numbers, two gaps, titles. */
#define FIXED_ROWS 9

/* What a tool list keeps when there are many agents. */
#define TOOL_ROWS 4

static void
view_top_title(FILE *out, const struct view_state *state)
{
	const char *version = field_text(state->root, "version");
	const char *status = field_text(state->root, "status");
	char up[UNITS_SIZE], now[CLOCK_FORMAT_SIZE], *shown;

	units_duration(field_int(state->stats, "uptime"), up);
	clock_format(clock_wall_ns(), now);
	if (state->trouble == NULL)
		fprintf(out, "agentd %s, %s, up %s, %.8s UTC\n",
		    version == NULL ? "-" : version,
		    status == NULL ? "-" : status, up, strchr(now, 'T') + 1);
	else {
		shown = visible_text(state->trouble, strlen(state->trouble));
		fprintf(out, "agentd: %s\n", shown);
		free(shown);
	}
}

/* Names and members, up to a name of NULL. */
struct frame_number {
	const char *name, *member;
};

static void
view_top_numbers(FILE *out, struct json_object *stats, const char *title,
    const struct frame_number *numbers)
{
	fprintf(out, "%-7s", title);
	for (; numbers->name != NULL; numbers++)
		fprintf(out, " %" PRId64 " %s%s",
		    field_int(stats, numbers->member), numbers->name,
		    numbers[1].name == NULL ? "" : ",");
}

static void
view_top_counts(FILE *out, const struct view_state *state)
{
	static const struct frame_number calls[] = {{"calls", "total_requests"},
	    {"failed", "failed_requests"}, {"timed out", "timeouts"},
	    {"crashed", "crashes"}, {"refused", "rejected"}, {NULL, NULL}};
	static const struct frame_number now[] = {{"in flight", "in_flight"},
	    {"queued", "queue_depth"}, {"idle", "idle_agents"},
	    {"busy", "busy_agents"}, {"in error", "error_agents"},
	    {NULL, NULL}};
	char rate[UNITS_SIZE];

	view_top_numbers(out, state->stats, "so far", calls);
	fputc('\n', out);
	view_top_numbers(out, state->stats, "now", now);
	if (state->rate >= 0) {
		units_rate(state->rate, rate);
		fprintf(out, ", %s/s", rate);
	}
	fputc('\n', out);
}

static void
view_top_times(FILE *out, const char *title, struct json_object *times)
{
	static const struct {
		const char *member, *before;
	} parts[] = {{"p50", " 50% in"}, {"p90", ", 90% in"},
	    {"p99", ", 99% in"}, {"max", ", all in"}};
	char text[UNITS_SIZE];

	fprintf(out, "%-7s", title);
	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
		units_duration(field_int(times, parts[i].member), text);
		fprintf(out, "%s %s", parts[i].before, text);
	}
	fputc('\n', out);
}

/* What needs attention first: a smaller number. */
static int
view_top_rank(struct json_object *agent)
{
	static const char *const order[] = {
	    "error", "starting", "busy", "draining", "idle"};
	const char *state = field_text(agent, "state");
	int i = 0, count = (int)(sizeof(order) / sizeof(order[0]));

	while (i < count && (state == NULL || strcmp(order[i], state) != 0))
		i++;
	return (i);
}

/* Within a state, the longest busy first. */
static int
view_top_compare(const void *a, const void *b)
{
	struct json_object *x = *(struct json_object *const *)a;
	struct json_object *y = *(struct json_object *const *)b;
	int64_t x_ns = field_int(x, "busy_for"),
		y_ns = field_int(y, "busy_for");

	if (view_top_rank(x) != view_top_rank(y))
		return (view_top_rank(x) - view_top_rank(y));
	if (x_ns != y_ns)
		return (x_ns < y_ns ? 1 : -1);
	return (0);
}

/* json-c sorts with qsort(3), which keeps no order of equals in general. */
static void
view_top_sort(struct json_object *list)
{
	if (list != NULL)
		json_object_array_sort(list, view_top_compare);
}

static void
view_top_table(FILE *out, struct table *table, size_t columns, size_t hidden)
{
	table_print(table, out, columns);
	if (hidden > 0)
		fprintf(out, "and %zu more\n", hidden);
	table_free(table);
}

/* How many of count lines to show in room; the last may say "more". */
static size_t
view_top_fit(size_t count, size_t room)
{
	if (count <= room)
		return (count);
	return (room > 0 ? room - 1 : 0);
}

static size_t
view_top_agents(
    FILE *out, const struct view_state *state, size_t room, size_t columns)
{
	struct json_object *list = field_list(state->agents, "agents");
	size_t count = field_count(list), shown = view_top_fit(count, room);

	view_top_sort(list);
	fputc('\n', out);
	view_top_table(out, view_agents(list, shown), columns, count - shown);
	return (shown + (count > shown));
}

static void
view_top_tools(
    FILE *out, const struct view_state *state, size_t room, size_t columns)
{
	struct json_object *tools = field(state->stats, "tools");
	size_t count = json_object_is_type(tools, json_type_object)
			   ? (size_t)json_object_object_length(tools)
			   : 0;
	size_t shown = view_top_fit(count, room);

	fputc('\n', out);
	view_top_table(out, view_tools(tools, shown), columns, count - shown);
}

static size_t
view_top_less(size_t a, size_t b)
{
	return (a > b ? a - b : 0);
}

static size_t
view_top_least(size_t a, size_t b)
{
	return (a < b ? a : b);
}

char *
view_top(const struct view_state *state, size_t rows, size_t columns)
{
	size_t size, used,
	    room = rows == 0 ? SIZE_MAX : view_top_less(rows, FIXED_ROWS);
	size_t kept = rows == 0 ? 0 : view_top_least(TOOL_ROWS, room / 2);
	char *text;
	FILE *out = message_need(open_memstream(&text, &size));

	view_top_title(out, state);
	view_top_counts(out, state);
	view_top_times(out, "answers", field(state->stats, "latency"));
	view_top_times(out, "queue", field(state->stats, "queue_wait"));
	used = view_top_agents(out, state, room - kept, columns);
	view_top_tools(out, state, view_top_less(room, used), columns);
	if (fclose(out) != 0)
		message_no_memory();
	return (text);
}
