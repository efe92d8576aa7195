/*
 * Limits of who starts the daemon, by setrlimit(2): a log that may not grow,
 * and fewer files than the agents need.
 */

#include "harness.h"

#include <sys/resource.h>
#include <sys/stat.h>

#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define LOG_MAX 65536

struct limited {
	int resource;
	rlim_t value;
};

/* In the child. */
static void
limit(struct daemon *d, void *arg)
{
	const struct limited *limited = arg;
	struct rlimit limit = {limited->value, limited->value};

	if (limited->resource == RLIMIT_FSIZE)
		limit.rlim_max = RLIM_INFINITY; /* to be lifted again */
	if (setrlimit(limited->resource, &limit) == -1)
		_exit(126);
}

/* One call more, and its line in the log. */
static bool
is_full(void *arg)
{
	struct daemon *d = arg;
	struct stat st;

	expect(call(d, "echo", "{\"message\": \"x\"}"), 200, NULL);
	assert_int_equal(stat(d->log, &st), 0);
	return (st.st_size >= LOG_MAX);
}

/* Whether a process ignores that signal. */
static bool
ignores(pid_t pid, int signo)
{
	char path[64], *text, *line;
	uint64_t mask;

	snprintf(path, sizeof(path), "/proc/%d/status", (int)pid);
	assert_non_null(text = file_read(path));
	assert_non_null(line = strstr(text, "\nSigIgn:"));
	assert_int_equal(sscanf(line, "\nSigIgn: %" SCNx64, &mask), 1);
	free(text);
	return ((mask >> (signo - 1) & 1) != 0);
}

/* For a process that runs: how large a file it writes may be. */
static void
limit_files(pid_t pid, rlim_t bytes)
{
	struct rlimit limit = {bytes, RLIM_INFINITY};

	assert_int_not_equal(pid, -1);
	assert_int_equal(prlimit(pid, RLIMIT_FSIZE, &limit, NULL), 0);
}

/* Nobody is killed by the log; a tool may well be by its files. */
static void
rlimits_log(void **state)
{
	struct limited limited = {RLIMIT_FSIZE, LOG_MAX};
	struct daemon_options o = {.settings = "log_requests = true\n",
	    .prepare = limit,
	    .prepare_arg = &limited};
	struct daemon *d = daemon_start_with(&o);
	pid_t writer = proc_find(d, "log");

	assert_true(wait_until(is_full, d, WAIT_MS));
	assert_true(is_full(d));
	assert_true(ignores(d->pid, SIGXFSZ));
	assert_false(ignores(proc_frontend(d), SIGXFSZ));
	assert_false(ignores(proc_any_agent(d), SIGXFSZ));
	limit_files(writer, RLIM_INFINITY);
	(void)is_full(d);
	assert_true(daemon_wait_log(d, "lost", WAIT_MS));
	assert_int_equal(proc_find(d, "log"), writer);
	daemon_stop(d);
}

/* A reload says why it has no room for what it read. */
static void
rlimits_bundle(void **state)
{
	struct daemon *d = daemon_start("");

	limit_files(proc_master(d), 1);
	daemon_reload(d);
	daemon_check_logged(
	    d, "the tools take more than files may have here", 1);
	daemon_check_logged(d, "reload failed", 1);
	limit_files(proc_master(d), RLIM_INFINITY);
	daemon_reload(d);
	daemon_check_logged(d, "configuration reloaded", 1);
	daemon_stop(d);
}

static void
rlimits_files(void **state)
{
	struct limited limited = {RLIMIT_NOFILE, 10};
	struct daemon_options o = {
	    .prepare = limit, .prepare_arg = &limited, .unready = true};
	struct daemon *d = daemon_start_with(&o);

	assert_int_equal(daemon_wait(d, WAIT_MS), 1);
	daemon_check_logged(d, "only 10 files may be open, but ", 1);
	daemon_gone(d, 0);
}

/* What is said to be enough is. */
static void
rlimits_files_enough(void **state)
{
	struct limited limited = {RLIMIT_NOFILE, 10};
	struct daemon_options o = {
	    .prepare = limit, .prepare_arg = &limited, .unready = true};
	struct daemon *d = daemon_start_with(&o);
	char *log, *needed;

	assert_int_equal(daemon_wait(d, WAIT_MS), 1);
	assert_non_null(log = file_read(d->log));
	assert_non_null(needed = strstr(log, "but "));
	limited.value = (rlim_t)atoi(needed + strlen("but "));
	free(log);
	daemon_gone(d, 0);
	o.unready = false;
	d = daemon_start_with(&o);
	expect(call(d, "echo", "{\"message\": \"x\"}"), 200, NULL);
	daemon_stop(d);
}

static void
ask_livez(struct conn *conn)
{
	http_request(conn, "GET", "/livez", NULL, NULL);
	expect(http_answer(conn), 200, NULL);
}

/*
 * More than the front end has left, but not more than the master could open.
 * What either refuses takes no connection away.
 */
static void
rlimits_agents(void **state)
{
	enum { CONNECTIONS = 150 };
	struct limited limited = {RLIMIT_NOFILE, 256};
	struct daemon_options o = {.prepare = limit, .prepare_arg = &limited};
	struct conn *conns[CONNECTIONS];
	struct daemon *d = daemon_start_with(&o);
	struct reply *reply;

	expect(
	    administer(d, "agents", "{\"agents\": 1000}"), 400, "bad_request");
	for (int i = 0; i < CONNECTIONS; i++) {
		conns[i] = http_open(d);
		ask_livez(conns[i]);
	}
	ask_livez(conns[0]);
	reply = administer(d, "agents", "{\"agents\": 100}");
	check_problem(reply, 400, "bad_request");
	assert_non_null(
	    strstr(reply->body, "beside the connections that are open"));
	reply_free(reply);
	expect(administer(d, "agents", "{\"agents\": 50}"), 200, NULL);
	wait_agents(d, 50, WAIT_MS);
	for (int i = 0; i < CONNECTIONS; i++)
		http_close(conns[i]);
	expect(administer(d, "agents", "{\"agents\": 100}"), 200, NULL);
	wait_agents(d, 100, WAIT_MS);
	daemon_stop(d);
}

/* More agents than there can be are no configuration; the old one stays. */
static void
rlimits_reload(void **state)
{
	struct limited limited = {RLIMIT_NOFILE, 64};
	struct daemon_options o = {.prepare = limit, .prepare_arg = &limited};
	struct daemon *d = daemon_start_with(&o);
	struct reply *reply;

	daemon_configure(d, "agents = 100\n");
	daemon_reload(d);
	daemon_check_logged(d, "only 64 files may be open, but ", 1);
	daemon_check_logged(d, "reload failed", 1);
	/* Nor may an administrator have them. */
	reply = administer(d, "agents", "{\"agents\": 100}");
	check_problem(reply, 400, "bad_request");
	assert_non_null(strstr(
	    reply_string(reply, "/detail"), "only 64 files may be open, but "));
	reply_free(reply);
	expect(administer(d, "agents", "{\"agents\": 3}"), 200, NULL);
	wait_agents(d, 3, WAIT_MS);
	expect(call(d, "echo", "{\"message\": \"x\"}"), 200, NULL);
	daemon_stop(d);
}

/* What the agent has no memory for is refused, and never cut short. */
static void
rlimits_parameters(void **state)
{
	struct daemon *d = daemon_start("agents = 1\nagent_memory = 3m\n");
	int starved = 0;

	for (int size = 50000; size < 1000000; size += 50000) {
		struct reply *reply;
		char *params;

		assert_int_not_equal(
		    asprintf(&params, "{\"message\": \"\\n%0*d\"}", size, 0),
		    -1);
		reply = call(d, "echo", params);
		free(params);
		if (reply->status == 200 && reply_has(reply, "/result"))
			assert_int_equal(
			    strlen(reply_string(reply, "/result/echo")),
			    size + 1);
		else if (reply->status == 503 && ++starved)
			check_problem(reply, 503, "no_memory");
		else
			assert_true(
			    reply->status == 200 || reply->status == 502);
		reply_free(reply);
	}
	print_message("# %d without memory\n", starved);
	assert_true(built_with_sanitizers() || starved > 0);
	if (starved > 0)
		assert_true(stat_of(d, "agents_recycled") > 0);
	daemon_stop(d);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    E2E_TEST(rlimits_log),
	    E2E_TEST(rlimits_bundle),
	    E2E_TEST(rlimits_files),
	    E2E_TEST(rlimits_files_enough),
	    E2E_TEST(rlimits_agents),
	    E2E_TEST(rlimits_reload),
	    E2E_TEST(rlimits_parameters),
	};

	return (cmocka_run_group_tests_name("rlimits", tests, NULL, NULL));
}
