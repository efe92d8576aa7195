/*
 * A master that is not there: killed just when the front end has something
 * to tell it, with agents that ignore every signal but KILL; or stopped for
 * longer than it would let a front end be silent, which is then not to blame.
 */

#include "harness.h"

#include <signal.h>
#include <stdio.h>

#define ID_1 "11111111-1111-4111-8111-111111111111"
#define ID_2 "22222222-2222-4222-8222-222222222222"
#define STUBBORN "{\"action\": \"stubborn\"}"

/* Everything must be gone so long after the master. */
#define GONE_MS 2000

static struct conn *
begin_stubborn(struct daemon *d, const char *id)
{
	struct conn *conn = call_begin(d, id, "fault", STUBBORN, "");

	wait_request(d, id, "running");
	return (conn);
}

/* A connection that the front end has accepted. */
static struct conn *
open_accepted(struct daemon *d)
{
	struct conn *conn = http_open(d);

	http_request(conn, "GET", "/livez", NULL, NULL);
	expect(http_answer(conn), 200, NULL);
	return (conn);
}

static void
check_all_gone(struct daemon *d)
{
	int64_t begin = now_ms();
	pid_t pids[PROC_MAX];
	size_t n = proc_tree(d->pid, pids);

	assert_true(proc_kill(d->pid, SIGKILL));
	assert_int_equal(daemon_wait(d, WAIT_MS), 128 + SIGKILL);
	if (!wait_until(proc_no_strays, d, within_ms(GONE_MS)))
		fail_msg("%zu processes are left", proc_strays(d));
	print_message(
	    "# %zu gone after %lld ms\n", n, (long long)(now_ms() - begin));
	daemon_discard(d);
}

/*
 * The front end, stopped meanwhile, finds the request to cancel a call before
 * it finds that there is no master any more whom it could tell.
 */
static void
master_killed_once(void)
{
	struct daemon *d = daemon_start("agents = 3\n");
	struct conn *conn = open_accepted(d), *first, *second;
	struct load load;

	first = begin_stubborn(d, ID_1);
	second = begin_stubborn(d, ID_2);
	load_init(&load, d, 4);
	load_run(&load, 50);
	load_finish(&load);
	assert_true(proc_kill(proc_frontend(d), SIGSTOP));
	http_request(conn, "DELETE", "/api/v1/requests/" ID_1, NULL, NULL);
	check_all_gone(d);
	http_close(first);
	http_close(second);
	http_close(conn);
}

static void
master_killed(void **state)
{
	enum { ROUNDS = 5 };

	for (int i = 0; i < ROUNDS; i++)
		master_killed_once();
}

static void
master_stopped(void **state)
{
	struct daemon *d = daemon_start("frontend_timeout = \"1s\"\n");
	pid_t frontend = proc_frontend(d);
	struct health before;
	struct conn *conn;

	health_take(d, &before);
	gate_make(d, "gate");
	conn = call_begin(d, ID_1, "wait", "{\"gate\": \"gate\"}", "");
	wait_request(d, ID_1, "running");
	assert_true(proc_kill(d->pid, SIGSTOP));
	assert_false(wait_until(proc_gone, &frontend, 1500));
	expect(call(d, "echo", "{\"message\": \"x\"}"), 200, NULL);
	assert_true(proc_kill(d->pid, SIGCONT));
	/* More than a heartbeat. */
	assert_false(wait_until(proc_gone, &frontend, 500));
	gate_open(d, "gate");
	expect(http_answer(conn), 200, NULL);
	http_close(conn);
	health_check(d, &before, WAIT_MS);
	assert_int_equal(proc_frontend(d), frontend);
	daemon_stop(d);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    E2E_TEST(master_killed),
	    E2E_TEST(master_stopped),
	};

	return (cmocka_run_group_tests_name("master", tests, NULL, NULL));
}
