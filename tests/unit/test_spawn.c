/*
 * Children by their kind: which are known, and the pauses between them.
 */

#include "test.h"

#include <sys/wait.h>

#include <unistd.h>

#include "common/sys.h"
#include "master/globals.h"
#include "master/spawn.h"

/* More than there is room for at first. */
#define CHILDREN 40

static size_t told;

static void
run(void *arg)
{
	_exit(0);
}

static void
forget(const void *tools, size_t len)
{
}

static const struct role roles[ROLES] = {
    [ROLE_AGENT] = {.name = "agent",
	.run = run,
	.pause_ms = 100,
	.pause_most_ms = 350,
	.pause_up_ms = 150},
    [ROLE_LOGGER] = {.name = "log", .run = run},
};

static void
tell(pid_t pid)
{
	assert_ptr_equal(spawn_role(pid), &roles[ROLE_AGENT]);
	told++;
}

static void
check_told(size_t number)
{
	told = 0;
	spawn_each(ROLE_AGENT, tell);
	assert_int_equal(told, number);
}

static pid_t
fail_fork(void)
{
	return (-1);
}

static void
test_kinds(void **state)
{
	pid_t pids[CHILDREN], other = spawn_child(ROLE_LOGGER, NULL, NULL);

	assert_int_not_equal(other, -1);
	for (size_t i = 0; i < CHILDREN; i++) {
		pids[i] = spawn_child(ROLE_AGENT, NULL, NULL);
		assert_int_not_equal(pids[i], -1);
	}
	check_told(CHILDREN);
	for (size_t i = 0; i < CHILDREN; i++) {
		assert_int_equal(waitpid(pids[i], NULL, 0), pids[i]);
		assert_ptr_equal(spawn_role(pids[i]), &roles[ROLE_AGENT]);
		spawn_forget(pids[i]);
		assert_null(spawn_role(pids[i]));
		check_told(CHILDREN - i - 1);
	}
	assert_ptr_equal(spawn_role(other), &roles[ROLE_LOGGER]);
	assert_int_equal(waitpid(other, NULL, 0), other);
	spawn_forget(other);
	spawn_forget(other);
}

/* What was never there is not known. */
static void
test_no_fork(void **state)
{
	sys.fork = fail_fork;
	assert_int_equal(spawn_child(ROLE_AGENT, NULL, NULL), -1);
	check_told(0);
	assert_null(spawn_role(-1));
	assert_null(spawn_role(getpid()));
}

static void
test_pauses(void **state)
{
	static const int64_t pauses[] = {100, 200, 350, 350};

	for (unsigned int i = 0; i < COUNT(pauses); i++) {
		assert_int_equal(
		    spawn_pause_ms(ROLE_AGENT, i + 1, false), pauses[i]);
		assert_int_equal(spawn_pause_ms(ROLE_AGENT, i + 1, true),
		    i == 0 ? 100 : 150);
	}
}

static int
set_up_all(void **state)
{
	master.pid = getpid();
	master.roles = roles;
	master.options.tools.forget = forget;
	return (0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_kinds),
	    cmocka_unit_test(test_no_fork),
	    cmocka_unit_test(test_pauses),
	};

	return (cmocka_run_group_tests(tests, set_up_all, NULL));
}
