/*
 * agentctl breakers, breaker: the circuit breakers of tools.
 */

#include "agentctl/agentctl.h"
#include "agentctl/ask.h"
#include "agentctl/client.h"
#include "agentctl/field.h"
#include "agentctl/message.h"
#include "agentctl/output.h"
#include "agentctl/table.h"

#include <json-c/json.h>

#include <stdio.h>
#include <string.h>

#include "conf/conf_check.h"

static const struct table_column columns[] = {
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
	struct table *table =
	    table_new(columns, sizeof(columns) / sizeof(columns[0]));

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
	answer_free(&answer);
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
	answer_free(&answer);
	return (status);
}
