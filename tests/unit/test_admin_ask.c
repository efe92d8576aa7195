/*
 * The front end's table of administrators' requests, with the master, the
 * connections and the answers played by the test.
 *
 * Wraps: clock_timeval
 */

#include "test.h"

#include <stdlib.h>
#include <string.h>

#include <event2/event.h>

#include "common/clock.h"
#include "common/sys.h"
#include "frontend/api/admin.h"
#include "frontend/globals.h"
#include "frontend/http/conn.h"
#include "frontend/http/reply.h"
#include "frontend/master_link.h"

struct frontend frontend;

static struct wire_admin sent;
static struct conn *answered, *refused;
static enum problem problem;
static struct wire_admin answered_request;
static enum wire_admin_outcome answered_outcome;
static char answered_text[64];
static const struct waiter *waits; /* of the connection asked for last */
static void *waits_arg;

/* The only time here is the limit: it is over at once. */
struct timeval __wrap_clock_timeval(int64_t ms);

struct timeval
__wrap_clock_timeval(int64_t ms)
{
	assert_in_range(ms, 1000, 60000);
	return ((struct timeval){0, 1000});
}

void
master_link_admin(const struct wire_admin *request)
{
	sent = *request;
}

void
conn_wait(struct conn *conn, const struct waiter *waiter, void *arg)
{
	waits = waiter;
	waits_arg = arg;
}

void
reply_problem(struct conn *conn, enum problem kind, const char *fmt, ...)
{
	assert_null(refused);
	refused = conn;
	problem = kind;
}

void
api_admin_done(struct conn *conn, const struct wire_admin *request,
    enum wire_admin_outcome outcome, const char *text, size_t len)
{
	assert_null(answered);
	answered = conn;
	answered_request = *request;
	answered_outcome = outcome;
	assert_in_range(len, 0, sizeof(answered_text) - 1);
	memcpy(answered_text, text, len);
	answered_text[len] = '\0';
}

static int
setup(void **state)
{
	frontend.base = event_base_new();
	answered = refused = NULL;
	waits = NULL;
	return (frontend.base == NULL ? -1 : 0);
}

static int
teardown(void **state)
{
	event_base_free(frontend.base);
	return (0);
}

static void
done(uint64_t number, enum wire_admin_outcome outcome, const char *text)
{
	struct wire_admin_done body = {.number = number, .outcome = outcome};

	admin_done(&body, text, strlen(text));
}

static void
test_answer(void **state)
{
	struct conn conn = {0};

	admin_ask(&conn, ADMIN_AGENTS, 7);
	assert_int_equal(sent.action, ADMIN_AGENTS);
	assert_int_equal(sent.value, 7);
	assert_non_null(waits);
	done(sent.number + 1, ADMIN_TAKEN, "");
	assert_null(answered);
	done(sent.number, ADMIN_FAILED, "a\nb\n");
	assert_ptr_equal(answered, &conn);
	assert_int_equal(answered_outcome, ADMIN_FAILED);
	assert_int_equal(answered_request.value, 7);
	assert_string_equal(answered_text, "a\nb\n");
	/* Once is enough. */
	answered = NULL;
	done(sent.number, ADMIN_TAKEN, "");
	assert_null(answered);
}

static void
test_order(void **state)
{
	struct conn conns[3] = {0};
	uint64_t numbers[3];

	for (int i = 0; i < 3; i++) {
		admin_ask(&conns[i], ADMIN_RELOAD, 0);
		numbers[i] = sent.number;
	}
	for (int i = 2; i >= 0; i--) {
		answered = NULL;
		done(numbers[i], ADMIN_TAKEN, "");
		assert_ptr_equal(answered, &conns[i]);
	}
}

static void
test_leave(void **state)
{
	struct conn conn = {0}, other = {0};
	void *first;
	uint64_t number;

	admin_ask(&conn, ADMIN_RELOAD, 0);
	number = sent.number;
	first = waits_arg;
	admin_ask(&other, ADMIN_DRAIN, 0);
	waits->left(first);
	done(number, ADMIN_TAKEN, "");
	assert_null(answered);
	waits->left(waits_arg);
	done(sent.number, ADMIN_TAKEN, "");
	assert_null(answered);
}

static void
test_limit(void **state)
{
	struct conn conn = {0};

	admin_ask(&conn, ADMIN_RELOAD, 0);
	event_base_dispatch(frontend.base);
	assert_ptr_equal(refused, &conn);
	assert_int_equal(problem, PROBLEM_TIMEOUT);
	done(sent.number, ADMIN_TAKEN, "");
	assert_null(answered);
}

static void *
no_memory(size_t size)
{
	return (NULL);
}

static void
test_no_memory(void **state)
{
	struct conn conn = {0};

	sent.number = 0;
	sys.malloc = no_memory;
	admin_ask(&conn, ADMIN_RELOAD, 0);
	sys.malloc = malloc;
	assert_ptr_equal(refused, &conn);
	assert_int_equal(problem, PROBLEM_NO_MEMORY);
	assert_int_equal(sent.number, 0);
	assert_null(waits);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(test_answer, setup, teardown),
	    cmocka_unit_test_setup_teardown(test_order, setup, teardown),
	    cmocka_unit_test_setup_teardown(test_leave, setup, teardown),
	    cmocka_unit_test_setup_teardown(test_limit, setup, teardown),
	    cmocka_unit_test_setup_teardown(test_no_memory, setup, teardown),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
