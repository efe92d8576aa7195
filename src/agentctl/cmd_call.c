/*
 * agentctl call: runs a tool.
 */

#include "agentctl/agentctl.h"
#include "agentctl/ask.h"
#include "agentctl/client.h"
#include "agentctl/field.h"
#include "agentctl/message.h"
#include "agentctl/output.h"
#include "agentctl/params.h"
#include "agentctl/units.h"

#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/json.h"
#include "common/uuid.h"

/* What the daemon gets on top of the time for the call, to say it is up. */
#define GRACE_MS 5000

#define PRIORITY_MAX 5
#define RETRIES_MAX 100

/* The numbers are checked here, so that a slip is an error of usage. */
static void
cmd_call_check(const struct ctl *ctl, int64_t *timeout_ms)
{
	int64_t ignored;

	if (ctl->call_timeout != NULL &&
	    !units_parse_seconds(ctl->call_timeout, timeout_ms))
		message_die(CTL_USAGE, "-T %s: is no number of seconds",
		    ctl->call_timeout);
	if (ctl->call_priority != NULL &&
	    !units_parse_count(ctl->call_priority, 1, PRIORITY_MAX, &ignored))
		message_die(CTL_USAGE, "-p %s: is no number from 1 to %d",
		    ctl->call_priority, PRIORITY_MAX);
	if (ctl->call_retries != NULL &&
	    !units_parse_count(ctl->call_retries, 0, RETRIES_MAX, &ignored))
		message_die(CTL_USAGE, "-r %s: is no number from 0 to %d",
		    ctl->call_retries, RETRIES_MAX);
}

static void
cmd_call_add(FILE *out, const char *name, const char *value, char *mark)
{
	if (value == NULL)
		return;
	fprintf(out, "%c%s=%s", *mark, name, value);
	*mark = '&';
}

/* What was given is digits, which need no escape. */
static char *
cmd_call_path(const struct ctl *ctl, const char *tool)
{
	char *path, mark = '?';
	size_t size;
	FILE *out = message_need(open_memstream(&path, &size));

	fprintf(out, "/api/v1/tools/%s", tool);
	cmd_call_add(out, "timeout", ctl->call_timeout, &mark);
	cmd_call_add(out, "priority", ctl->call_priority, &mark);
	cmd_call_add(out, "retries", ctl->call_retries, &mark);
	if (fclose(out) != 0)
		message_no_memory();
	return (path);
}

/* How long to wait for the answer: -t, or what the call may take; 0: ever. */
static int64_t
cmd_call_wait_ms(const struct ctl *ctl, int64_t timeout_ms)
{
	if (ctl->timeout_ms != 0)
		return (ctl->timeout_ms);
	return (timeout_ms == 0 ? 0 : timeout_ms + GRACE_MS);
}

static int
cmd_call_show(
    const struct ctl *ctl, const char *tool, const struct answer *answer)
{
	struct json_object *success = field(answer->json, "success");
	const char *error = field_text(answer->json, "error");

	if (json_object_get_boolean(success)) {
		if (!ctl->json)
			output_value(field(answer->json, "result"));
		return (CTL_OK);
	}
	message("%s: %s", tool, error == NULL ? "failed" : error);
	return (CTL_TOOL);
}

int
cmd_call(struct ctl *ctl, int argc, char **argv)
{
	struct request request = {
	    .method = "POST", .cancel = true, .member = "success"};
	char id[UUID_TEXT_SIZE], why[PARAMS_WHY_SIZE], *path;
	uint8_t bytes[UUID_SIZE];
	struct json_object *params;
	int64_t timeout_ms = 0;
	struct answer answer;
	int status;

	ask_check_tool(argv[0]);
	cmd_call_check(ctl, &timeout_ms);
	params = params_parse(argv + 1, (size_t)argc - 1, why);
	if (params == NULL)
		message_die(CTL_USAGE, "%s", why);
	uuid_generate(bytes);
	uuid_format(bytes, id);
	path = cmd_call_path(ctl, argv[0]);
	request.path = path;
	request.id = id;
	request.body = json_text(params, &request.body_len);
	if (request.body == NULL)
		message_no_memory();
	request.timeout_ms = cmd_call_wait_ms(ctl, timeout_ms);
	status = ask_waiting(ctl, &request, &answer);
	if (status == CTL_OK)
		status = cmd_call_show(ctl, argv[0], &answer);
	answer_free(&answer);
	free(path);
	json_object_put(params);
	return (status);
}
