/*
 * Ending what a tool left behind: children, grandchildren that have a session
 * of their own, the dead, and what does not die.  kill(2) is wrapped so that
 * it does nothing on demand, and the lists of children so that one has the
 * number of a process that is not below its parent.
 *
 * Wraps: kill children_each
 */

#include "test.h"

#include <sys/wait.h>

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <unistd.h>

#include "common/children.h"
#include "common/sweep.h"
#include "open_fds.h"

#define LIMIT_MS 30000
#define CHILDREN 3

/* For a sweep that is led astray. */
#define STRANGE_MS 50

/* More than one read of the kernel's list takes. */
#define CROWD 1000

int __real_kill(pid_t, int);
int __wrap_kill(pid_t, int);

static bool harmless; /* kill() does nothing */

int __real_children_each(pid_t, children_visit, void *);
int __wrap_children_each(pid_t, children_visit, void *);

static pid_t stranger; /* every process below us seems to have it; or 0 */

int
__wrap_children_each(pid_t pid, children_visit visit, void *arg)
{
	if (pid != 0 && stranger != 0 && pid != stranger)
		visit(stranger, arg);
	return (__real_children_each(pid, visit, arg));
}

int
__wrap_kill(pid_t pid, int signo)
{
	return (harmless ? 0 : __real_kill(pid, signo));
}

static int ready[2], fds_before;

static int
set_up(void **state)
{
	fds_before = open_fds();
	harmless = false;
	if (sweep_enable() == -1)
		return (-1);
	return (pipe(ready));
}

static int
tear_down(void **state)
{
	close(ready[0]);
	close(ready[1]);
	harmless = false;
	assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
	assert_int_equal(errno, ECHILD);
	assert_int_equal(open_fds(), fds_before);
	return (0);
}

/* In a descendant: tells its pid, and then stays for ever. */
static void
linger(void)
{
	pid_t pid = getpid();

	signal(SIGTERM, SIG_IGN);
	if (write(ready[1], &pid, sizeof(pid)) != sizeof(pid))
		_exit(1);
	for (;;)
		pause();
}

/* In a descendant: one that lingers, in a session of its own. */
static void
leave_child(void)
{
	if (fork() == 0) {
		setsid();
		linger();
	}
}

static pid_t
await_pid(void)
{
	pid_t pid = -1;

	assert_int_equal(read(ready[0], &pid, sizeof(pid)), sizeof(pid));
	return (pid);
}

static pid_t
start(void (*run)(void))
{
	pid_t pid = fork();

	assert_int_not_equal(pid, -1);
	if (pid == 0) {
		run();
		_exit(0);
	}
	return (pid);
}

/* Until it is dead, but not reaped. */
static void
await_death(pid_t pid)
{
	siginfo_t info;

	assert_int_equal(waitid(P_PID, (id_t)pid, &info, WEXITED | WNOWAIT), 0);
}

static void
expect_gone(pid_t pid)
{
	assert_int_equal(__real_kill(pid, 0), -1);
	assert_int_equal(errno, ESRCH);
}

struct visits {
	pid_t pids[CROWD];
	int count;
};

static void
note(pid_t child, void *arg)
{
	struct visits *visits = arg;

	assert_in_range(visits->count, 0, CROWD - 1);
	visits->pids[visits->count++] = child;
}

static void
test_nothing(void **state)
{
	struct visits visits = {.count = 0};

	assert_int_equal(sweep_children(note, &visits), 0);
	assert_int_equal(visits.count, 0);
	assert_int_equal(sweep_all(0), 0);
}

static void
test_children(void **state)
{
	struct visits visits = {.count = 0};
	pid_t pids[CHILDREN];

	for (int i = 0; i < CHILDREN; i++)
		pids[i] = start(linger);
	for (int i = 0; i < CHILDREN; i++)
		await_pid();
	assert_int_equal(sweep_children(note, &visits), CHILDREN);
	assert_int_equal(visits.count, CHILDREN);
	for (int i = 0; i < CHILDREN; i++)
		assert_int_equal(visits.pids[i], pids[i]);
	assert_true(sweep_all(LIMIT_MS) >= CHILDREN);
	for (int i = 0; i < CHILDREN; i++)
		expect_gone(pids[i]);
}

static void
test_dead_children(void **state)
{
	struct visits visits = {.count = 0};
	pid_t pid = fork();

	if (pid == 0)
		_exit(7);
	await_death(pid);
	assert_int_equal(sweep_children(note, &visits), 1);
	assert_int_equal(visits.pids[0], pid);
	assert_int_equal(sweep_all(LIMIT_MS), 0);
	expect_gone(pid);
}

/* Its parent is dead: it is ours. */
static void
test_orphan_in_its_own_session(void **state)
{
	pid_t child = start(leave_child), orphan = await_pid();

	await_death(child);
	assert_true(sweep_all(LIMIT_MS) >= 1);
	expect_gone(child);
	expect_gone(orphan);
}

static void
leave_child_and_linger(void)
{
	leave_child();
	linger();
}

/* It becomes ours only when its parent is killed. */
static void
test_grandchild_of_a_living_child(void **state)
{
	pid_t pids[2];

	start(leave_child_and_linger);
	pids[0] = await_pid();
	pids[1] = await_pid();
	assert_true(sweep_all(LIMIT_MS) >= 2);
	expect_gone(pids[0]);
	expect_gone(pids[1]);
}

/* What is not below us is ended by its number. */
static void
test_trees(void **state)
{
	pid_t root = start(leave_child_and_linger), pids[2];

	pids[0] = await_pid();
	pids[1] = await_pid();
	while (waitpid(root, NULL, WNOHANG) == 0)
		assert_int_not_equal(sweep_freeze_trees(&root, 1), -1);
	assert_true(sweep_all(LIMIT_MS) >= 0);
	expect_gone(pids[0]);
	expect_gone(pids[1]);
}

static void
test_crowd(void **state)
{
	struct visits visits = {.count = 0};
	pid_t pids[CROWD];

	for (int i = 0; i < CROWD; i++)
		if ((pids[i] = fork()) == 0)
			_exit(0);
	assert_int_equal(sweep_children(note, &visits), CROWD);
	for (int i = 0; i < CROWD; i++)
		assert_int_equal(visits.pids[i], pids[i]);
	assert_true(sweep_all(LIMIT_MS) >= 0);
}

static void
test_what_does_not_die(void **state)
{
	pid_t pid = start(linger);

	await_pid();
	harmless = true;
	assert_int_equal(sweep_all(0), -1);
	assert_int_equal(errno, ETIMEDOUT);
	assert_int_equal(__real_kill(pid, 0), 0);
	harmless = false;
	assert_true(sweep_all(LIMIT_MS) >= 1);
	expect_gone(pid);
}

/* What is kept stays, with what is below it; all else goes. */
static void
test_strays(void **state)
{
	pid_t kept = start(leave_child_and_linger), pids[2], stray;

	pids[0] = await_pid();
	pids[1] = await_pid();
	assert_int_equal(sweep_keep(kept), 0);
	assert_int_equal(sweep_strays(LIMIT_MS), 0);
	stray = start(leave_child);
	stray = (await_death(stray), await_pid());
	assert_true(sweep_strays(LIMIT_MS) >= 1);
	expect_gone(stray);
	for (int i = 0; i < 2; i++)
		assert_int_equal(__real_kill(pids[i], 0), 0);
	/* Once it is dead, what was below it is a stray. */
	__real_kill(kept, SIGKILL);
	await_death(kept);
	assert_true(sweep_strays(LIMIT_MS) >= 1);
	expect_gone(pids[0] == kept ? pids[1] : pids[0]);
	assert_int_equal(waitpid(kept, NULL, WNOHANG), kept);
	sweep_drop(kept);
	assert_int_equal(sweep_strays(0), 0);
}

/* A signal to end takes all along. */
static void
test_kept_ends_with_all(void **state)
{
	pid_t kept[20];

	for (int i = 0; i < 20; i++) {
		kept[i] = start(linger);
		await_pid();
		assert_int_equal(sweep_keep(kept[i]), 0);
	}
	assert_int_equal(sweep_strays(0), 0);
	assert_true(sweep_all(LIMIT_MS) >= 20);
	for (int i = 0; i < 20; i++) {
		expect_gone(kept[i]);
		sweep_drop(kept[i]);
	}
}

static void *
fork_in_thread(void *arg)
{
	pid_t *pid = arg;

	if ((*pid = fork()) == 0)
		linger();
	for (;;)
		pause();
	return (NULL);
}

/* A thread has a list of children of its own. */
static void
test_child_of_a_thread(void **state)
{
	struct visits visits = {.count = 0};
	pid_t kept = start(linger), pid;
	pthread_t thread;

	await_pid();
	assert_int_equal(
	    pthread_create(&thread, NULL, fork_in_thread, &pid), 0);
	await_pid();
	assert_int_equal(sweep_children(note, &visits), 2);
	assert_int_equal(sweep_keep(kept), 0);
	assert_true(sweep_strays(LIMIT_MS) >= 1);
	expect_gone(pid);
	assert_int_equal(pthread_cancel(thread), 0);
	assert_int_equal(pthread_join(thread, NULL), 0);
	sweep_drop(kept);
	assert_int_equal(
	    pthread_create(&thread, NULL, fork_in_thread, &pid), 0);
	await_pid();
	assert_true(sweep_all(LIMIT_MS) >= 2);
	expect_gone(pid);
	expect_gone(kept);
	assert_int_equal(pthread_cancel(thread), 0);
	assert_int_equal(pthread_join(thread, NULL), 0);
}

/* What was stopped by somebody else dies as well. */
static void
test_stopped(void **state)
{
	pid_t pid = start(leave_child_and_linger);

	await_pid();
	await_pid();
	assert_int_equal(__real_kill(pid, SIGSTOP), 0);
	assert_true(sweep_all(LIMIT_MS) >= 2);
	expect_gone(pid);
}

/* The number of one that has died may be anybody's when its turn comes. */
static void
test_number_of_a_stranger(void **state)
{
	pid_t kept = start(linger), stray = start(linger), parent;

	await_pid();
	await_pid();
	assert_int_equal(sweep_keep(kept), 0);
	stranger = kept;
	assert_int_equal(sweep_strays(STRANGE_MS), -1);
	assert_int_equal(errno, ETIMEDOUT);
	stranger = 0;
	assert_true(sweep_strays(LIMIT_MS) >= 1);
	expect_gone(stray);
	assert_int_equal(waitpid(kept, NULL, WNOHANG | WUNTRACED), 0);
	assert_true(children_look(kept, &parent) != 0);
	assert_int_equal(parent, getpid());
	sweep_drop(kept);
	assert_true(sweep_all(LIMIT_MS) >= 1);
	expect_gone(kept);
	assert_int_equal(children_look(kept, &parent), 0);
}

static void
test_stray_that_does_not_die(void **state)
{
	pid_t kept = start(linger), stray = start(linger);

	await_pid();
	await_pid();
	assert_int_equal(sweep_keep(kept), 0);
	harmless = true;
	assert_int_equal(sweep_strays(0), -1);
	assert_int_equal(errno, ETIMEDOUT);
	harmless = false;
	assert_true(sweep_strays(LIMIT_MS) >= 1);
	expect_gone(stray);
	sweep_drop(kept);
	assert_true(sweep_strays(LIMIT_MS) >= 1);
	expect_gone(kept);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(test_nothing),
	    TEST(test_children),
	    TEST(test_dead_children),
	    TEST(test_orphan_in_its_own_session),
	    TEST(test_grandchild_of_a_living_child),
	    TEST(test_trees),
	    TEST(test_crowd),
	    TEST(test_what_does_not_die),
	    TEST(test_strays),
	    TEST(test_number_of_a_stranger),
	    TEST(test_kept_ends_with_all),
	    TEST(test_stray_that_does_not_die),
	    TEST(test_child_of_a_thread),
	    TEST(test_stopped),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
