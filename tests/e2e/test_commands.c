/*
 * Commands that break in every way, each in a daemon of its own: every caller
 * is answered once, nothing is left running, no descriptor is lost, and the
 * agent goes on.  Then every limit of a policy.
 */

#include "tools.h"

#include <json-c/json.h>
#include <sys/resource.h>

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define SOON ", \"timeout\": 0.3"
#define FAILED "\"success\":false,\"error\":"
#define INJECTED "{\"a\": \"; touch /tmp/x\", \"b\": [\"$(id)\", \"`id`\"]}"

static const struct tool_row rows[] = {
    {.name = "works",
	.words = "\"arguments\", \"{a}\", \"{b}\"",
	.params = "{\"a\": 1, \"b\": \"two\"}",
	.status = 200,
	.text = "\"result\":[\"1\",\"two\"]"},
    {.name = "reads its parameters",
	.words = "\"cat\"",
	.params = "{\"a\": {\"deep\": [null]}}",
	.status = 200,
	.text = "\"result\":{\"a\":{\"deep\":[null]}}"},
    {.name = "hangs",
	.words = "\"hang\"",
	.timeout = SOON,
	.status = 504,
	.code = "timeout",
	.text = "\"outcome\":\"unknown\""},
    {.name = "ignores TERM",
	.words = "\"stubborn\"",
	.timeout = SOON,
	.status = 504,
	.code = "timeout",
	.text = "\"outcome\":\"unknown\""},
    {.name = "daemonises",
	.words = "\"daemonise\"",
	.status = 200,
	.text = "\"result\":\"left\""},
    {.name = "daemonises and holds its output",
	.words = "\"hold\"",
	.status = 200,
	.text = "\"result\":\"held\""},
    {.name = "daemonises and hangs",
	.words = "\"daemonise_hang\"",
	.timeout = SOON,
	.status = 504,
	.code = "timeout",
	.text = "\"outcome\":\"unknown\""},
    {.name = "floods its output",
	.words = "\"flood_output\"",
	.status = 200,
	.text = FAILED "\"the output limit of 4m was exceeded\""},
    {.name = "floods its errors",
	.words = "\"flood_errors\"",
	.timeout = SOON,
	.status = 504,
	.code = "timeout",
	.text = "\"outcome\":\"unknown\""},
    {.name = "closes its output and goes on",
	.words = "\"close_output\"",
	.timeout = SOON,
	.status = 504,
	.code = "timeout",
	.text = "\"outcome\":\"unknown\""},
    {.name = "closes its output and ends",
	.words = "\"close_and_end\"",
	.status = 200,
	.text = "\"result\":\"closed\""},
    {.name = "prints half a JSON",
	.words = "\"half\"",
	.status = 200,
	.text = FAILED "\"printed no JSON: unexpected end at byte 14: {"
		       "\\\"half\\\": [1, 2\""},
    {.name = "prints 100 MiB",
	.words = "\"print\", \"104857600\"",
	.status = 200,
	.text = FAILED "\"the output limit of 4m was exceeded\""},
    {.name = "exits with a status",
	.words = "\"exit\", \"3\", \"what a pity\"",
	.status = 200,
	.text = FAILED "\"exited with status 3: what a pity\""},
    {.name = "says nothing to callers",
	.words = "\"exit\", \"3\", \"what a pity\"",
	.members = ", \"stderr_tail\": 0",
	.status = 200,
	.text = FAILED "\"exited with status 3\"",
	.not = "pity"},
    {.name = "crashes",
	.words = "\"signal\", \"11\"",
	.status = 200,
	.text = FAILED "\"was killed by signal 11 (Segmentation fault)\""},
    {.name = "is not there",
	.words = "",
	.status = 200,
	.text = FAILED "\"cannot run the program: No such file"},
    {.name = "is attacked by words",
	.words = "\"arguments\", \"{a}\", \"{b}\"",
	.params = INJECTED,
	.status = 200,
	.text = "[\"; touch /tmp/x\",\"$(id)\",\"`id`\"]"},
    {.name = "is attacked by an option",
	.words = "\"arguments\", \"{a}\", \"{b}\"",
	.params = "{\"a\": \"x\", \"b\": [\"y\", \"--output=/etc/passwd\"]}",
	.status = 200,
	.text = FAILED "\"parameter \\\"b\\\": must not begin with"},
    {.name = "is attacked by a NUL",
	.words = "\"arguments\", \"{a}\"",
	.params = "{\"a\": \"x\\u0000y\"}",
	.status = 200,
	.text = FAILED "\"parameter \\\"a\\\": a NUL character"},
    {.name = "has no secrets",
	.words = "\"environment\"",
	.members = ", \"environment\": [\"MADE=up\", \"SHOWN\"]",
	.status = 200,
	.text = "\"MADE=up\",\"SHOWN=yes\"",
	.not = "hush"},
    /* limits */
    {.name = "cpu time",
	.words = "\"spin\"",
	.members = ", \"cpu_time\": \"1s\"",
	.status = 200,
	.text = FAILED "\"the cpu time limit of 1s was exceeded\""},
    {.name = "cpu time, ignored",
	.words = "\"spin_on\"",
	.members = ", \"cpu_time\": \"1s\"",
	.status = 200,
	.text = FAILED "\"the cpu time limit of 1s was exceeded\""},
    {.name = "file size",
	.words = "\"write\", \"/dev/shm/agentd-e2e-file\", \"12288\"",
	.members = ", \"file_size\": \"8k\"",
	.status = 200,
	.text = FAILED "\"the file size limit of 8k was exceeded\""},
    {.name = "open files",
	.words = "\"open\"",
	.members = ", \"open_files\": 20",
	.status = 200,
	.text = "\"result\":17,"},
    {.name = "output",
	.words = "\"print\", \"1001\"",
	.members = ", \"max_output\": 1000",
	.status = 200,
	.text = FAILED "\"the output limit of 1000 was exceeded\""},
    {.name = "umask",
	.words = "\"state\"",
	.members = ", \"umask\": \"0027\"",
	.status = 200,
	.text = "\"umask\":\"0027\""},
    {.name = "directory",
	.words = "\"state\"",
	.members = ", \"directory\": \"/usr\"",
	.status = 200,
	.text = "\"directory\":\"/usr\""},
    {.name = "directory of the manifest",
	.words = "\"state\"",
	.status = 200,
	.text = "/tools.d\""},
    {.name = "clean start",
	.words = "\"state\"",
	.status = 200,
	.text = "\"files\":3,\"ignored\":0,\"blocked\":0,\"leads\":true"},
};

static void
commands_row(void **state)
{
	const struct tool_row *row = *state;

	/* What the daemon knows, and its tools need not. */
	setenv("SECRET", "hush", 1);
	setenv("SHOWN", "yes", 1);
	tool_row_run(row, "", "command",
	    row->words[0] == '\0' ? "/no/such/program" : "toolbox", 0);
	unlink("/dev/shm/agentd-e2e-file");
}

static void
commands_unread_input(void **state)
{
	struct daemon *d = tool_daemon(
	    "max_body = \"4m\"\n", "command", "toolbox", "\"unread\"", "");
	char *params = calloc(1, (1 << 20) + 64);
	struct health before;
	struct reply *reply;

	strlcpy(params, "{\"a\": \"", 64);
	memset(params + strlen(params), 'x', 1 << 20);
	strlcat(params, "\"}", (1 << 20) + 64);
	health_take(d, &before);
	reply = tool_call(d, params, "");
	assert_int_equal(reply->status, 200);
	assert_string_equal(reply_string(reply, "/result"), "unread");
	reply_free(reply);
	free(params);
	health_check(d, &before, WAIT_MS);
	daemon_stop(d);
}

static void
commands_memory(void **state)
{
	static const struct tool_row eat = {.words = "\"eat_and_abort\"",
	    .members = ", \"memory\": \"64m\", \"stderr_tail\": 0",
	    .status = 200,
	    .text = FAILED
	    "\"was killed by signal 6 (Aborted) (memory limit of 64m)\""};
	/* More than an agent may have. */
	static const struct tool_row more = {.words = "\"state\"",
	    .members = ", \"memory\": \"2g\"",
	    .status = 200,
	    .text = "\"memory\":2147483648"};

	tool_row_run(&eat, "", "command", "toolbox", 0);
	tool_row_run(&more, "", "command", "toolbox", 0);
}

/* Root may have any number, so this is another user. */
static void
commands_processes(void **state)
{
	static const struct tool_row row = {.words = "\"fork\"",
	    .members = ", \"processes\": 5, \"user\": \"nobody\", "
		       "\"directory\": \"/\"",
	    .status = 200,
	    .text = "\"success\":true",
	    .not = "\"result\":64"};

	if (geteuid() != 0) {
		print_message("# skipped: only root is another user\n");
		return;
	}
	tool_row_run(&row, "", "command", "toolbox", 0);
}

static void
commands_user(void **state)
{
	static const struct tool_row row = {.words = "\"state\"",
	    .members = ", \"user\": \"nobody\", \"directory\": \"/\"",
	    .status = 200,
	    .text = "\"uid\":65534,\"gid\":65534"};

	if (geteuid() != 0) {
		print_message("# skipped: only root is another user\n");
		return;
	}
	tool_row_run(&row, "", "command", "toolbox", 0);
}

/* What comes of it: nobody becomes less nice than this test is. */
static int
niceness(int asked)
{
	int own = getpriority(PRIO_PROCESS, 0);

	return (own > asked ? own : asked);
}

static void
commands_nice(void **state)
{
	char text[48];
	const struct tool_row row = {.words = "\"state\"",
	    .members = ", \"nice\": 7",
	    .status = 200,
	    .text = text};

	snprintf(
	    text, sizeof(text), "\"nice\":%d,\"scheduler\":0", niceness(7));
	tool_row_run(&row, "", "command", "toolbox", 0);
}

/* The operator has the last word. */
static void
commands_section(void **state)
{
	char text[48];
	const struct tool_row row = {.words = "\"state\"",
	    .members = ", \"nice\": 3, \"umask\": \"0022\"",
	    .status = 200,
	    .text = text};

	snprintf(
	    text, sizeof(text), "\"umask\":\"0022\",\"nice\":%d", niceness(9));
	tool_row_run(
	    &row, "tool tool {\n nice = 9\n}\n", "command", "toolbox", 0);
}

/* A built-in tool under a limit runs in a process of its own. */
static void
commands_builtin(void **state)
{
	struct daemon *d =
	    daemon_start("tool echo {\n nice = 5\n cpu_time = \"1s\"\n}\n");
	struct health before;

	health_take(d, &before);
	for (int i = 0; i < 20; i++) {
		struct reply *reply =
		    call(d, "echo", "{\"message\": \"hello\"}");

		assert_string_equal(
		    reply_string(reply, "/result/echo"), "hello");
		reply_free(reply);
	}
	health_check(d, &before, WAIT_MS);
	daemon_stop(d);
}

/* What callers send is understood where the operator says so. */
static void
commands_lenient(void **state)
{
	struct daemon *d = daemon_start("tool calculator {\n"
					" coerce = yes\n"
					" null_is_absent = yes\n"
					"}\n");
	struct reply *reply = call(d, "calculator",
	    "{\"operation\": \"add\", \"a\": \"2\", \"b\": 3}");

	assert_int_equal(reply->status, 200);
	assert_int_equal(reply_int(reply, "/result/a"), 2);
	assert_int_equal(reply_int(reply, "/result/result"), 5);
	reply_free(reply);
	reply = call(d, "calculator",
	    "{\"operation\": \"add\", \"a\": \"two\", \"b\": null}");
	assert_int_equal(reply->status, 422);
	reply_free(reply);
	reply = call(d, "echo", "{\"message\": 5}");
	assert_int_equal(reply->status, 422);
	reply_free(reply);
	daemon_stop(d);
}

/* A client that leaves takes the command along. */
static void
commands_cancelled(void **state)
{
	static const char id[] = "0f8fad5b-d9cb-469f-a165-70867728950e";
	struct daemon *d =
	    tool_daemon("", "command", "toolbox", "\"daemonise_hang\"", "");
	struct health before;
	struct conn *conn;

	health_take(d, &before);
	conn = call_begin(d, id, "tool", "{}", "");
	wait_request(d, id, "running");
	http_close(conn);
	wait_request(d, id, "gone");
	health_check(d, &before, WAIT_MS);
	daemon_stop(d);
}

/* Stopping the daemon does too. */
static void
commands_shutdown(void **state)
{
	static const char id[] = "0f8fad5b-d9cb-469f-a165-70867728950e";
	struct daemon *d = tool_daemon("shutdown_timeout = \"100ms\"\n",
	    "command", "toolbox", "\"daemonise_hang\"", "");
	struct conn *conn = call_begin(d, id, "tool", "{}", "");

	wait_request(d, id, "running");
	daemon_signal(d, SIGTERM);
	expect(http_answer(conn), 503, "draining");
	http_close(conn);
	daemon_wait(d, WAIT_MS);
	daemon_gone(d, WAIT_MS);
}

/* The fewest files that an agent may be given are enough to start one. */
static void
commands_few_files(void **state)
{
	static const struct tool_row row = {.words = "\"state\"",
	    .members = ", \"processes\": 20, \"memory\": \"256m\"",
	    .status = 200,
	    .text = "\"result\""};

	tool_row_run(&row, "agent_files = 32\n", "command", "toolbox", 0);
}

static void
commands_words_are_logged(void **state)
{
	struct daemon *d = tool_daemon(
	    "", "command", "toolbox", "\"exit\", \"1\", \"mind the gap\"", "");

	expect(tool_call(d, "{}", ""), 200, NULL);
	assert_true(daemon_wait_log(d, "tool: mind the gap", WAIT_MS));
	daemon_stop(d);
}

/*
 * The 504 of a call whose command has printed that, however long it takes to
 * begin where it runs.
 */
static struct reply *
partial_reply(struct daemon *d, const char *text)
{
	struct reply *reply;
	char time[32];

	for (int ms = 300;; ms *= 4) {
		snprintf(time, sizeof(time), ", \"timeout\": %g", ms / 1000.0);
		reply = tool_call(d, "{}", time);
		check_problem(reply, 504, "timeout");
		if (strstr(reply->body, text) != NULL)
			return (reply);
		if (ms >= WAIT_MS)
			fail_msg("no %s in %s", text, reply->body);
		reply_free(reply);
	}
}

/* What was printed before the deadline, as far as the manifest wants it. */
static void
commands_partial(void **state)
{
	static const struct {
		const char *script, *members, *text;
	} partial[] = {
	    {"echo one; echo two >&2; exec sleep 60", ", \"partial\": true",
		"\"partial\":{\"stdout\":\"one\",\"stderr\":\"two\"}"},
	    {"echo one; exec sleep 60",
		", \"partial\": true, \"output\": \"json\"",
		"\"partial\":{\"stdout\":\"one\"}"},
	    {"trap '' TERM; printf 'a\\\\377\\\\001\\\"b'; sleep 60",
		", \"partial\": true", "\"partial\":{\"stdout\":\"a??\\\"b\"}"},
	    {"exec sleep 60", ", \"partial\": true", "\"partial\":{}"},
	    {"yes 0123456789 | head -n 4000; exec sleep 60",
		", \"partial\": true",
		"\"partial\":{\"stdout\":\"0123456789\\n"},
	};
	struct reply *reply;
	struct daemon *d;
	char words[256];

	for (size_t i = 0; i < COUNT(partial); i++) {
		snprintf(
		    words, sizeof(words), "\"-c\", \"%s\"", partial[i].script);
		d = tool_daemon("agents = 1\n", "command", "/bin/sh", words,
		    partial[i].members);
		reply = partial_reply(d, partial[i].text);
		assert_true(strlen(reply->body) < 20000);
		reply_free(reply);
		daemon_stop(d);
	}
	d = tool_daemon("agents = 1\n", "command", "/bin/sh",
	    "\"-c\", \"echo one; exec sleep 60\"", "");
	reply = tool_call(d, "{}", ", \"timeout\": 0.3");
	check_problem(reply, 504, "timeout");
	assert_null(strstr(reply->body, "partial"));
	reply_free(reply);
	daemon_stop(d);
}

/* The rows first, each under its own name. */
int
main(void)
{
	const struct CMUnitTest others[] = {
	    E2E_TEST(commands_partial),
	    E2E_TEST(commands_unread_input),
	    E2E_TEST(commands_memory),
	    E2E_TEST(commands_processes),
	    E2E_TEST(commands_user),
	    E2E_TEST(commands_nice),
	    E2E_TEST(commands_section),
	    E2E_TEST(commands_builtin),
	    E2E_TEST(commands_lenient),
	    E2E_TEST(commands_cancelled),
	    E2E_TEST(commands_shutdown),
	    E2E_TEST(commands_few_files),
	    E2E_TEST(commands_words_are_logged),
	};
	struct CMUnitTest tests[COUNT(rows) + COUNT(others)];

	for (size_t i = 0; i < COUNT(rows); i++)
		tests[i] = (struct CMUnitTest){.name = rows[i].name,
		    .test_func = commands_row,
		    .teardown_func = daemon_cleanup,
		    .initial_state = (void *)(uintptr_t)&rows[i]};
	memcpy(tests + COUNT(rows), others, sizeof(others));
	return (cmocka_run_group_tests_name("commands", tests, NULL, NULL));
}
