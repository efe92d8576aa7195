/*
 * What there is to say of the tools that were loaded, apart from those that
 * are wrong: what is odd about a tool, and what the configuration says of tools
 * that there are not.  Called once a registry is complete.
 */

#include "agent/registry_report.h"
#include "agent/kinds/coprocess.h"
#include "agent/kinds/kind.h"
#include "agent/registry.h"
#include "common/utf8.h"
#include "conf/conf.h"
#include "conf/conf_check.h"
#include "schema/schema.h"

#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

/* One tool, of which something is said. */
struct report_doubts {
	const struct registry_entry *entry;
	void (*report)(const char *line);
};

static void
registry_report_doubt(void *arg, const char *what)
{
	const struct report_doubts *doubts = arg;
	char line[PATH_MAX + REGISTRY_WHY_SIZE];

	snprintf(line, sizeof(line), "%s/%s.json: %s", doubts->entry->base,
	    doubts->entry->name, what);
	utf8_clean(line);
	utf8_clean_controls(line);
	doubts->report(line);
}

static void
registry_report_schema(struct report_doubts *doubts, const char *member,
    const struct schema *schema)
{
	const char *warning = schema == NULL ? NULL : schema_warning(schema);
	char what[REGISTRY_WHY_SIZE];

	if (warning == NULL)
		return;
	snprintf(what, sizeof(what), "%s: %s", member, warning);
	registry_report_doubt(doubts, what);
}

/* What is odd keeps no tool from being called. */
void
registry_report_doubts(
    const struct registry *registry, void (*report)(const char *line))
{
	const struct registry_entry *entry;

	for (size_t i = 0; (entry = registry_at(registry, i)) != NULL; i++) {
		struct report_doubts doubts = {entry, report};
		struct kind_doubts say = {registry_report_doubt, &doubts};

		if (!entry->policy.enabled || entry->base == NULL)
			continue;
		registry_report_schema(
		    &doubts, "parameters", entry->parameters_schema);
		registry_report_schema(&doubts, "result", entry->result_schema);
		if (entry->kind->doubt != NULL)
			entry->kind->doubt(entry, &say);
	}
}

/* How many names there are of built-in tools that there are not. */
static size_t
registry_report_builtins(
    const struct conf *conf, void (*report)(const char *line))
{
	const struct conf_list *list = &conf->builtin_tools;
	char line[64 + CONF_TOOL_MAX];
	size_t bad = 0;

	for (size_t i = 0; i < list->count; i++) {
		if (strcmp(list->items[i], "all") == 0 ||
		    strcmp(list->items[i], "none") == 0 ||
		    registry_entry_tool(list->items[i]) != NULL)
			continue;
		snprintf(line, sizeof(line),
		    "builtin_tools: there is no built-in tool %s",
		    list->items[i]);
		report(line);
		bad++;
	}
	return (bad);
}

/* Not worth more than a warning: its manifest may be missing for a while. */
static void
registry_report_sections(const struct registry *registry,
    const struct conf *conf, void (*report)(const char *line))
{
	char line[PATH_MAX + 2 * CONF_TOOL_MAX];

	for (size_t i = 0; i < conf->tool_count; i++) {
		const struct conf_tool *tool = &conf->tools[i];

		if (strcmp(tool->name, CONF_TOOL_ALL) == 0 ||
		    registry_get(registry, tool->name, strlen(tool->name)) !=
			NULL)
			continue;
		snprintf(line, sizeof(line), "%s:%d: there is no tool %s",
		    tool->file, tool->line, tool->name);
		report(line);
	}
}

/* Those that have no room run by turns, which works, but slowly. */
static void
registry_report_files(const struct registry *registry, const struct conf *conf,
    void (*report)(const char *line))
{
	const struct registry_entry *entry;
	size_t count = 0;
	char line[160];

	for (size_t i = 0; (entry = registry_at(registry, i)) != NULL; i++)
		if (entry->kind == &kind_coprocess && entry->policy.enabled)
			count++;
	if (count <= coprocess_most(conf->agent_files))
		return;
	snprintf(line, sizeof(line),
	    "agent_files: is %" PRId64 ", but the %zu coprocess tools need "
	    "%" PRId64 ": at most %zu of them run in an agent at a time",
	    conf->agent_files, count, coprocess_files(count),
	    coprocess_most(conf->agent_files));
	report(line);
}

size_t
registry_report_all(const struct registry *registry, const struct conf *conf,
    void (*report)(const char *line))
{
	registry_report_doubts(registry, report);
	registry_report_sections(registry, conf, report);
	registry_report_files(registry, conf, report);
	return (registry_report_builtins(conf, report));
}
