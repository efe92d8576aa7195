/*
 * Takes bodies apart whose members are known, and arrays, without building what
 * is in them: what a client sent is kept as the text that it is, until its turn
 * comes.
 */

#include "frontend/http/body.h"
#include "common/json.h"
#include "common/sys.h"
#include "common/utf8.h"
#include "frontend/http/conn.h"
#include "frontend/problem.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <event2/buffer.h>
#include <event2/http.h>

struct body_walk {
	const struct body_member *members;
	struct slice *found;
	char error[160];
};

static bool
body_take(
    void *arg, const char *name, size_t name_len, const char *text, size_t len)
{
	struct body_walk *walk = arg;
	const struct body_member *m = walk->members;

	while (m->name != NULL && (strlen(m->name) != name_len ||
				      memcmp(m->name, name, name_len) != 0))
		m++;
	if (m->name == NULL)
		snprintf(walk->error, sizeof(walk->error),
		    "unknown member \"%.*s\"",
		    name_len > 64 ? 64 : (int)name_len, name);
	else if (walk->found[m - walk->members].text != NULL)
		snprintf(walk->error, sizeof(walk->error), "%s is there twice",
		    m->name);
	else
		walk->found[m - walk->members] = (struct slice){text, len};
	return (walk->error[0] == '\0');
}

static bool
body_is_whole(struct body_walk *walk)
{
	for (const struct body_member *m = walk->members; m->name != NULL; m++)
		if (m->required &&
		    walk->found[m - walk->members].text == NULL) {
			snprintf(walk->error, sizeof(walk->error),
			    "%s is missing", m->name);
			return (false);
		}
	return (true);
}

/* What is wrong with a text that is not walked over. */
static void
body_explain(struct body_walk *walk, const char *text, size_t len)
{
	char reason[JSON_REASON_SIZE];

	if (json_explain(text, len, reason))
		snprintf(walk->error, sizeof(walk->error),
		    "the body is not JSON: %s", reason);
	else
		strlcpy(walk->error, "the body must be a JSON object",
		    sizeof(walk->error));
}

bool
body_text(struct conn *conn, const char **text, size_t *len)
{
	struct evbuffer *in = evhttp_request_get_input_buffer(conn->req);
	size_t mark;

	*len = evbuffer_get_length(in);
	*text = *len == 0 ? "" : (const char *)evbuffer_pullup(in, -1);
	if (*text == NULL)
		return (false);
	mark = utf8_mark(*text, *len);
	*text += mark;
	*len -= mark;
	return (true);
}

int
body_read(struct conn *conn, const struct body_member *members,
    struct slice *found, struct refusal *refusal)
{
	struct body_walk walk = {.members = members, .found = found};
	const char *text;
	size_t len;
	int rc;

	for (size_t i = 0; members[i].name != NULL; i++)
		found[i] = (struct slice){0};
	if (!body_text(conn, &text, &len))
		return (problem_refuse(
		    refusal, PROBLEM_NO_MEMORY, "out of memory"));
	rc = json_walk(text, len, body_take, &walk);
	if (rc == -1)
		body_explain(&walk, text, len);
	else if (strchr(evhttp_request_get_uri(conn->req), '?') != NULL)
		strlcpy(
		    walk.error, "no query is allowed here", sizeof(walk.error));
	else if (rc == 1 && body_is_whole(&walk))
		return (0);
	return (problem_refuse(refusal, PROBLEM_BAD_REQUEST, "%s", walk.error));
}

static bool
body_grow(struct slices *slices)
{
	size_t size = slices->size == 0 ? 16 : 2 * slices->size;
	struct slice *bigger = sys.malloc(size * sizeof(*bigger));

	if (bigger == NULL)
		return (false);
	if (slices->count > 0)
		memcpy(bigger, slices->at, slices->count * sizeof(*bigger));
	free(slices->at);
	slices->at = bigger;
	slices->size = size;
	return (true);
}

static bool
body_add(
    void *arg, const char *name, size_t name_len, const char *text, size_t len)
{
	struct slices *slices = arg;

	if (slices->count == slices->max ||
	    (slices->count == slices->size && !body_grow(slices)))
		return (false);
	slices->at[slices->count++] = (struct slice){text, len};
	return (true);
}

enum slices_outcome
body_read_array(struct slices *slices, const char *text, size_t len, size_t max)
{
	int rc;

	memset(slices, 0, sizeof(*slices));
	slices->max = max;
	rc = json_walk_array(text, len, body_add, slices);
	if (rc == -1)
		return (SLICES_NO_ARRAY);
	if (rc == 1)
		return (SLICES_READ);
	return (slices->count == max ? SLICES_TOO_MANY : SLICES_NO_MEMORY);
}
