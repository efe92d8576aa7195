/*
 * agentctl reload, resize, drain, log: orders to the daemon, which it takes
 * on its control socket only.
 */

#include "agentctl/agentctl.h"
#include "agentctl/ask.h"
#include "agentctl/client.h"
#include "agentctl/field.h"
#include "agentctl/message.h"
#include "agentctl/units.h"

#include <json-c/json.h>
#include <stdio.h>
#include <string.h>

#define AGENTS_MAX 1024

/* A reload or a drain takes as long as it takes to start agents. */
#define ADMIN_MS 60000

/* What was done, but not as the administrator may have meant it. */
static void
cmd_admin_warnings(struct json_object *warnings)
{
	for (size_t i = 0; i < field_count(warnings); i++) {
		const char *text =
		    json_object_get_string(field_at(warnings, i));

		message("warning: %s", text == NULL ? "" : text);
	}
}

/* Says in warned, unless it is NULL, whether there were warnings. */
static int
cmd_admin_post(struct ctl *ctl, const char *path, const char *body,
    const char *member, bool *warned)
{
	struct request request = {.method = "POST",
	    .path = path,
	    .member = member,
	    .body = body,
	    .body_len = strlen(body),
	    .timeout_ms = ctl->timeout_ms == 0 ? ADMIN_MS : ctl->timeout_ms};
	struct answer answer;
	int status = ask_admin(ctl, &request, &answer);

	if (status == CTL_OK)
		cmd_admin_warnings(field_list(answer.json, "warnings"));
	if (status == CTL_OK && warned != NULL)
		*warned = field_count(field_list(answer.json, "warnings")) > 0;
	client_answer_free(&answer);
	return (status);
}

/* The tools that there are; false: they are not known. */
static bool
cmd_admin_tools(struct ctl *ctl, struct answer *answer)
{
	struct request request = {.method = "GET",
	    .path = "/api/v1/tools",
	    .timeout_ms = ctl->timeout_ms == 0 ? ADMIN_MS : ctl->timeout_ms};

	return (client_ask(ctl->client, &request, answer) == CLIENT_ANSWERED &&
		answer->status == 200);
}

static bool
cmd_admin_has_tool(const struct answer *tools, const char *name)
{
	struct json_object *list = field_list(tools->json, "tools");

	for (size_t i = 0; i < field_count(list); i++) {
		const char *other = field_text(field_at(list, i), "name");

		if (other != NULL && strcmp(other, name) == 0)
			return (true);
	}
	return (false);
}

/* A tool whose manifest is gone was taken away; one with a warning is lost. */
static int
cmd_admin_lost_tools(const struct answer *before, const struct answer *after)
{
	struct json_object *list = field_list(before->json, "tools");
	int status = CTL_OK;

	for (size_t i = 0; i < field_count(list); i++) {
		const char *name = field_text(field_at(list, i), "name");

		if (name == NULL || cmd_admin_has_tool(after, name))
			continue;
		message("the tool %s is lost: see the warnings", name);
		status = CTL_TOOL;
	}
	return (status);
}

int
cmd_reload(struct ctl *ctl, int argc, char **argv)
{
	struct answer before = {0}, after = {0};
	bool warned = false, known = cmd_admin_tools(ctl, &before);
	int status = cmd_admin_post(
	    ctl, "/api/v1/admin/reload", "{}", "reloaded", &warned);

	if (status == CTL_OK && warned && known && cmd_admin_tools(ctl, &after))
		status = cmd_admin_lost_tools(&before, &after);
	client_answer_free(&before);
	client_answer_free(&after);
	return (status);
}

int
cmd_drain(struct ctl *ctl, int argc, char **argv)
{
	return (
	    cmd_admin_post(ctl, "/api/v1/admin/drain", "{}", "draining", NULL));
}

int
cmd_resize(struct ctl *ctl, int argc, char **argv)
{
	char body[64];
	int64_t agents;

	if (!units_parse_count(argv[0], 1, AGENTS_MAX, &agents))
		message_die(CTL_USAGE, "%s: is not a number from 1 to %d",
		    argv[0], AGENTS_MAX);
	snprintf(body, sizeof(body), "{\"agents\": %d}", (int)agents);
	return (
	    cmd_admin_post(ctl, "/api/v1/admin/agents", body, "agents", NULL));
}

int
cmd_log(struct ctl *ctl, int argc, char **argv)
{
	static const char *const levels[] = {
	    "error", "warning", "info", "debug"};
	char body[64];

	for (size_t i = 0; i < sizeof(levels) / sizeof(levels[0]); i++) {
		if (strcmp(levels[i], argv[0]) != 0)
			continue;
		snprintf(body, sizeof(body), "{\"level\": \"%s\"}", levels[i]);
		return (cmd_admin_post(
		    ctl, "/api/v1/admin/log", body, "level", NULL));
	}
	message_die(
	    CTL_USAGE, "%s: is not error, warning, info or debug", argv[0]);
}
