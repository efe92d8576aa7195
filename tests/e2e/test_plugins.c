/*
 * Plugins that break in every way, in a daemon: every caller is answered
 * once, only that call's agent is replaced, and neither the master nor the
 * front end ever loads one.
 */

#include "tools.h"

#include <glob.h>
#include <json-c/json.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define SETTINGS "tools_dir = \"@DIR@/tools.d\"\n"
#define SOON ", \"timeout\": 0.3"
#define FAILED "\"success\":false,\"error\":"
#define DO(action) "{\"action\": \"" action "\"}"

static const struct plugin {
	const char *tool, *object, *config;
} plugins[] = {
    {"abi", "broken_abi", "null"},
    {"constructor", "broken_load", "null"},
    {"example", "example", "null"},
    {"faulty", "fault", "null"},
    {"init_crash", "fault", "\"crash\""},
    {"init_exit", "fault", "\"exit\""},
    {"init_fail", "fault", "\"fail\""},
    {"init_hang", "fault", "\"hang\""},
    {"link", "broken_link", "null"},
    {"symbol", "broken_symbol", "null"},
    {"unterminated", "fault", "\"unterminated\""},
};

static const struct row {
	const char *tool, *params, *members;
	int status;
	const char *code, *text;
	bool dies;
} rows[] = {
    {"example", "{\"text\": \"a b\\n\"}", "", 200, NULL,
	"\"lines\":1,\"words\":2,\"bytes\":4"},
    {"faulty", DO("nothing"), "", 200, NULL, "\"result\":{}"},
    {"faulty", DO("talk"), "", 200, NULL, "\"made\":"},
    {"faulty", DO("crash"), "", 502, "agent_crashed", "signal 11", true},
    {"faulty", "{\"action\": \"exit\", \"status\": 0}", "", 502,
	"agent_crashed", "exited with status 0", true},
    {"faulty", "{\"action\": \"exit\", \"status\": 3}", "", 502,
	"agent_crashed", "exited with status 3", true},
    {"faulty", DO("hang"), SOON, 504, "timeout", "", true},
    {"faulty", "{\"action\": \"result\", \"text\": \"{\"}", "", 200, NULL,
	FAILED "\"the plugin's result is not JSON: "},
    {"faulty", DO("latin1"), "", 200, NULL, "text that is not UTF-8"},
    {"faulty", DO("deep"), "", 200, NULL, "the plugin's result is not JSON"},
    {"faulty", "{\"action\": \"large\", \"status\": 70000}", "", 200, NULL,
	"(max_result)"},
    {"faulty", DO("silent"), "", 200, NULL, "without a word"},
    {"constructor", "{}", "", 502, "agent_crashed", "signal 11", true},
    {"init_crash", "{}", "", 502, "agent_crashed", "signal 11", true},
    {"init_exit", "{}", "", 502, "agent_crashed", "exited with status 7", true},
    {"init_hang", "{}", SOON, 504, "timeout", "", true},
    {"init_fail", "{}", "", 200, NULL, FAILED "\"no licence\""},
    {"unterminated", "{}", "", 200, NULL, FAILED "\"eeee"},
    {"abi", "{}", "", 200, NULL, "built for version 7"},
    {"symbol", "{}", "", 200, NULL, "does not export agentd_tool"},
    {"link", "{}", "", 200, NULL, FAILED "\"the plugin cannot be loaded\""},
};

static void
write_plugin(struct daemon *d, const struct plugin *plugin)
{
	char members[PATH_MAX + 256];

	snprintf(members, sizeof(members),
	    "\"parameters\": {\"type\": \"object\"},\n"
	    "\"plugin\": \"%s\", \"config\": %s",
	    tool_plugin(d, plugin->object), plugin->config);
	tool_write_members(d, plugin->tool, members);
}

static struct daemon *
start(const char *settings)
{
	struct daemon *d = daemon_prepare();
	struct daemon_options o = {NULL};

	for (size_t i = 0; i < COUNT(plugins); i++)
		write_plugin(d, &plugins[i]);
	daemon_configure(d, settings);
	daemon_spawn(d, &o);
	return (d);
}

static void
check(const struct reply *reply, const struct row *row)
{
	if (reply->status != row->status ||
	    strstr(reply->body, row->text) == NULL)
		fail_msg("%s %s: %d %s", row->tool, row->params, reply->status,
		    reply->body);
	if (row->code != NULL)
		check_problem(reply, row->status, row->code);
	/* What is where is nobody's business. */
	assert_null(strstr(reply->body, ".so"));
}

static void
plugins_rows(void **state)
{
	struct daemon *d = start(SETTINGS "max_result = \"64k\"\n");
	struct health before = {0};
	int deaths = 0;

	health_take(d, &before);
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct reply *reply;

		print_message("# %s %s\n", rows[i].tool, rows[i].params);
		reply =
		    call_with(d, rows[i].tool, rows[i].params, rows[i].members);
		check(reply, &rows[i]);
		reply_free(reply);
		deaths += rows[i].dies;
		wait_stat(d, "agent_restarts", deaths);
		health_check(d, &before, WAIT_MS);
	}
	/* exit(3) runs what the plugin has registered, and no more. */
	assert_true(
	    daemon_wait_log(d, ": faulty: the plugin's own atexit", WAIT_MS));
	assert_true(daemon_wait_log(d, "undefined symbol", WAIT_MS));
	assert_true(daemon_wait_log(d, ": faulty: one two 3", WAIT_MS));
	assert_int_equal(stat_of(d, "late_results"), 0);
	daemon_stop(d);
}

/* They break beside calls that must not notice. */
static void
plugins_beside_calls(void **state)
{
	struct daemon *d = start(SETTINGS "agents = 3\n");
	struct health before = {0};
	struct load load;

	health_take(d, &before);
	load_init(&load, d, 4);
	for (size_t i = 0; i < COUNT(rows); i++) {
		const struct row *row = &rows[i];
		struct conn *conn;

		if (strstr(row->params, "large") != NULL)
			continue;
		conn = call_begin(d, "0f8fad5b-d9cb-469f-a165-70867728950e",
		    row->tool, row->params, row->members);
		load_run(&load, 20);
		expect(http_answer(conn), row->status, row->code);
		http_close(conn);
	}
	load_finish(&load);
	assert_int_equal(load.succeeded, load.sent);
	health_check(d, &before, WAIT_MS);
	daemon_stop(d);
}

static bool
maps_object(pid_t pid, const char *name)
{
	char path[64], *maps;
	bool found;

	snprintf(path, sizeof(path), "/proc/%d/maps", (int)pid);
	assert_non_null(maps = file_read(path));
	found = strstr(maps, name) != NULL;
	free(maps);
	return (found);
}

/* Not even an agent, before it must. */
static void
plugins_where_loaded(void **state)
{
	struct daemon *d = start(SETTINGS "agents = 1\n");

	assert_false(maps_object(proc_any_agent(d), "fault.so"));
	expect(call(d, "faulty", DO("nothing")), 200, NULL);
	assert_true(maps_object(proc_any_agent(d), "fault.so"));
	assert_false(maps_object(proc_master(d), "fault.so"));
	assert_false(maps_object(proc_frontend(d), "fault.so"));
	daemon_stop(d);
}

/* Once in each agent that had a call; what it does then stops nobody. */
static void
plugins_fini(void **state)
{
	static const char *const marks[] = {
	    "plain.log", "stuck.log", "fallen.log"};

	for (size_t i = 0; i < COUNT(marks); i++) {
		struct daemon *d = daemon_prepare();
		struct daemon_options o = {NULL};
		char config[256], mark[192], *text;
		const struct plugin plugin = {"faulty", "fault", config};

		snprintf(mark, sizeof(mark), "%s/%s", d->dir, marks[i]);
		snprintf(config, sizeof(config), "{\"mark\":\"%s\"}", mark);
		write_plugin(d, &plugin);
		daemon_configure(d,
		    SETTINGS "agents = 2\nstop_timeout = \"5s\"\n"
			     "shutdown_timeout = \"10s\"\n");
		daemon_spawn(d, &o);
		expect(call(d, "faulty", DO("nothing")), 200, NULL);
		daemon_signal(d, SIGTERM);
		assert_int_equal(daemon_wait(d, 2 * WAIT_MS), 0);
		assert_non_null(text = file_read(mark));
		assert_string_equal(text, "x");
		free(text);
		daemon_gone(d, 0);
	}
}

/* Under a policy that the agent itself cannot keep, in a fork of it. */
static void
plugins_isolated(void **state)
{
	struct daemon *d =
	    start(SETTINGS "agents = 1\ntool faulty {\n nice = 5\n}\n");
	struct health before = {0};

	health_take(d, &before);
	expect(call(d, "faulty", DO("nothing")), 200, NULL);
	assert_false(maps_object(proc_any_agent(d), "fault.so"));
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct reply *reply;

		if (strcmp(rows[i].tool, "faulty") != 0 ||
		    strstr(rows[i].params, "large") != NULL)
			continue;
		reply =
		    call_with(d, rows[i].tool, rows[i].params, rows[i].members);
		print_message("# %s: %d %s\n", rows[i].params, reply->status,
		    reply->body);
		assert_true(
		    reply->status == rows[i].status || reply->status == 200);
		reply_free(reply);
		health_check(d, &before, WAIT_MS);
	}
	daemon_stop(d);
}

/* What the sample manifests name that a test cannot have otherwise. */
static void
sample_environment(struct daemon *d, void *arg)
{
	setenv("TRACKER_TOKEN", "token", 1);
}

/* NAME.json.sample as NAME.json; how many there were. */
static int
copy_samples(struct daemon *d)
{
	char pattern[PATH_MAX], to[PATH_MAX + 64];
	glob_t found;
	int n;

	snprintf(pattern, sizeof(pattern), "%s/etc/tools.d/*.json.sample",
	    test_srcdir());
	assert_int_equal(glob(pattern, 0, NULL, &found), 0);
	n = (int)found.gl_pathc;
	for (int i = 0; i < n; i++) {
		const char *name = strrchr(found.gl_pathv[i], '/');

		snprintf(to, sizeof(to), "%s/tools.d%.*s", d->dir,
		    (int)(strlen(name) - strlen(".sample")), name);
		file_copy(found.gl_pathv[i], to);
	}
	globfree(&found);
	snprintf(to, sizeof(to), "%s/tools.d/wordcount.so", d->dir);
	file_copy(tool_plugin(d, "example"), to);
	return (n);
}

/* Every sample that is shipped is a good manifest, and the example works. */
static void
plugins_samples(void **state)
{
	struct daemon *d = daemon_prepare();
	struct daemon_options o = {.prepare = sample_environment};
	struct reply *reply;
	int n = copy_samples(d);

	assert_in_range(n, 3, 100);
	daemon_configure(d, SETTINGS);
	daemon_spawn(d, &o);
	/* The programs need not be on every host. */
	assert_int_equal(daemon_logged(d, "tools.d"),
	    daemon_logged(d, "there is no program"));
	reply = call(d, "wordcount", "{\"text\": \"a b c\"}");
	assert_int_equal(reply_int(reply, "/result/words"), 3);
	reply_free(reply);
	daemon_stop(d);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    E2E_TEST(plugins_rows),
	    E2E_TEST(plugins_beside_calls),
	    E2E_TEST(plugins_where_loaded),
	    E2E_TEST(plugins_fini),
	    E2E_TEST(plugins_isolated),
	    E2E_TEST(plugins_samples),
	};

	return (cmocka_run_group_tests_name("plugins", tests, NULL, NULL));
}
