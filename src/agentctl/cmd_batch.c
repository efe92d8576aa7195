/*
 * agentctl batch: makes many calls at once.
 */

#include "agentctl/agentctl.h"
#include "agentctl/ask.h"
#include "agentctl/batch_input.h"
#include "agentctl/client.h"
#include "agentctl/field.h"
#include "agentctl/message.h"
#include "agentctl/output.h"
#include "agentctl/params.h"

#include <inttypes.h>
#include <json-c/json.h>
#include <stdlib.h>
#include <string.h>

#include "common/json.h"
#include "common/uuid.h"

/* Its place, what became of it, and the result or the reason: a line. */
static void
cmd_batch_show(struct json_object *one)
{
	const char *code = field_text(one, "code");
	const char *error = field_text(one, "error");
	size_t len;

	if (json_object_get_boolean(field(one, "success")))
		output_line("%" PRId64 " ok %s", field_int(one, "index"),
		    (const char *)message_need((void *)(uintptr_t)json_text(
			field(one, "result"), &len)));
	else
		output_line("%" PRId64 " %s %s", field_int(one, "index"),
		    code == NULL ? "failed" : code, error == NULL ? "" : error);
}

static int
cmd_batch_judge(const struct ctl *ctl, const struct answer *answer)
{
	struct json_object *results = field_list(answer->json, "results");

	for (size_t i = 0; !ctl->json && i < field_count(results); i++)
		cmd_batch_show(field_at(results, i));
	return (field_int(answer->json, "failed") == 0 ? CTL_OK : CTL_TOOL);
}

static struct json_object *
cmd_batch_read(const char *file)
{
	const char *name = strcmp(file, "-") == 0 ? "standard input" : file;
	char why[PARAMS_WHY_SIZE], *text;
	struct json_object *body = NULL;
	size_t len;

	if ((text = params_read_text(file, &len, why)) != NULL)
		body = batch_input(text, len, name, why);
	if (body == NULL)
		message_die(CTL_USAGE, "%s", why);
	free(text);
	return (body);
}

int
cmd_batch(struct ctl *ctl, int argc, char **argv)
{
	struct request request = {.method = "POST",
	    .path = "/api/v1/batch",
	    .cancel = true,
	    .member = "results",
	    .timeout_ms = ctl->timeout_ms};
	struct json_object *body = cmd_batch_read(argv[0]);
	char id[UUID_TEXT_SIZE];
	uint8_t bytes[UUID_SIZE];
	struct answer answer;
	int status;

	uuid_generate(bytes);
	uuid_format(bytes, id);
	request.id = id;
	request.body = json_text(body, &request.body_len);
	if (request.body == NULL)
		message_no_memory();
	status = ask_waiting(ctl, &request, &answer);
	if (status == CTL_OK)
		status = cmd_batch_judge(ctl, &answer);
	answer_free(&answer);
	json_object_put(body);
	return (status);
}
