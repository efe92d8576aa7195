/*
 * agentctl stats: what the daemon has counted.
 */

#include "agentctl/agentctl.h"
#include "agentctl/ask.h"
#include "agentctl/client.h"
#include "agentctl/field.h"
#include "agentctl/output.h"
#include "agentctl/units.h"
#include "agentctl/view.h"

#include <inttypes.h>
#include <stdio.h>

#define NUMBERS 5

/* Each line: what it is of, and the members that it shows under which name. */
static const struct stats_line {
	const char *title;
	struct {
		const char *name, *member;
	} numbers[NUMBERS];
} lines[] = {
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
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++)
		cmd_stats_show_line(&lines[i], stats);
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
	answer_free(&answer);
	return (status);
}
