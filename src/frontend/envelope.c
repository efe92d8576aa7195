/*
 * Reads and checks what surrounds a tool's parameters.  The parameters
 * themselves are the agent's to check.  One table says what each member must
 * be, whether it comes in the body or in the query.
 */

#include "frontend/envelope.h"
#include "common/clock.h"
#include "common/conf.h"
#include "common/json.h"
#include "frontend/frontend.h"

#include <json-c/json.h>

#include <sys/queue.h>

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <event2/http.h>
#include <event2/keyvalq_struct.h>

#define PRIORITY_LOWEST 5
#define PRIORITY_DEFAULT 3
#define RETRIES_MAX 100

static int envelope_fail(struct envelope *, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

static int
envelope_fail(struct envelope *e, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(e->error, sizeof(e->error), fmt, ap);
	va_end(ap);
	return (-1);
}

static int
envelope_set_tool(struct envelope *e, struct json_object *value)
{
	if (!json_object_is_type(value, json_type_string))
		return (envelope_fail(e, "tool_name must be a string"));
	e->tool = json_object_get_string(value);
	if (strlen(e->tool) != (size_t)json_object_get_string_len(value))
		return (envelope_fail(e, "tool_name holds a NUL"));
	return (0);
}

static int
envelope_set_params(struct envelope *e, struct json_object *value)
{
	if (!json_object_is_type(value, json_type_object))
		return (envelope_fail(e, "params must be an object"));
	if ((e->params = json_text(value, &e->params_len)) == NULL)
		return (envelope_fail(e, "out of memory"));
	return (0);
}

static int
envelope_set_timeout(struct envelope *e, struct json_object *value)
{
	double max = (double)frontend.conf->max_timeout_ms / 1000, seconds;

	if (!json_object_is_type(value, json_type_int) &&
	    !json_object_is_type(value, json_type_double))
		return (envelope_fail(
		    e, "timeout must be a number of seconds"));
	seconds = json_object_get_double(value);
	if (!(seconds > 0) || seconds > max)
		return (envelope_fail(
		    e, "timeout must be over 0 and at most %g seconds", max));
	e->timeout_ns = (int64_t)(seconds * NS_PER_SEC);
	return (0);
}

static int
envelope_integer(struct envelope *e, struct json_object *value,
    const char *name, int64_t min, int64_t max, int64_t *out)
{
	double number;

	if (!json_object_is_type(value, json_type_int) &&
	    !json_object_is_type(value, json_type_double))
		return (envelope_fail(e, "%s must be an integer", name));
	number = json_object_get_double(value);
	if (number != floor(number) || number < (double)min ||
	    number > (double)max)
		return (envelope_fail(e, "%s must be an integer from %lld to "
					 "%lld",
		    name, (long long)min, (long long)max));
	*out = (int64_t)number;
	return (0);
}

static int
envelope_set_priority(struct envelope *e, struct json_object *value)
{
	int64_t priority = PRIORITY_DEFAULT;
	int rc = envelope_integer(
	    e, value, "priority", 1, PRIORITY_LOWEST, &priority);

	e->priority = (int)priority;
	return (rc);
}

static int
envelope_set_retries(struct envelope *e, struct json_object *value)
{
	return (envelope_integer(
	    e, value, "retries", 0, RETRIES_MAX, &e->retries));
}

static const struct member {
	const char *name;
	bool option;	/* may stand in the query */
	int (*set)(struct envelope *, struct json_object *);
} members[] = {
    {"tool_name", false, envelope_set_tool},
    {"params", false, envelope_set_params},
    {"timeout", true, envelope_set_timeout},
    {"priority", true, envelope_set_priority},
    {"retries", true, envelope_set_retries},
};

static const struct member *
envelope_member(const char *name)
{
	for (size_t i = 0; i < sizeof(members) / sizeof(members[0]); i++)
		if (strcmp(members[i].name, name) == 0)
			return (&members[i]);
	return (NULL);
}

static int
envelope_read_members(struct envelope *e)
{
	struct json_object_iterator it = json_object_iter_begin(e->body);
	struct json_object_iterator end = json_object_iter_end(e->body);

	for (; !json_object_iter_equal(&it, &end); json_object_iter_next(&it)) {
		const char *name = json_object_iter_peek_name(&it);
		const struct member *member = envelope_member(name);

		if (member == NULL)
			return (envelope_fail(
			    e, "unknown member \"%.64s\"", name));
		if (member->set(e, json_object_iter_peek_value(&it)) == -1)
			return (-1);
	}
	if (e->tool == NULL)
		return (envelope_fail(e, "tool_name is missing"));
	return (0);
}

int
envelope_read(struct envelope *e, const char *text, size_t len,
    const char *tool)
{
	char reason[JSON_REASON_SIZE];

	memset(e, 0, sizeof(*e));
	e->tool = tool;
	e->timeout_ns = frontend.conf->timeout_ms * NS_PER_MS;
	e->priority = PRIORITY_DEFAULT;
	e->params = "{}";
	e->params_len = 2;
	if (tool != NULL && len == 0)
		return (0);
	if (!json_parse(text, len, &e->body, reason))
		return (envelope_fail(e, "the body is not JSON: %s", reason));
	if (!json_object_is_type(e->body, json_type_object))
		return (envelope_fail(e, "the body must be a JSON object"));
	return (tool == NULL ? envelope_read_members(e)
			     : envelope_set_params(e, e->body));
}

/* A number as it stands in a query; anything else is no JSON number. */
static int
envelope_read_option(struct envelope *e, const char *name, const char *text)
{
	const struct member *member = envelope_member(name);
	char reason[JSON_REASON_SIZE];
	struct json_object *value;
	int rc;

	if (member == NULL || !member->option)
		return (envelope_fail(
		    e, "unknown query parameter \"%.64s\"", name));
	if (!json_parse(text, strlen(text), &value, reason))
		return (envelope_fail(e, "%s must be a number", name));
	rc = member->set(e, value);
	json_object_put(value);
	return (rc);
}

int
envelope_read_query(struct envelope *e, const char *uri, bool options)
{
	const char *query = strchr(uri, '?');
	struct evkeyvalq pairs;
	struct evkeyval *pair;
	int rc = 0;

	if (query == NULL || query[1] == '\0')
		return (0);
	if (!options)
		return (envelope_fail(e, "no query is allowed here"));
	if (strstr(query, "%00") != NULL) /* would end a value early */
		return (envelope_fail(e, "the query holds a NUL"));
	if (evhttp_parse_query_str(query + 1, &pairs) == -1)
		return (envelope_fail(e, "the query cannot be read"));
	TAILQ_FOREACH (pair, &pairs, next)
		if (rc == 0)
			rc = envelope_read_option(e, pair->key, pair->value);
	evhttp_clear_headers(&pairs);
	return (rc);
}

void
envelope_free(struct envelope *e)
{
	json_object_put(e->body);
}
