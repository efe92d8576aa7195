/*
 * Takes out of a request what the manifest of a tool names in pass_headers.
 * The values are what anybody may send: they go on as text or not at all.
 * Nothing of them is ever logged.
 */

#include "frontend/api/passed.h"
#include "common/json.h"
#include "common/utf8.h"
#include "frontend/caller.h"
#include "frontend/http/conn.h"
#include "frontend/problem.h"
#include "frontend/router/call.h"
#include "frontend/router/tool.h"

#include <json-c/json.h>

#include <sys/queue.h>

#include <stdio.h>
#include <string.h>

#include <event2/http.h>
#include <event2/keyvalq_struct.h>

/* A value under way; a header that is there twice is one list. */
struct value {
	char text[PASSED_MAX + 1];
	size_t len;
	bool found;
};

static bool
passed_value_is_text(const char *text, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (((unsigned char)text[i] < ' ' && text[i] != '\t') ||
		    text[i] == 127)
			return (false);
	return (utf8_valid(text, len));
}

/* False when it is too long. */
static bool
passed_value_add(struct value *value, const char *name, const char *text)
{
	const char *between = strcasecmp(name, "Cookie") == 0 ? "; " : ", ";
	size_t len;

	if (value->found && strlcat(value->text, between,
				sizeof(value->text)) >= sizeof(value->text))
		return (false);
	value->found = true;
	len = strlcat(value->text, text, sizeof(value->text));
	if (len >= sizeof(value->text))
		return (false);
	value->len = len;
	return (true);
}

static bool
passed_value_read(struct value *value, const char *name,
    const struct call *call, struct conn *conn)
{
	struct evkeyvalq *headers = evhttp_request_get_input_headers(conn->req);
	struct evkeyval *header;

	value->text[0] = '\0';
	value->len = 0;
	value->found = false;
	if (strcasecmp(name, PASSED_CLIENT) == 0)
		return (passed_value_add(value, name, call->caller->address));
	TAILQ_FOREACH (header, headers, next)
		if (strcasecmp(header->key, name) == 0 &&
		    !passed_value_add(value, name, header->value))
			return (false);
	return (true);
}

/* Adds one header, if it is there. */
static int
passed_take(struct json_object **o, const char *name, size_t *room,
    const struct call *call, struct conn *conn, struct refusal *refusal)
{
	struct value value;

	if (!passed_value_read(&value, name, call, conn) ||
	    value.len + strlen(name) > *room)
		return (problem_refuse(refusal, PROBLEM_HEADERS_TOO_LARGE,
		    "the headers for the tool have more than %d bytes, with %s",
		    PASSED_MAX, name));
	if (!value.found)
		return (0);
	if (!passed_value_is_text(value.text, value.len))
		return (problem_refuse(refusal, PROBLEM_BAD_REQUEST,
		    "the header %s is not text in UTF-8 without control "
		    "characters",
		    name));
	*room -= value.len + strlen(name);
	json_add(
	    o, name, json_object_new_string_len(value.text, (int)value.len));
	return (*o != NULL ? 0
			   : problem_refuse(
				 refusal, PROBLEM_NO_MEMORY, "out of memory"));
}

int
passed_collect(struct call *call, struct conn *conn, struct refusal *refusal)
{
	struct json_object *names = call->tool->pass_headers;
	size_t count = json_object_array_length(names), room = PASSED_MAX;
	struct json_object *o;
	const char *text;
	size_t len;
	int rc = 0;

	if (conn->req == NULL || call->caller == NULL ||
	    (o = json_object_new_object()) == NULL)
		return (problem_refuse(
		    refusal, PROBLEM_NO_MEMORY, "out of memory"));
	for (size_t i = 0; i < count && rc == 0; i++)
		rc = passed_take(&o,
		    json_object_get_string(json_object_array_get_idx(names, i)),
		    &room, call, conn, refusal);
	if (rc == 0 && ((text = json_text(o, &len)) == NULL ||
			   call_set_headers(call, text, len) == -1))
		rc =
		    problem_refuse(refusal, PROBLEM_NO_MEMORY, "out of memory");
	json_object_put(o);
	return (rc);
}
