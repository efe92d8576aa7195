/*
 * Large batches: they neither starve single calls nor hold more than a bounded
 * lot of memory, whether the client reads or not.
 */

#include "many.h"

#include <sys/socket.h>

#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ENTRIES 10000
#define ECHO "{\"tool_name\":\"echo\",\"params\":{\"message\":\"%d\"}}"
#define LARGE                                              \
	"{\"tool_name\":\"fault\",\"params\":{\"action\":" \
	"\"verbose\",\"size\":900000}}"

#define SMALLER                                            \
	"{\"tool_name\":\"fault\",\"params\":{\"action\":" \
	"\"verbose\",\"size\":100000}}"

/* Single calls until the batch is answered; the longest, microseconds. */
static int64_t
call_meanwhile(
    struct daemon *d, struct conn *many, struct reply **answer, int *calls)
{
	int64_t begin, longest = 0;

	for (*calls = 0; (*answer = reply_take(many)) == NULL; (*calls)++) {
		begin = now_us();
		expect(call(d, "echo", "{\"message\": \"x\"}"), 200, NULL);
		if (now_us() - begin > longest)
			longest = now_us() - begin;
		http_fill(many);
	}
	return (longest);
}

static void
check_all(const struct reply *reply)
{
	char number[16];

	assert_int_equal(reply_int(reply, "/succeeded"), ENTRIES);
	for (int i = 0; i < ENTRIES; i++) {
		snprintf(number, sizeof(number), "%d", i);
		assert_int_equal(many_int(reply, "results", i, "index"), i);
		assert_string_equal(
		    many_string(reply, "results", i, "result/echo"), number);
	}
}

/* One batch, with single calls meanwhile; what the front end has after it. */
static long
run_large(struct daemon *d, const char *body)
{
	struct conn *many = many_begin(d, BATCH, "", body);
	int64_t begin = now_ms(), longest;
	struct reply *reply;
	int calls;

	longest = call_meanwhile(d, many, &reply, &calls);
	print_message("# %d entries in %lld ms; meanwhile %d calls, the "
		      "longest %lld us; %ld kB\n",
	    ENTRIES, (long long)(now_ms() - begin), calls, (long long)longest,
	    proc_private_kb(proc_frontend(d)));
	check_all(reply);
	assert_true(calls > 0);
	assert_true(longest < within_ms(2000) * (int64_t)1000);
	reply_free(reply);
	http_close(many);
	return (proc_private_kb(proc_frontend(d)));
}

static void
large_fair(void **state)
{
	enum { MORE_KB = 8192 };
	struct daemon *d = daemon_start("");
	char *body = batch_body(ENTRIES, ECHO);
	long first;

	first = run_large(d, body);
	run_large(d, body);
	/* A sanitizer keeps what was freed. */
	assert_true(
	    run_large(d, body) < first + MORE_KB || built_with_sanitizers());
	assert_int_equal(stat_of(d, "in_flight"), 0);
	assert_int_equal(stat_of(d, "rejected"), 0);
	free(body);
	daemon_stop(d);
}

/* Whether no more calls have been begun since it was last looked at. */
struct standstill {
	struct daemon *daemon;
	int64_t done;
	int looks;
};

static bool
stands_still(void *arg)
{
	struct standstill *s = arg;
	int64_t done = stat_of(s->daemon, "successful_requests");

	s->looks =
	    done > 0 && done == s->done && stat_of(s->daemon, "in_flight") == 0
		? s->looks + 1
		: 0;
	s->done = done;
	return (s->looks == 5);
}

/* Two small calls, and one of 900 kB whose turn does not come meanwhile. */
static char *
waiting_body(void)
{
	enum { NUMBERS = 450000 };
	static const char head[] =
	    "{\"requests\":[{\"tool_name\":\"echo\",\"params\":{\"message\":1}}"
	    ","
	    "{\"tool_name\":\"echo\",\"params\":{\"message\":1}},"
	    "{\"tool_name\":\"echo\",\"params\":{\"message\":[";
	static const char tail[] = "1]}}]}";
	char *body = malloc(sizeof(head) + 2 * NUMBERS + sizeof(tail)), *at;

	assert_non_null(body);
	at = stpcpy(body, head);
	for (int i = 0; i < NUMBERS; i++)
		at = stpcpy(at, "1,");
	strcpy(at, tail);
	return (body);
}

/* What waits costs next to nothing, however large it is. */
static void
large_waiting(void **state)
{
	enum { BATCHES = 8, SHARE = 15 };
	struct daemon *d = daemon_start("agents = 1\n");
	struct conn *conns[BATCHES], *running;
	char *body = waiting_body();
	int64_t begun, cpu;

	gate_make(d, "gate");
	running = call_begin(d, MANY_ID, "wait", "{\"gate\": \"gate\"}", "");
	wait_stat(d, "busy_agents", 1);
	for (int i = 0; i < BATCHES; i++)
		conns[i] = many_begin(d, BATCH, "", body);
	wait_stat(d, "queue_depth", 2 * BATCHES);
	begun = now_ms();
	cpu = proc_cpu_ms(proc_frontend(d));
	expect(call_with(d, "echo", "{\"message\": 1}", ", \"timeout\": 1"),
	    504, "timeout");
	cpu = proc_cpu_ms(proc_frontend(d)) - cpu;
	begun = now_ms() - begun;
	print_message(
	    "# front end: %d ms of CPU in %d ms\n", (int)cpu, (int)begun);
	assert_true(cpu <= begun * SHARE / 100 + 20);
	gate_open(d, "gate");
	expect(http_answer(running), 200, NULL);
	http_close(running);
	for (int i = 0; i < BATCHES; i++) {
		expect(http_answer(conns[i]), 200, NULL);
		http_close(conns[i]);
	}
	free(body);
	daemon_stop(d);
}

/* 90 MB that are not read are not made. */
static void
large_unread(void **state)
{
	enum { CALLS = 100, BOUND_KB = 32 * 1024 };
	struct daemon *d = daemon_start("timeout = \"120s\"\n");
	struct standstill still = {.daemon = d};
	char *body = batch_body(CALLS, LARGE);
	struct reply *reply;
	struct conn *conn;
	long before;

	expect(call(d, "fault", "{\"action\":\"verbose\",\"size\":900000}"),
	    200, NULL);
	before = proc_private_kb(proc_frontend(d));
	conn = many_begin(d, BATCH, LINES, body);
	assert_true(wait_until(stands_still, &still, WAIT_MS));
	print_message("# %lld calls, %ld kB more\n", (long long)still.done,
	    proc_private_kb(proc_frontend(d)) - before);
	assert_true(still.done < 30);
	assert_true(proc_private_kb(proc_frontend(d)) < before + BOUND_KB);
	/* Once it is read, all of it comes. */
	reply = http_read(conn, 6 * WAIT_MS);
	assert_int_equal(reply->status, 200);
	assert_true(reply->length > CALLS * 900000);
	reply_free(reply);
	http_close(conn);
	free(body);
	daemon_stop(d);
}

#define LAST_CHUNK "\r\n0\r\n\r\n"

/* Takes a little at each look; true at the end of the answer. */
struct slow {
	struct conn *conn;
	size_t taken;
	char bytes[1 << 14];
};

static bool
reads_slowly(void *arg)
{
	struct slow *slow = arg;
	size_t end = sizeof(LAST_CHUNK) - 1;
	ssize_t got = recv(
	    slow->conn->fd, slow->bytes, sizeof(slow->bytes), MSG_DONTWAIT);

	if (got == 0)
		fail_msg("closed after %zu bytes", slow->taken);
	if (got > 0)
		slow->taken += (size_t)got;
	return (got >= (ssize_t)end &&
		memcmp(slow->bytes + got - end, LAST_CHUNK, end) == 0);
}

/*
 * One who reads on keeps the connection, though all of it takes longer than
 * reply_timeout.
 */
static void
large_slow_reader(void **state)
{
	char settings[128], *body = batch_body(600, SMALLER);
	struct daemon *d;
	struct slow slow = {0};
	int64_t begin = now_ms();

	/* More than passes between two of its reads, whoever else runs. */
	snprintf(settings, sizeof(settings),
	    "reply_timeout = \"%dms\"\nmax_result = 1m\n"
	    "timeout = \"120s\"\n",
	    within_ms(2000));
	d = daemon_start(settings);
	slow.conn = many_begin(d, BATCH, LINES, body);
	assert_true(wait_until(reads_slowly, &slow, 12 * WAIT_MS));
	print_message("# %zu bytes in %lld ms\n", slow.taken,
	    (long long)(now_ms() - begin));
	http_close(slow.conn);
	free(body);
	daemon_stop(d);
}

/* One who never reads loses the connection, and the rest is not begun. */
static void
large_never_read(void **state)
{
	struct daemon *d = daemon_start("reply_timeout = \"300ms\"\n");
	char *body = batch_body(100, LARGE);
	struct health before;
	struct conn *conn;

	health_take(d, &before);
	conn = many_begin(d, BATCH, LINES, body);
	wait_request(d, MANY_ID, "gone");
	health_check(d, &before, WAIT_MS);
	assert_true(stat_of(d, "total_requests") < 40);
	http_close(conn);
	free(body);
	daemon_stop(d);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    E2E_TEST(large_fair),
	    E2E_TEST(large_waiting),
	    E2E_TEST(large_unread),
	    E2E_TEST(large_slow_reader),
	    E2E_TEST(large_never_read),
	};

	return (cmocka_run_group_tests_name("batch_large", tests, NULL, NULL));
}
