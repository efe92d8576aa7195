/*
 * Reads and checks what surrounds a tool's parameters.  The parameters
 * themselves are the agent's to check.  One table says what each member must
 * be, whether it comes in the body or in the query.
 */

#include "frontend/api/envelope.h"
#include "common/clock.h"
#include "common/json.h"
#include "common/utf8.h"
#include "conf/conf.h"
#include "frontend/globals.h"

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
	utf8_clean(e->error); /* a name may have been cut */
	return (-1);
}

static int
envelope_set_tool(struct envelope *e, struct json_object *value)
{
	if (!json_object_is_type(value, json_type_string))
		return (envelope_fail(e, "tool_name must be a string"));
	e->held = json_object_get(value);
	if ((e->tool = json_string(value)) == NULL)
		return (envelope_fail(e, "tool_name holds a NUL"));
	return (0);
}

static int
envelope_set_timeout(struct envelope *e, struct json_object *value)
{
	double max = (double)frontend.conf->max_timeout_ms / 1000, seconds;

	if (!json_object_is_type(value, json_type_int) &&
	    !json_object_is_type(value, json_type_double))
		return (
		    envelope_fail(e, "timeout must be a number of seconds"));
	seconds = json_object_get_double(value);
	if (frontend.conf->compatible && seconds <= 0)
		return (0); /* the Go program's "none" */
	if (frontend.conf->compatible && seconds > max)
		seconds = max;
	if (!(seconds > 0) || seconds > max)
		return (envelope_fail(
		    e, "timeout must be over 0 and at most %g seconds", max));
	e->timeout_ns = (int64_t)ceil(seconds * NS_PER_SEC);
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
		return (envelope_fail(e,
		    "%s must be an integer from %lld to "
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
	return (
	    envelope_integer(e, value, "retries", 0, RETRIES_MAX, &e->retries));
}

#define ID_CHARACTERS                \
	"ABCDEFGHIJKLMNOPQRSTUVWXYZ" \
	"abcdefghijklmnopqrstuvwxyz" \
	"0123456789_-"

static int
envelope_set_id(struct envelope *e, struct json_object *value)
{
	const char *id = json_object_get_string(value);
	size_t len = (size_t)json_object_get_string_len(value);

	if (!json_object_is_type(value, json_type_string) || len == 0 ||
	    len > STEP_ID_MAX || strspn(id, ID_CHARACTERS) != len)
		return (envelope_fail(e,
		    "id must be 1 to %d of A-Z, a-z, 0-9, _ and -",
		    STEP_ID_MAX));
	memcpy(e->id, id, len + 1);
	return (0);
}

static const struct member {
	const char *name;
	bool option; /* may stand in the query */
	int (*set)(struct envelope *, struct json_object *); /* NULL: params */
} members[] = {
    {"tool_name", false, envelope_set_tool}, {"params", false, NULL},
    {"timeout", true, envelope_set_timeout},
    {"priority", true, envelope_set_priority},
    {"retries", true, envelope_set_retries},
    {"id", false, envelope_set_id}, /* of steps only */
};

static const struct member *
envelope_member(const struct envelope *e, const char *name, size_t len)
{
	for (size_t i = 0; i < sizeof(members) / sizeof(members[0]); i++)
		if ((e->step || members[i].set != envelope_set_id) &&
		    strlen(members[i].name) == len &&
		    memcmp(members[i].name, name, len) == 0)
			return (&members[i]);
	return (NULL);
}

static int
envelope_set(struct envelope *e, const struct member *member, const char *text,
    size_t len)
{
	char reason[JSON_REASON_SIZE];
	struct json_object *value;
	int rc;

	/* No member may be one, and what is in it may be large. */
	if (len > 0 && (text[0] == '{' || text[0] == '[')) {
		text = "[]";
		len = 2;
	}
	if (!json_parse(text, len, &value, reason))
		return (envelope_fail(e, "%s: %s", member->name, reason));
	rc = member->set(e, value);
	json_object_put(value);
	return (rc);
}

/*
 * A name without escapes is what stands between its quotes, which the walk has
 * seen to be UTF-8; most calls are spared the parser so.  False: it has some.
 */
static bool
envelope_set_plain_tool(struct envelope *e, const char *text, size_t len)
{
	if (text[0] != '"' || len - 2 >= sizeof(e->name) ||
	    memchr(text, '\\', len) != NULL)
		return (false);
	memcpy(e->name, text + 1, len - 2);
	e->name[len - 2] = '\0';
	e->tool = e->name;
	return (true);
}

static int
envelope_set_params(struct envelope *e, const char *text, size_t len)
{
	if (frontend.conf->compatible && text[0] == 'n')
		return (0); /* null */
	if (text[0] != '{')
		return (envelope_fail(e, "params must be an object"));
	e->params = text;
	e->params_len = len;
	return (0);
}

/* No name of ours needs an escape, so one that has any is unknown. */
static bool
envelope_take(
    void *arg, const char *name, size_t name_len, const char *text, size_t len)
{
	struct envelope *e = arg;
	const struct member *member = envelope_member(e, name, name_len);
	unsigned int bit;

	if (member == NULL && frontend.conf->compatible)
		return (true);
	if (member == NULL) {
		envelope_fail(e, "unknown member \"%.*s\"",
		    name_len > 64 ? 64 : (int)name_len, name);
		return (false);
	}
	bit = 1u << (member - members);
	if (e->seen & bit) {
		envelope_fail(e, "%s is there twice", member->name);
		return (false);
	}
	e->seen |= bit;
	if (member->set == NULL)
		return (envelope_set_params(e, text, len) == 0);
	if (member->set == envelope_set_tool &&
	    envelope_set_plain_tool(e, text, len))
		return (true);
	return (envelope_set(e, member, text, len) == 0);
}

static bool
envelope_skip(
    void *arg, const char *name, size_t name_len, const char *text, size_t len)
{
	return (true);
}

/* What is wrong with a text that is not walked over. */
static int
envelope_explain(struct envelope *e, const char *text, size_t len)
{
	char reason[JSON_REASON_SIZE];

	if (json_explain(text, len, reason))
		return (envelope_fail(e, "the body is not JSON: %s", reason));
	return (envelope_fail(e, "the body must be a JSON object"));
}

static int
envelope_read_text(
    struct envelope *e, const char *text, size_t len, const char *tool)
{
	int rc;

	e->tool = tool;
	e->priority = PRIORITY_DEFAULT;
	e->retries = -1;
	e->params = "{}";
	e->params_len = 2;
	if (tool != NULL && len == 0)
		return (0);
	rc = json_walk(
	    text, len, tool == NULL ? envelope_take : envelope_skip, e);
	if (rc == -1)
		return (envelope_explain(e, text, len));
	if (rc == 0)
		return (-1);
	if (tool != NULL) {
		e->params = text;
		e->params_len = len;
	} else if (e->tool == NULL) {
		return (envelope_fail(e, "tool_name is missing"));
	}
	return (0);
}

int
envelope_read(
    struct envelope *e, const char *text, size_t len, const char *tool)
{
	memset(e, 0, sizeof(*e));
	return (envelope_read_text(e, text, len, tool));
}

int
envelope_read_step(struct envelope *e, const char *text, size_t len)
{
	memset(e, 0, sizeof(*e));
	e->step = true;
	return (envelope_read_text(e, text, len, NULL));
}

int
envelope_read_timeout(struct envelope *e, const char *text, size_t len)
{
	return (envelope_set(e, envelope_member(e, "timeout", 7), text, len));
}

/* A number stands in a query as it does in a body. */
static int
envelope_read_option(struct envelope *e, const char *name, const char *text)
{
	const struct member *member = envelope_member(e, name, strlen(name));

	if (member == NULL || !member->option)
		return (envelope_fail(
		    e, "unknown query parameter \"%.64s\"", name));
	return (envelope_set(e, member, text, strlen(text)));
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
	json_object_put(e->held);
}
