/*
 * The administrators' part of the interface: a table says what each action is
 * sent with and what it answers.  Only the control socket leads here, and who
 * may connect to that may do all of it.  The master does it, not we.
 */

#include "common/json.h"
#include "common/utf8.h"
#include "conf/conf.h"
#include "conf/conf_value.h"
#include "frontend/api/admin.h"
#include "frontend/api/api.h"
#include "frontend/http/body.h"
#include "frontend/http/conn.h"
#include "frontend/http/reply.h"
#include "frontend/http/server.h"

#include <json-c/json.h>

#include <stdio.h>
#include <string.h>

#include <event2/http.h>

#define LINE_SIZE 2048

/* What an action takes is the value of a setting, and checked like it. */
static const struct action {
	const char *name;
	const char *member, *setting; /* of the body; NULL: it has none */
	int status;
	const char *done; /* member that is true in the answer; or NULL */
} actions[ADMIN_ACTIONS] = {
    [ADMIN_RELOAD] = {"reload", NULL, NULL, 200, "reloaded"},
    [ADMIN_AGENTS] = {"agents", "agents", "agents", 200, NULL},
    [ADMIN_DRAIN] = {"drain", NULL, NULL, 202, "draining"},
    [ADMIN_LOG] = {"log", "level", "log_level", 200, NULL},
};

/* Reads a value as that setting takes it.  0, or -1 with the reason in why. */
static int
api_admin_value(const char *setting, struct json_object *json, int64_t *value,
    char why[static CONF_WHY_SIZE])
{
	const struct conf_setting *s = conf_setting_find(setting);
	bool word = s->type == CONF_WORD;
	struct conf scratch = {0};
	char number[24];

	if (word ? !json_object_is_type(json, json_type_string)
		 : !json_is_int64(json)) {
		snprintf(why, CONF_WHY_SIZE, "expected %s",
		    word ? "a string" : "a whole number");
		return (-1);
	}
	snprintf(number, sizeof(number), "%lld",
	    (long long)json_object_get_int64(json));
	if (conf_value_set(&scratch, s,
		word ? json_object_get_string(json) : number, why) == -1)
		return (-1);
	memcpy(value, (const char *)&scratch + s->offset, sizeof(*value));
	return (0);
}

/* The reverse, for the answer. */
static struct json_object *
api_admin_value_json(const char *setting, int64_t value)
{
	const struct conf_setting *s = conf_setting_find(setting);
	struct conf scratch = {0};

	memcpy((char *)&scratch + s->offset, &value, sizeof(value));
	return (conf_value_to_json(&scratch, s));
}

static const char *
api_admin_unknown_member(const struct action *action, struct json_object *body)
{
	struct json_object_iterator at = json_object_iter_begin(body);
	struct json_object_iterator end = json_object_iter_end(body);
	const char *name;

	for (; !json_object_iter_equal(&at, &end); json_object_iter_next(&at)) {
		name = json_object_iter_peek_name(&at);
		if (action->member == NULL || strcmp(name, action->member) != 0)
			return (name);
	}
	return (NULL);
}

/*
 * The master knows what it can open itself, and says so; but not what we have
 * left.
 */
static bool
api_admin_agents_fit(struct conn *conn, int64_t agents)
{
	int64_t room = server_agents_room();

	if (agents <= room || agents > room + (int64_t)conn_count())
		return (true);
	reply_problem(conn, PROBLEM_BAD_REQUEST,
	    "agents: beside the connections that are open the front end has "
	    "descriptors for %lld: raise the hard limit, see setrlimit(2)",
	    (long long)(room < 0 ? 0 : room));
	return (false);
}

/* The body must be the member that the action has, and nothing else. */
static void
api_admin_take(
    struct conn *conn, enum wire_admin_action which, struct json_object *body)
{
	const struct action *action = &actions[which];
	const char *unknown = api_admin_unknown_member(action, body);
	struct json_object *member = NULL;
	char why[CONF_WHY_SIZE];
	int64_t value = 0;

	if (unknown != NULL) {
		reply_problem(conn, PROBLEM_BAD_REQUEST,
		    "unknown member \"%.64s\"", unknown);
		return;
	}
	if (action->member != NULL &&
	    !json_object_object_get_ex(body, action->member, &member))
		reply_problem(
		    conn, PROBLEM_BAD_REQUEST, "%s is missing", action->member);
	else if (action->member != NULL &&
		 api_admin_value(action->setting, member, &value, why) == -1)
		reply_problem(
		    conn, PROBLEM_BAD_REQUEST, "%s: %s", action->member, why);
	else if (which != ADMIN_AGENTS || api_admin_agents_fit(conn, value))
		admin_ask(conn, which, value);
}

/* No body at all is an empty object. */
static void
api_admin_read(struct conn *conn, enum wire_admin_action which)
{
	char reason[JSON_REASON_SIZE];
	struct json_object *body;
	const char *text;
	size_t len;

	if (!body_text(conn, &text, &len)) {
		reply_problem(conn, PROBLEM_NO_MEMORY, "out of memory");
		return;
	}
	if (!json_parse(
		len == 0 ? "{}" : text, len == 0 ? 2 : len, &body, reason)) {
		reply_problem(conn, PROBLEM_BAD_REQUEST,
		    "the body is not JSON: %s", reason);
		return;
	}
	if (json_object_is_type(body, json_type_object))
		api_admin_take(conn, which, body);
	else
		reply_problem(conn, PROBLEM_BAD_REQUEST,
		    "the body must be a JSON object");
	json_object_put(body);
}

void
api_admin(struct conn *conn, const char *param)
{
	for (unsigned int i = 0; i < ADMIN_ACTIONS; i++) {
		if (strcmp(actions[i].name, param) != 0)
			continue;
		if (strchr(evhttp_request_get_uri(conn->req), '?') == NULL)
			api_admin_read(conn, i);
		else
			reply_problem(conn, PROBLEM_BAD_REQUEST,
			    "no query is allowed here");
		return;
	}
	reply_problem(conn, PROBLEM_NOT_FOUND, "no such path");
}

/* A line as a string, or as an object that has it as its detail. */
static struct json_object *
api_admin_line(const char *text, size_t len, bool object)
{
	char line[LINE_SIZE];
	struct json_object *string, *o;

	snprintf(line, sizeof(line), "%.*s", (int)len, text);
	utf8_clean(line);
	string = json_object_new_string(line);
	if (!object)
		return (string);
	o = json_object_new_object();
	json_add(&o, "detail", string);
	return (o);
}

static struct json_object *
api_admin_lines(const char *text, size_t len, bool objects)
{
	struct json_object *list = json_object_new_array();
	const char *end;

	while ((end = memchr(text, '\n', len)) != NULL) {
		json_append(
		    &list, api_admin_line(text, (size_t)(end - text), objects));
		len -= (size_t)(end + 1 - text);
		text = end + 1;
	}
	return (list);
}

static void
api_admin_good(struct conn *conn, const struct wire_admin *request,
    const char *text, size_t len)
{
	const struct action *action = &actions[request->action];
	struct json_object *o = json_object_new_object();

	if (request->action == ADMIN_AGENTS)
		server_agents_wanted(request->value);
	if (action->member != NULL)
		json_add(&o, action->member,
		    api_admin_value_json(action->setting, request->value));
	if (action->done != NULL)
		json_add(&o, action->done, json_object_new_boolean(true));
	if (request->action == ADMIN_RELOAD)
		json_add(&o, "warnings", api_admin_lines(text, len, false));
	reply_json(conn, action->status, o);
}

/* Of the four actions, only these two fail. */
static void
api_admin_bad_agents(struct conn *conn, const char *text, size_t len)
{
	char line[LINE_SIZE];

	snprintf(line, sizeof(line), "%.*s", (int)len, text);
	line[strcspn(line, "\n")] = '\0';
	utf8_clean(line);
	reply_problem(conn, PROBLEM_BAD_REQUEST, "agents: %s", line);
}

static void
api_admin_bad_reload(struct conn *conn, const char *text, size_t len)
{
	struct json_object *list = api_admin_lines(text, len, true);
	const char *errors = NULL;
	size_t errors_len = 0;

	if (list != NULL)
		errors = json_text(list, &errors_len);
	reply_problem_errors(conn, PROBLEM_RELOAD_FAILED, errors, errors_len,
	    "the old configuration is in force");
	json_object_put(list);
}

void
api_admin_done(struct conn *conn, const struct wire_admin *request,
    enum wire_admin_outcome outcome, const char *text, size_t len)
{
	if (outcome == ADMIN_TAKEN)
		api_admin_good(conn, request, text, len);
	else if (outcome == ADMIN_STOPPING)
		reply_problem(conn, PROBLEM_DRAINING, "the daemon stops");
	else if (request->action == ADMIN_AGENTS)
		api_admin_bad_agents(conn, text, len);
	else
		api_admin_bad_reload(conn, text, len);
}
