/*
 * HTTP tools in a daemon: what comes of each kind of reply, addresses that
 * are refused, and a secret that shows nowhere.
 */

#include "service.h"
#include "tools.h"

#include <fcntl.h>
#include <json-c/json.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define SETTINGS "tools_dir = \"@DIR@/tools.d\"\n"
#define FAILED "\"success\":false,\"error\":"
#define SECRET "53cr37-t0k3n-0f-m1n3"
#define ID "0f8fad5b-d9cb-469f-a165-70867728950e"
#define PARAMETERS                                                          \
	"\"parameters\": {\"type\": \"object\", \"required\": [\"path\"], " \
	"\"properties\": {\"path\": {\"type\": \"string\"}, \"q\": {}}},\n"

static const struct row {
	const char *path, *members;
	int status;
	const char *code, *text;
} rows[] = {
    {"ok", "", 200, NULL, "\"result\":{\"n\":1}"},
    {"show", "", 200, NULL, "GET /show?q= HTTP/1.1"},
    {"hang", ", \"timeout\": 0.3", 504, "timeout", "\"outcome\":\"unknown\""},
    {"huge", "", 200, NULL,
	FAILED "\"service: its answer has more than 65536 bytes "
	       "(max_output)\""},
    {"broken", "", 200, NULL, FAILED "\"service: its answer is not JSON"},
    {"away", "", 200, NULL, FAILED "\"HTTP 302: redirects are not followed"},
    {"503", "", 200, NULL, FAILED "\"HTTP 503: come back later\""},
    {"404", "", 200, NULL, FAILED "\"HTTP 404: no such city\""},
    {"..", "", 200, NULL, "a part of the URL's path"},
    {"ok/../ok", "", 200, NULL, FAILED "\"HTTP 400\""},
};

/* The tool "http": the service's path and q from the parameters. */
static void
write_http(struct daemon *d, const char *host, int port, const char *members)
{
	char text[1024];

	snprintf(text, sizeof(text),
	    PARAMETERS "\"http\": {\"url\": \"http://%s:%d/{path}?q={q}\"%s}",
	    host, port, members);
	tool_write_members(d, "http", text);
}

static struct daemon *
start(const char *settings, const char *host, int port, const char *members,
    void (*prepare)(struct daemon *, void *))
{
	struct daemon *d = daemon_prepare();
	struct daemon_options o = {.prepare = prepare};

	write_http(d, host, port, members);
	daemon_configure(d, settings);
	daemon_spawn(d, &o);
	return (d);
}

static struct reply *
call_path(struct daemon *d, const char *path, const char *members)
{
	char params[128];

	snprintf(
	    params, sizeof(params), "{\"path\": \"%s\", \"q\": \"\"}", path);
	return (call_with(d, "http", params, members));
}

static void
http_tools_rows(void **state)
{
	struct service *service = service_start();
	struct daemon *d = start(SETTINGS "max_result = \"64k\"\n", "127.0.0.1",
	    service_port(service), ", \"allow_local\": true", NULL);
	struct health before = {0};

	health_take(d, &before);
	for (size_t i = 0; i < COUNT(rows); i++) {
		const struct row *row = &rows[i];
		struct reply *reply = call_path(d, row->path, row->members);

		print_message("# %s\n", row->path);
		if (reply->status != row->status ||
		    strstr(reply->body, row->text) == NULL)
			fail_msg(
			    "%s: %d %s", row->path, reply->status, reply->body);
		if (row->code != NULL)
			check_problem(reply, row->status, row->code);
		reply_free(reply);
		health_check(d, &before, WAIT_MS);
	}
	assert_int_equal(stat_of(d, "crashes"), 0);
	daemon_stop(d);
	service_stop(service);
}

/* By the name, too, which must not start a thread in the agent. */
static void
http_tools_name(void **state)
{
	struct service *service = service_start();
	struct daemon *d = start(SETTINGS "agents = 1\n", "localhost",
	    service_port(service), ", \"allow_local\": true", NULL);
	char path[64], names[256];

	expect(call_path(d, "ok", ""), 200, NULL);
	snprintf(path, sizeof(path), "/proc/%d/task", (int)proc_any_agent(d));
	assert_int_equal(files_in(path, names, sizeof(names)), 1);
	assert_int_equal(service_requests(service), 1);
	daemon_stop(d);
	service_stop(service);
}

/* Nothing arrives at a service of this host unless that is allowed. */
static void
http_tools_local(void **state)
{
	static const char *const hosts[] = {"127.0.0.1", "localhost", "[::1]",
	    "0x7f.1", "2130706433", "0.0.0.0", "[::ffff:127.0.0.1]"};
	struct service *service = service_start();

	for (size_t i = 0; i < COUNT(hosts); i++) {
		struct daemon *d = start(SETTINGS "agents = 1\n", hosts[i],
		    service_port(service), "", NULL);
		struct reply *reply = call_path(d, "ok", "");

		print_message("# %s\n", hosts[i]);
		if (strstr(reply->body, "addresses of this host are refused") ==
		    NULL)
			fail_msg("%s: %s", hosts[i], reply->body);
		reply_free(reply);
		daemon_stop(d);
	}
	assert_int_equal(service_requests(service), 0);
	service_stop(service);
}

/* A daemon under a limit of memory that a thread's heap would exceed. */
static void
http_tools_memory(void **state)
{
	struct service *service = service_start();
	struct daemon *d;

	d = start(SETTINGS "agents = 1\nagent_memory = \"96m\"\n", "localhost",
	    service_port(service), ", \"allow_local\": true", NULL);
	for (int i = 0; i < 20; i++) {
		struct reply *reply = call_path(d, "ok", "");

		assert_non_null(strstr(reply->body, "\"n\":1"));
		reply_free(reply);
	}
	daemon_stop(d);
	service_stop(service);
}

/* In the agent, and in a process of its own. */
static void
check_retried(const char *policy)
{
	struct service *service = service_start();
	struct daemon *d = daemon_prepare();
	struct daemon_options o = {NULL};
	struct reply *reply;
	char text[1024];

	snprintf(text, sizeof(text),
	    PARAMETERS "\"idempotent\": true, \"retries\": 2, "
		       "\"retry_backoff\": \"1ms\"%s,\n"
		       "\"http\": {\"url\": \"http://127.0.0.1:%d/{path}\", "
		       "\"allow_local\": true}",
	    policy, service_port(service));
	tool_write_members(d, "http", text);
	daemon_configure(d, SETTINGS);
	daemon_spawn(d, &o);
	reply = call_path(d, "503", "");
	assert_non_null(strstr(reply->body, FAILED "\"HTTP 503"));
	assert_int_equal(reply_int(reply, "/attempts"), 3);
	assert_string_equal(reply_string(reply, "/causes/1"), "http_5xx");
	reply_free(reply);
	assert_int_equal(service_requests(service), 3);
	/* It is of no use to ask that again. */
	reply = call_path(d, "404", "");
	assert_int_equal(reply_int(reply, "/attempts"), 1);
	reply_free(reply);
	assert_int_equal(service_requests(service), 4);
	daemon_stop(d);
	service_stop(service);
}

static void
http_tools_retried(void **state)
{
	check_retried("");
	check_retried(", \"nice\": 1");
}

static void
set_secret(struct daemon *d, void *arg)
{
	setenv("API_TOKEN", SECRET, 1);
}

static bool
file_has(const char *path, const char *text)
{
	size_t len = strlen(text), used;
	char *data = malloc(1 << 20);
	FILE *file = fopen(path, "re");
	bool found = false;

	assert_non_null(data);
	if (file != NULL) {
		used = fread(data, 1, 1 << 20, file);
		found = memmem(data, used, text, len) != NULL;
		fclose(file);
	}
	free(data);
	return (found);
}

/* What ps(1) shows of any process of the daemon. */
static void
check_processes(struct daemon *d)
{
	pid_t pids[PROC_MAX];
	size_t n = proc_tree(proc_master(d), pids);
	char path[64];

	pids[n++] = proc_master(d);
	for (size_t i = 0; i < n; i++) {
		snprintf(path, sizeof(path), "/proc/%d/environ", (int)pids[i]);
		assert_false(file_has(path, SECRET));
		snprintf(path, sizeof(path), "/proc/%d/cmdline", (int)pids[i]);
		assert_false(file_has(path, SECRET));
	}
}

/* Text that anybody may see. */
static void
check_reply(struct reply *reply, const char *wanted)
{
	if (strstr(reply->body, wanted) == NULL ||
	    strstr(reply->body, SECRET) != NULL)
		fail_msg("%d %s", reply->status, reply->body);
	reply_free(reply);
}

/* Whether a range of memory, a line of /proc/PID/maps, holds the secret. */
static bool
range_has(int mem, const char *line)
{
	unsigned long from, to;
	bool found = false;
	char *data;
	ssize_t got;

	if (sscanf(line, "%lx-%lx", &from, &to) != 2 ||
	    strstr(line, " rw") == NULL || to - from > (64 << 20))
		return (false);
	assert_non_null(data = malloc(to - from));
	got = pread(mem, data, to - from, (off_t)from);
	if (got > 0)
		found =
		    memmem(data, (size_t)got, SECRET, strlen(SECRET)) != NULL;
	free(data);
	return (found);
}

static bool
memory_has(pid_t pid)
{
	char maps[64], mem[64], line[512];
	bool found = false;
	FILE *file;
	int fd;

	snprintf(maps, sizeof(maps), "/proc/%d/maps", (int)pid);
	snprintf(mem, sizeof(mem), "/proc/%d/mem", (int)pid);
	assert_non_null(file = fopen(maps, "re"));
	assert_int_not_equal(fd = open(mem, O_RDONLY | O_CLOEXEC), -1);
	while (!found && fgets(line, sizeof(line), file) != NULL)
		found = range_has(fd, line);
	close(fd);
	fclose(file);
	return (found);
}

#define AUTHORISED                                                          \
	", \"allow_local\": true, \"query\": {\"key\": \"${API_TOKEN}\"}, " \
	"\"headers\": {\"Authorization\": \"Bearer ${API_TOKEN}\"}"

static void
http_tools_secret(void **state)
{
	struct service *service = service_start();
	struct daemon *d = daemon_prepare();
	struct daemon_options o = {.prepare = set_secret};
	struct conn *waiting, *command;

	write_http(d, "127.0.0.1", service_port(service), AUTHORISED);
	tool_write(d, "command", "command", "toolbox", "\"hang\"", "");
	daemon_configure(d, SETTINGS "agents = 3\nlog_level = debug\n");
	daemon_spawn(d, &o);
	/* It is sent, and taken out of what comes back. */
	check_reply(call_path(d, "show", ""), "Authorization: Bearer ****");
	check_reply(call_path(d, "503", ""), "HTTP 503");
	check_reply(get(d, "/api/v1/tools"), "\"http\"");
	check_reply(get(d, "/api/v1/tools/http"), "\"http\"");
	/* While calls run. */
	waiting = call_begin(d, ID, "http", "{\"path\": \"wait\"}", "");
	wait_request(d, ID, "running");
	command = call_begin(d, "0f8fad5b-d9cb-469f-a165-70867728950f",
	    "command", "{}", ", \"timeout\": 5");
	wait_request(d, "0f8fad5b-d9cb-469f-a165-70867728950f", "running");
	check_processes(d);
	/* The front end, which talks to clients, has no use for it at all. */
	assert_true(memory_has(proc_any_agent(d)));
	if (built_with_sanitizers())
		print_message("# a sanitizer keeps the environment itself\n");
	else
		assert_false(memory_has(proc_frontend(d)));
	check_reply(get(d, "/api/v1/requests"), ID);
	service_release(service);
	check_reply(http_answer(waiting), "\"n\":2");
	http_close(waiting);
	http_close(command);
	assert_int_equal(daemon_logged(d, SECRET), 0);
	daemon_stop(d);
	service_stop(service);
}

/* What agentd -nv says: the variable's name when it is missing, no value. */
static void
http_tools_check(void **state)
{
	struct daemon *d = daemon_prepare();
	char *const arguments[] = {
	    (char[]){"-n"}, (char[]){"-v"}, (char[]){"-c"}, d->conf, NULL};
	struct daemon_options o = {
	    .arguments = arguments, .unready = true, .prepare = set_secret};

	write_http(d, "127.0.0.1", 1, AUTHORISED);
	daemon_configure(d, SETTINGS);
	daemon_spawn(d, &o);
	assert_int_equal(daemon_wait(d, WAIT_MS), 0);
	assert_int_equal(daemon_logged(d, SECRET), 0);
	o.prepare = NULL;
	daemon_spawn(d, &o);
	assert_int_equal(daemon_wait(d, WAIT_MS), 1);
	daemon_check_logged(d, "${API_TOKEN} is not set in the environment", 1);
	daemon_gone(d, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    E2E_TEST(http_tools_rows),
	    E2E_TEST(http_tools_name),
	    E2E_TEST(http_tools_local),
	    E2E_TEST(http_tools_memory),
	    E2E_TEST(http_tools_retried),
	    E2E_TEST(http_tools_secret),
	    E2E_TEST(http_tools_check),
	};

	return (cmocka_run_group_tests_name("http_tools", tests, NULL, NULL));
}
