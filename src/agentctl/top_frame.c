/*
 * Draws what top shows.  Called by cmd_top.c; knows nothing of terminals or
 * connections.
 */

#include "agentctl/top_frame.h"

#include <inttypes.h>
#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agentctl/field.h"
#include "agentctl/message.h"
#include "agentctl/table.h"
#include "agentctl/units.h"
#include "agentctl/view.h"
#include "agentctl/visible.h"
#include "common/clock.h"

/* Lines that are no agent and no tool: five of numbers, two gaps, titles. */
#define FIXED_ROWS 9

/* What a tool list keeps when there are many agents. */
#define TOOL_ROWS 4

static void
top_frame_title(FILE *out, const struct top_state *state)
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
top_frame_numbers(FILE *out, struct json_object *stats, const char *title,
    const struct frame_number *numbers)
{
	fprintf(out, "%-7s", title);
	for (; numbers->name != NULL; numbers++)
		fprintf(out, " %" PRId64 " %s%s",
		    field_int(stats, numbers->member), numbers->name,
		    numbers[1].name == NULL ? "" : ",");
}

static void
top_frame_counts(FILE *out, const struct top_state *state)
{
	static const struct frame_number calls[] = {{"calls", "total_requests"},
	    {"failed", "failed_requests"}, {"timed out", "timeouts"},
	    {"crashed", "crashes"}, {"refused", "rejected"}, {NULL, NULL}};
	static const struct frame_number now[] = {{"in flight", "in_flight"},
	    {"queued", "queue_depth"}, {"idle", "idle_agents"},
	    {"busy", "busy_agents"}, {"in error", "error_agents"},
	    {NULL, NULL}};
	char rate[UNITS_SIZE];

	top_frame_numbers(out, state->stats, "so far", calls);
	fputc('\n', out);
	top_frame_numbers(out, state->stats, "now", now);
	if (state->rate >= 0) {
		units_rate(state->rate, rate);
		fprintf(out, ", %s/s", rate);
	}
	fputc('\n', out);
}

static void
top_frame_times(FILE *out, const char *title, struct json_object *times)
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
top_frame_rank(struct json_object *agent)
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
top_frame_compare(const void *a, const void *b)
{
	struct json_object *x = *(struct json_object *const *)a;
	struct json_object *y = *(struct json_object *const *)b;
	int64_t x_ns = field_int(x, "busy_for"),
		y_ns = field_int(y, "busy_for");

	if (top_frame_rank(x) != top_frame_rank(y))
		return (top_frame_rank(x) - top_frame_rank(y));
	if (x_ns != y_ns)
		return (x_ns < y_ns ? 1 : -1);
	return (0);
}

/* json-c sorts with qsort(3), which keeps no order of equals in general. */
static void
top_frame_sort(struct json_object *list)
{
	if (list != NULL)
		json_object_array_sort(list, top_frame_compare);
}

static void
top_frame_table(FILE *out, struct table *table, size_t columns, size_t hidden)
{
	table_print(table, out, columns);
	if (hidden > 0)
		fprintf(out, "and %zu more\n", hidden);
	table_free(table);
}

/* How many of count lines to show in room; the last may say "more". */
static size_t
top_frame_fit(size_t count, size_t room)
{
	if (count <= room)
		return (count);
	return (room > 0 ? room - 1 : 0);
}

static size_t
top_frame_agents(
    FILE *out, const struct top_state *state, size_t room, size_t columns)
{
	struct json_object *list = field_list(state->agents, "agents");
	size_t count = field_count(list), shown = top_frame_fit(count, room);

	top_frame_sort(list);
	fputc('\n', out);
	top_frame_table(out, view_agents(list, shown), columns, count - shown);
	return (shown + (count > shown));
}

static void
top_frame_tools(
    FILE *out, const struct top_state *state, size_t room, size_t columns)
{
	struct json_object *tools = field(state->stats, "tools");
	size_t count = json_object_is_type(tools, json_type_object)
			   ? (size_t)json_object_object_length(tools)
			   : 0;
	size_t shown = top_frame_fit(count, room);

	fputc('\n', out);
	top_frame_table(out, view_tools(tools, shown), columns, count - shown);
}

static size_t
top_less(size_t a, size_t b)
{
	return (a > b ? a - b : 0);
}

static size_t
top_least(size_t a, size_t b)
{
	return (a < b ? a : b);
}

char *
top_frame(const struct top_state *state, size_t rows, size_t columns)
{
	size_t size, used,
	    room = rows == 0 ? SIZE_MAX : top_less(rows, FIXED_ROWS);
	size_t kept = rows == 0 ? 0 : top_least(TOOL_ROWS, room / 2);
	char *text;
	FILE *out = message_need(open_memstream(&text, &size));

	top_frame_title(out, state);
	top_frame_counts(out, state);
	top_frame_times(out, "answers", field(state->stats, "latency"));
	top_frame_times(out, "queue", field(state->stats, "queue_wait"));
	used = top_frame_agents(out, state, room - kept, columns);
	top_frame_tools(out, state, top_less(room, used), columns);
	if (fclose(out) != 0)
		message_no_memory();
	return (text);
}
