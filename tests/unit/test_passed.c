/*
 * The headers of a request that go to a tool, when there is no memory for one
 * thing after the other: the call is refused, and nothing is half there.
 *
 * Wraps: json_object_new_object json_object_new_string_len json_text
 */

#include "test.h"

#include <sys/queue.h>

#include <json-c/json.h>
#include <stdlib.h>
#include <string.h>

#include <event2/http.h>
#include <event2/keyvalq_struct.h>

#include "common/sys.h"
#include "frontend/api/passed.h"
#include "frontend/caller.h"
#include "frontend/http/conn.h"
#include "frontend/problem.h"
#include "frontend/router/call.h"
#include "frontend/router/tool.h"

#define PARAMS "{}"
#define WANTED                                                       \
	"{\"X-Tenant\":\"a, b\",\"Cookie\":\"c=1; d=2\",\"X-Empty\"" \
	":\"\",\"X-Agentd-Client\":\"uid:7\"}"

/* How many allocations are left; -1: as many as are wanted. */
static int left = -1;

static bool
fails(void)
{
	return (left != -1 && left-- == 0);
}

struct json_object *__real_json_object_new_object(void);
struct json_object *__wrap_json_object_new_object(void);
struct json_object *__real_json_object_new_string_len(const char *, int);
struct json_object *__wrap_json_object_new_string_len(const char *, int);
const char *__real_json_text(struct json_object *, size_t *);
const char *__wrap_json_text(struct json_object *, size_t *);

struct json_object *
__wrap_json_object_new_object(void)
{
	return (fails() ? NULL : __real_json_object_new_object());
}

struct json_object *
__wrap_json_object_new_string_len(const char *text, int len)
{
	return (fails() ? NULL : __real_json_object_new_string_len(text, len));
}

const char *
__wrap_json_text(struct json_object *value, size_t *len)
{
	return (fails() ? NULL : __real_json_text(value, len));
}

static void *
counted_malloc(size_t size)
{
	return (fails() ? NULL : malloc(size));
}

static const char *const headers[][2] = {
    {"X-Tenant", "a"},
    {"x-tenant", "b"},
    {"Cookie", "c=1"},
    {"Cookie", "d=2"},
    {"X-Empty", ""},
    {"X-Other", "no"},
    {"X-Agentd-Client", "root"},
};

static struct tool_info tool;
static struct caller caller = {.address = "uid:7"};
static struct conn conn;

static int
set_up(void **state)
{
	conn.req = evhttp_request_new(NULL, NULL);
	assert_non_null(conn.req);
	for (size_t i = 0; i < sizeof(headers) / sizeof(headers[0]); i++)
		evhttp_add_header(evhttp_request_get_input_headers(conn.req),
		    headers[i][0], headers[i][1]);
	tool.pass_headers = json_tokener_parse(
	    "[\"X-Tenant\", \"Cookie\", \"X-Absent\", \"X-Empty\", "
	    "\"X-Agentd-Client\"]");
	assert_non_null(tool.pass_headers);
	sys.malloc = counted_malloc;
	return (0);
}

static int
tear_down(void **state)
{
	sys.malloc = malloc;
	json_object_put(tool.pass_headers);
	evhttp_request_free(conn.req);
	return (0);
}

/* With so many allocations; false: that is too few, and it says so. */
static bool
collect(int allocations)
{
	struct call call = {.tool = &tool,
	    .caller = &caller,
	    .work.params = strdup(PARAMS),
	    .work.params_len = strlen(PARAMS)};
	struct refusal refusal = {.problem = PROBLEM_QUEUE_FULL};
	int rc;

	left = allocations;
	rc = passed_collect(&call, &conn, &refusal);
	left = -1;
	assert_memory_equal(call.work.params, PARAMS, strlen(PARAMS));
	assert_int_equal(call.work.params_len, strlen(PARAMS));
	if (rc == -1) {
		assert_int_equal(refusal.problem, PROBLEM_NO_MEMORY);
		assert_int_equal(call.work.headers_len, 0);
	} else {
		assert_int_equal(call.work.headers_len, strlen(WANTED));
		assert_memory_equal(call.work.params + call.work.params_len,
		    WANTED, strlen(WANTED));
	}
	free(call.work.params);
	return (rc == 0);
}

static void
passed_memory(void **state)
{
	int n = 0;

	while (!collect(n))
		n++;
	/* An object, four values, its text, and room for it in the call. */
	assert_int_equal(n, 7);
}

/* Nobody knows who asks: no call goes out under no name. */
static void
passed_nobody(void **state)
{
	struct call call = {.tool = &tool};
	struct refusal refusal = {.problem = PROBLEM_QUEUE_FULL};

	assert_int_equal(passed_collect(&call, &conn, &refusal), -1);
	assert_int_equal(refusal.problem, PROBLEM_NO_MEMORY);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(passed_memory),
	    cmocka_unit_test(passed_nobody),
	};

	return (
	    cmocka_run_group_tests_name("passed", tests, set_up, tear_down));
}
