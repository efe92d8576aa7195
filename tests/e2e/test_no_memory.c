/*
 * Answers for which there is no memory: whatever libevent cannot allocate
 * once the tools have run, a client gets the answer, a 503, or a connection
 * that is closed; never a part that looks like the whole.
 */

#include "harness.h"

#include <json-c/json.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define ID "0f8fad5b-d9cb-469f-a165-70867728950e"
#define WAIT "{\"tool_name\":\"wait\",\"params\":{\"gate\":\"gate\"}}"
#define HEADERS "Origin: http://a.example\r\nX-Request-Id: " ID "\r\n"
#define LINES "Accept: application/x-ndjson\r\n"

static const struct kind {
	const char *name, *path, *headers, *body;
	const char *list; /* the array in the answer, or NULL */
	size_t length;
} kinds[] = {
    {"call", "/api/v1/request", "", WAIT, NULL, 0},
    {"batch", "/api/v1/batch", "",
	"{\"requests\":[" WAIT "," WAIT ",1," WAIT "]}", "/results", 4},
    {"lines", "/api/v1/batch", LINES, "{\"requests\":[" WAIT "]}", NULL, 0},
    {"pipeline", "/api/v1/pipeline", "", "{\"steps\":[" WAIT "," WAIT "]}",
	"/steps", 2},
};

/* All that was asked for. */
static void
check_list(const struct reply *reply, const struct kind *kind)
{
	struct json_object *list = reply_at(reply, kind->list);
	size_t length = json_object_array_length(list);

	assert_int_equal(length, kind->length);
	for (size_t i = 0; i < length; i++)
		assert_true(json_object_is_type(
		    json_object_array_get_idx(list, i), json_type_object));
}

static void
check_answer(const struct reply *reply, const struct kind *kind)
{
	assert_true(reply_header(reply, "Content-Length") != NULL ||
		    reply_header(reply, "Transfer-Encoding") != NULL);
	assert_string_equal(reply_header(reply, "X-Request-Id"), ID);
	assert_non_null(reply_header(reply, "Access-Control-Allow-Origin"));
	if (reply->status == 503) {
		check_problem(reply, 503, "no_memory");
		return;
	}
	assert_int_equal(reply->status, 200);
	assert_non_null(reply->json);
	if (kind->list != NULL)
		check_list(reply, kind);
}

/*
 * Lets so many allocations pass, and then some fail, once the tool runs.
 * Returns whether there were so many.
 */
static bool
try_kind(struct daemon *d, const struct kind *kind, int pass, const char *fail)
{
	struct conn *conn = http_open(d);
	char text[sizeof(HEADERS) + sizeof(LINES)];
	struct reply *reply;
	bool passed;
	int gate;

	snprintf(text, sizeof(text), "%s%s", HEADERS, kind->headers);
	http_request(conn, "POST", kind->path, text, kind->body);
	wait_stat(d, "busy_agents", 1 + (kind->length > 1));
	snprintf(text, sizeof(text), "%d", pass);
	fault_set(d, "libevent_pass", text);
	fault_set(d, "libevent_fail", fail);
	gate = gate_keep_open(d, "gate");
	reply = http_read(conn, WAIT_MS);
	passed = !fault_exists(d, "libevent_pass");
	fault_clear(d, "libevent_fail");
	fault_clear(d, "libevent_pass");
	if (reply->status == HTTP_SILENT)
		fail_msg("%s, after %d: no answer", kind->name, pass);
	if (reply->status != HTTP_CLOSED)
		check_answer(reply, kind);
	reply_free(reply);
	http_close(conn);
	wait_stat(d, "in_flight", 0);
	close(gate);
	return (passed);
}

static void
try_kinds(const char *fail)
{
	struct daemon *d =
	    daemon_start("cors_origins = {\"http://a.example\"}\n");
	pid_t frontend = proc_frontend(d);
	struct health health;

	gate_make(d, "gate");
	health_take(d, &health);
	for (size_t i = 0; i < COUNT(kinds); i++) {
		int pass = 1;

		while (try_kind(d, &kinds[i], pass, fail))
			pass++;
		print_message("# %s: %d allocations\n", kinds[i].name, pass);
		assert_in_range(pass, 3, 200);
	}
	assert_int_equal(proc_frontend(d), frontend);
	health_check(d, &health, WAIT_MS);
	daemon_stop(d);
}

/* One fails, and those after it do not. */
static void
no_memory_once(void **state)
{
	try_kinds("1");
}

/* All fail from there on. */
static void
no_memory_on(void **state)
{
	try_kinds("1000000");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    E2E_TEST(no_memory_once),
	    E2E_TEST(no_memory_on),
	};

	return (cmocka_run_group_tests_name("no_memory", tests, NULL, NULL));
}
