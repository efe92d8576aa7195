/*
 * The front end's memory: whatever clients send, or do not take, it keeps
 * within frontend_memory, serves others meanwhile, and gives back what it has
 * freed.
 */

#include "harness.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MIB (1024 * 1024)
#define HOLDERS 40
#define ECHO "{\"message\": \"x\"}"

/* Bytes of a process that are in no file. */
static long
anonymous_bytes(pid_t pid)
{
	char path[64], line[256];
	long kib = -1;
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%d/smaps_rollup", (int)pid);
	file = fopen(path, "r");
	assert_non_null(file);
	while (fgets(line, sizeof(line), file) != NULL)
		if (sscanf(line, "Anonymous: %ld kB", &kib) == 1)
			break;
	fclose(file);
	return (kib * 1024);
}

struct bound {
	pid_t pid;
	long bytes;
};

static bool
is_below(void *arg)
{
	const struct bound *bound = arg;

	return (anonymous_bytes(bound->pid) < bound->bytes);
}

/* Others are served; the front end is the same, and small again at the end. */
static void
check_bounded(struct daemon *d, pid_t frontend, long before)
{
	long now = anonymous_bytes(frontend);

	print_message("# %ld KiB, %ld KiB before\n", now / 1024, before / 1024);
	if (!built_with_sanitizers())
		assert_true(now - before < 24 * MIB);
	for (int i = 0; i < 5; i++)
		expect(call(d, "echo", ECHO), 200, NULL);
	assert_int_equal(proc_frontend(d), frontend);
}

static void
check_given_back(pid_t frontend, long before)
{
	struct bound bound = {frontend, before + 6 * MIB};

	if (built_with_sanitizers())
		return;
	if (!wait_until(is_below, &bound, WAIT_MS))
		fail_msg("%ld KiB are held, %ld KiB before",
		    anonymous_bytes(frontend) / 1024, before / 1024);
}

/* Bodies that lack their last byte, by length or in chunks. */
static void
hold_bodies(struct daemon *d, bool chunked, int *refused)
{
	struct conn *conn[HOLDERS];
	char *body = malloc(MIB);

	assert_non_null(body);
	memset(body, ' ', MIB);
	for (int i = 0; i < HOLDERS; i++) {
		conn[i] = http_open(d);
		http_send(conn[i],
		    "POST /api/v1/request HTTP/1.1\r\nHost: localhost\r\n%s",
		    chunked ? "Transfer-Encoding: chunked\r\n\r\nffff0\r\n"
			    : "Content-Length: 1048576\r\n\r\n");
		http_write(conn[i], body, chunked ? 0xffff0 : MIB - 1);
		if (chunked)
			http_send(conn[i], "\r\n");
	}
	check_bounded(d, proc_frontend(d), 4 * MIB);
	for (int i = 0; i < HOLDERS; i++) {
		struct reply *reply = http_read(conn[i], 0);

		if (reply->status == 503)
			check_problem(reply, 503, "no_memory");
		*refused += reply->status == 503;
		reply_free(reply);
		http_close(conn[i]);
	}
	free(body);
}

static void
memory_bodies(void **state)
{
	struct daemon *d = daemon_start("frontend_memory = 16m\n");
	pid_t frontend = proc_frontend(d);
	long before = anonymous_bytes(frontend);
	struct health health;

	health_take(d, &health);
	for (int chunked = 0; chunked < 2; chunked++) {
		int refused = 0;

		hold_bodies(d, chunked, &refused);
		print_message("# %d of %d were refused\n", refused, HOLDERS);
		assert_in_range(refused, HOLDERS / 2, HOLDERS - 4);
		check_given_back(frontend, before);
	}
	health_check(d, &health, WAIT_MS);
	daemon_stop(d);
}

/* Answers that nobody takes: the kernel has some, the front end the rest. */
static void
memory_answers(void **state)
{
	struct daemon *d = daemon_start("frontend_memory = 16m\n");
	pid_t frontend = proc_frontend(d);
	long before = anonymous_bytes(frontend);
	struct conn *conn[HOLDERS];
	struct health health;
	int64_t succeeded;
	int whole = 0;

	health_take(d, &health);
	succeeded = stat_of(d, "successful_requests");
	for (int i = 0; i < HOLDERS; i++) {
		conn[i] = http_open(d);
		http_request(conn[i], "POST", "/api/v1/tools/fault", NULL,
		    "{\"action\": \"verbose\", \"size\": 1000000}");
	}
	wait_stat(d, "successful_requests", succeeded + HOLDERS);
	check_bounded(d, frontend, before);
	for (int i = 0; i < HOLDERS; i++) {
		struct reply *reply = http_read(conn[i], WAIT_MS);

		whole += reply->status == 200;
		reply_free(reply);
		http_close(conn[i]);
	}
	print_message("# %d of %d were taken\n", whole, HOLDERS);
	assert_in_range(whole, 4, HOLDERS / 2);
	check_given_back(frontend, before);
	health_check(d, &health, WAIT_MS);
	daemon_stop(d);
}

/* Pipelines that hold many large results. */
static void
memory_pipelines(void **state)
{
	enum { PIPELINES = 6 };
	struct daemon *d = daemon_start("frontend_memory = 16m\n");
	char body[8192] = "{\"steps\":[{\"id\":\"big\",\"tool_name\":\"fault\","
			  "\"params\":{\"action\":\"verbose\","
			  "\"size\":500000}}";
	pid_t frontend = proc_frontend(d);
	long before = anonymous_bytes(frontend);
	struct conn *conn[PIPELINES];
	int refused = 0;

	for (int i = 0; i < 63; i++)
		strlcat(body,
		    ",{\"tool_name\":\"echo\",\"params\":{\"message\":"
		    "{\"$ref\":\"/steps/big/text\"}}}",
		    sizeof(body));
	strlcat(body, "]}", sizeof(body));
	for (int i = 0; i < PIPELINES; i++) {
		conn[i] = http_open(d);
		http_request(conn[i], "POST", "/api/v1/pipeline", NULL, body);
	}
	for (int i = 0; i < PIPELINES; i++) {
		struct reply *reply = http_answer(conn[i]);

		refused += reply->status == 503;
		if (reply->status == 503)
			check_problem(reply, 503, "no_memory");
		reply_free(reply);
		http_close(conn[i]);
	}
	assert_int_equal(refused, PIPELINES); /* none of them fits */
	check_bounded(d, frontend, before);
	check_given_back(frontend, before);
	daemon_stop(d);
}

/* Its answer has, or it has ended. */
static bool
has_begun(void *arg)
{
	struct conn *conn = arg;

	return (!http_fill(conn) || conn->len > 0);
}

/* Batches of very many entries, all of which wait for their first. */
static void
memory_batches(void **state)
{
	enum { BATCHES = 120, ENTRIES = 10000 };
	struct daemon *d = daemon_start("frontend_memory = 16m\n");
	char *body = malloc(2 * ENTRIES + 128), *end;
	pid_t frontend = proc_frontend(d);
	long before = anonymous_bytes(frontend);
	struct conn *conn[BATCHES];

	gate_make(d, "gate");
	assert_non_null(body);
	strcpy(body, "{\"requests\":[{\"tool_name\":\"wait\",\"params\":"
		     "{\"gate\":\"gate\"}}");
	end = body + strlen(body);
	for (int i = 1; i < ENTRIES; i++)
		end = mempcpy(end, ",1", 2);
	strcpy(end, "]}");
	for (int i = 0; i < BATCHES; i++) {
		conn[i] = http_open(d);
		http_request(conn[i], "POST", "/api/v1/batch", NULL, body);
	}
	for (int i = 0; i < BATCHES; i++)
		assert_true(wait_until(has_begun, conn[i], WAIT_MS));
	print_message("# %ld KiB\n", anonymous_bytes(frontend) / 1024);
	if (!built_with_sanitizers())
		assert_true(anonymous_bytes(frontend) - before < 24 * MIB);
	assert_int_equal(proc_frontend(d), frontend);
	for (int i = 0; i < BATCHES; i++)
		http_close(conn[i]);
	wait_stat(d, "in_flight", 0);
	check_given_back(frontend, before);
	free(body);
	daemon_stop(d);
}

/* The most that the process has held so far. */
static long
peak_kib(pid_t pid)
{
	char path[64], line[256];
	long kib = -1;
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%d/status", (int)pid);
	file = fopen(path, "r");
	assert_non_null(file);
	while (fgets(line, sizeof(line), file) != NULL)
		if (sscanf(line, "VmHWM: %ld kB", &kib) == 1)
			break;
	fclose(file);
	return (kib);
}

/* What is wrong with a body is found without building a tree of it. */
static void
memory_bad_bodies(void **state)
{
	static const struct {
		const char *path, *head, *tail;
	} rows[] = {
	    {"/api/v1/request", "[", "1]"},
	    {"/api/v1/request", "{\"tool_name\":\"echo\",\"params\":[", "]}"},
	    {"/api/v1/request", "{\"tool_name\":\"echo\",\"timeout\":[", "1]}"},
	    {"/api/v1/batch", "{\"requests\":[", "]}"},
	    {"/api/v1/pipeline",
		"{\"steps\":[{\"tool_name\":\"echo\",\"params\":"
		"{\"$ref\":[",
		"1]}}]}"},
	};
	struct daemon *d = daemon_start("");
	char *body = malloc(MIB);
	long before;

	assert_non_null(body);
	expect(call(d, "echo", ECHO), 200, NULL);
	before = peak_kib(proc_frontend(d));
	for (size_t i = 0; i < COUNT(rows); i++) {
		strlcpy(body, rows[i].head, MIB);
		for (size_t at = strlen(body); at < MIB - 64; at += 3)
			memcpy(body + at, "[],", 4);
		strlcat(body, rows[i].tail, MIB);
		expect(ask(d, "POST", rows[i].path, NULL, body), 400,
		    "bad_request");
	}
	print_message("# %ld KiB more\n", peak_kib(proc_frontend(d)) - before);
	if (!built_with_sanitizers())
		assert_true(peak_kib(proc_frontend(d)) - before < 16 * 1024);
	free(body);
	daemon_stop(d);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    E2E_TEST(memory_bodies),
	    E2E_TEST(memory_answers),
	    E2E_TEST(memory_pipelines),
	    E2E_TEST(memory_batches),
	    E2E_TEST(memory_bad_bodies),
	};

	return (cmocka_run_group_tests_name("memory", tests, NULL, NULL));
}
