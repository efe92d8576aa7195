/*
 * agentctl call, batch: makes a call, or many at once.  What a call is is left
 * to the daemon.
 */

#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <json-c/json.h>

#include "agentctl/agentctl.h"
#include "agentctl/ask.h"
#include "agentctl/client.h"
#include "agentctl/field.h"
#include "agentctl/message.h"
#include "agentctl/output.h"
#include "agentctl/params.h"
#include "agentctl/units.h"
#include "common/json.h"
#include "common/utf8.h"
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
		message_die(CTL_USAGE, "-T %s: is not a number of seconds",
		    ctl->call_timeout);
	if (ctl->call_priority != NULL &&
	    !units_parse_count(ctl->call_priority, 1, PRIORITY_MAX, &ignored))
		message_die(CTL_USAGE, "-p %s: is not a number from 1 to %d",
		    ctl->call_priority, PRIORITY_MAX);
	if (ctl->call_retries != NULL &&
	    !units_parse_count(ctl->call_retries, 0, RETRIES_MAX, &ignored))
		message_die(CTL_USAGE, "-r %s: is not a number from 0 to %d",
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
	client_answer_free(&answer);
	free(path);
	json_object_put(params);
	return (status);
}

#define BLANKS " \t\r\n"

/* The list becomes the only member of an object. */
static struct json_object *
cmd_batch_wrap(struct json_object *list)
{
	struct json_object *body = message_need(json_object_new_object());

	if (json_object_object_add(body, "requests", list) == -1)
		message_no_memory();
	return (body);
}

static struct json_object *
cmd_batch_one(struct json_object *call)
{
	struct json_object *list = message_need(json_object_new_array());

	if (json_object_array_add(list, call) == -1)
		message_no_memory();
	return (cmd_batch_wrap(list));
}

static bool
cmd_batch_is_blank(const char *line, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (memchr(BLANKS, line[i], strlen(BLANKS)) == NULL)
			return (false);
	return (true);
}

/* Adds the call of a line, if there is one on it. */
static bool
cmd_batch_add_line(struct json_object *list, const char *line, size_t len,
    char reason[static JSON_REASON_SIZE])
{
	struct json_object *call;

	if (cmd_batch_is_blank(line, len))
		return (true);
	if (!json_parse(line, len, &call, reason))
		return (false);
	if (json_object_array_add(list, call) == -1)
		message_no_memory();
	return (true);
}

static struct json_object *
cmd_batch_lines(const char *text, size_t len, const char *name, char *why)
{
	struct json_object *list = message_need(json_object_new_array());
	const char *line = text, *end = text + len;
	char reason[JSON_REASON_SIZE];

	for (size_t number = 1; line < end; number++) {
		const char *stop = memchr(line, '\n', (size_t)(end - line));

		if (stop == NULL)
			stop = end;
		if (!cmd_batch_add_line(
			list, line, (size_t)(stop - line), reason)) {
			snprintf(why, PARAMS_WHY_SIZE,
			    "%s:%zu: is not JSON: %s", name, number, reason);
			json_object_put(list);
			return (NULL);
		}
		line = stop + 1;
	}
	return (cmd_batch_wrap(list));
}

/*
 * Makes the body of a batch of text: an array of calls, an object with the
 * member "requests", or calls one a line.  Returns it, to be put, or NULL with
 * the reason in why, which begins with name.
 */
static struct json_object *
cmd_batch_input(const char *text, size_t len, const char *name,
    char why[static PARAMS_WHY_SIZE])
{
	struct json_object *whole;
	char reason[JSON_REASON_SIZE];
	size_t mark = utf8_mark(text, len);

	text += mark;
	len -= mark;
	if (!json_parse(text, len, &whole, reason))
		return (cmd_batch_lines(text, len, name, why));
	if (json_object_is_type(whole, json_type_array))
		return (cmd_batch_wrap(whole));
	if (json_object_object_get_ex(whole, "requests", NULL))
		return (whole);
	return (cmd_batch_one(whole));
}

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
		body = cmd_batch_input(text, len, name, why);
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
	client_answer_free(&answer);
	json_object_put(body);
	return (status);
}
