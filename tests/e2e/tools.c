/*
 * Daemons with tools from manifests.  Used by the tests of commands and of
 * coprocesses.
 */

#include "tools.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define ID "5a4e2b5c-7c2d-4d43-8e39-0d0a3a1b9c11"

/* The time an agent has to be back; machines with sanitizers are slower. */
static int
tool_recovery_ms(void)
{
	return (within_ms(built_with_sanitizers() ? 5000 : 2000));
}

static const char *
tool_program(const char *name)
{
	static char path[PATH_MAX];
	char near[PATH_MAX];

	snprintf(near, sizeof(near), "%s/tests/bin/%s", test_builddir(), name);
	assert_non_null(realpath(near, path));
	return (path);
}

void
tool_write(struct daemon *d, const char *name, const char *kind,
    const char *program, const char *words, const char *members)
{
	char path[192];
	FILE *file;

	snprintf(path, sizeof(path), "%s/tools.d/%s.json", d->dir, name);
	assert_non_null(file = fopen(path, "we"));
	fprintf(file,
	    "{\"name\": \"%s\", \"description\": \"A tool of the tests\",\n"
	    "\"parameters\": {\"type\": \"object\", \"properties\": "
	    "{\"a\": {}, \"b\": {}}},\n\"%s\": [\"%s\"%s%s]%s}\n",
	    name, kind, program[0] == '/' ? program : tool_program(program),
	    words[0] == '\0' ? "" : ", ", words, members);
	assert_int_equal(fclose(file), 0);
}

void
tool_write_plugin(struct daemon *d, const char *name, const char *object)
{
	char members[PATH_MAX + 128];

	snprintf(members, sizeof(members),
	    "\"parameters\": {\"type\": \"object\"},\n\"plugin\": \"%s\"",
	    tool_plugin(d, object));
	tool_write_members(d, name, members);
}

struct daemon *
tool_daemon(const char *settings, const char *kind, const char *program,
    const char *words, const char *members)
{
	struct daemon *d = daemon_prepare();
	struct daemon_options o = {NULL};
	char all[512];

	tool_write(d, "tool", kind, program, words, members);
	snprintf(
	    all, sizeof(all), "tools_dir = \"@DIR@/tools.d\"\n%s", settings);
	daemon_configure(d, all);
	daemon_spawn(d, &o);
	return (d);
}

struct reply *
tool_call(struct daemon *d, const char *params, const char *members)
{
	struct conn *conn = call_begin(d, ID, "tool", params, members);
	struct reply *reply = http_answer(conn);

	/* The same connection answers the next, and nothing else. */
	http_request(conn, "GET", "/livez", NULL, NULL);
	expect(http_answer(conn), 200, NULL);
	assert_int_equal(conn->len, 0);
	http_close(conn);
	assert_string_equal(reply_header(reply, "X-Request-Id"), ID);
	return (reply);
}

void
tool_row_check(const struct tool_row *row, struct reply *reply)
{
	if (row->code != NULL)
		check_problem(reply, row->status, row->code);
	if (reply->status != row->status)
		fail_msg("%d instead of %d: %s", reply->status, row->status,
		    reply->body);
	if (strstr(reply->body, row->text) == NULL)
		fail_msg("no %s in %s", row->text, reply->body);
	if (row->not != NULL && strstr(reply->body, row->not ) != NULL)
		fail_msg("%s in %s", row->not, reply->body);
	reply_free(reply);
}

/*
 * At a deadline it is the tool that is killed and not the agent, but a busy
 * machine may be too late for that.
 */
void
tool_check_restarts(struct daemon *d, const struct tool_row *row)
{
	if (row->status != 504) {
		assert_int_equal(stat_of(d, "agent_restarts"), 0);
		assert_int_equal(stat_of(d, "late_results"), 0);
	}
}

void
tool_row_run(const struct tool_row *row, const char *settings, const char *kind,
    const char *program, int per_agent)
{
	struct daemon *d = tool_daemon(settings, kind, program, row->words,
	    row->members == NULL ? "" : row->members);
	struct health before;

	health_take(d, &before);
	tool_row_check(
	    row, tool_call(d, row->params == NULL ? "{}" : row->params,
		     row->timeout == NULL ? "" : row->timeout));
	health_check(d, &before, tool_recovery_ms());
	tool_check_restarts(d, row);
	daemon_stop(d);
}

void
tool_write_members(struct daemon *d, const char *name, const char *members)
{
	char path[192];
	FILE *file;

	snprintf(path, sizeof(path), "%s/tools.d/%s.json", d->dir, name);
	assert_non_null(file = fopen(path, "we"));
	fprintf(file,
	    "{\"name\": \"%s\", \"description\": \"A tool of the "
	    "tests\",\n%s}\n",
	    name, members);
	assert_int_equal(fclose(file), 0);
}

const char *
tool_plugin(struct daemon *d, const char *name)
{
	static char path[PATH_MAX];
	char from[PATH_MAX];

	snprintf(
	    from, sizeof(from), "%s/tests/plugin/%s.so", test_builddir(), name);
	snprintf(path, sizeof(path), "%s/tools.d/%s.so", d->dir, name);
	if (access(path, F_OK) == -1)
		file_copy(from, path);
	return (path);
}
