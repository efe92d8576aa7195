/*
 * Who has a call: begun by the agent or taken back by the front end, and never
 * both, even when they race.
 */

#include "test.h"

#include <sys/mman.h>
#include <sys/wait.h>

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <unistd.h>

#include "common/claim.h"

#define SLOTS 5
#define RACES 200000

static int
set_up(void **state)
{
	return (claim_init(SLOTS));
}

static struct claim *
fresh(uint32_t slot, uint32_t generation)
{
	struct claim *claim = claim_of(slot, generation);

	claim_reset(claim);
	return (claim);
}

static void
test_begins_in_order(void **state)
{
	struct claim *claim = fresh(1, 1);

	for (uint32_t n = 1; n <= 10; n++)
		assert_true(claim_begin(claim, n));
	assert_int_equal(claim_recall(claim, 12), 10);
}

static void
test_what_was_taken_back_never_begins(void **state)
{
	struct claim *claim = fresh(1, 1);

	assert_true(claim_begin(claim, 1));
	assert_int_equal(claim_recall(claim, 3), 1);
	assert_false(claim_begin(claim, 2));
	assert_false(claim_begin(claim, 3));
	assert_true(claim_begin(claim, 4));
	assert_int_equal(claim_recall(claim, 4), 4);
}

/* After four thousand million calls the numbers start anew. */
static void
test_numbers_wrap(void **state)
{
	struct claim *claim = fresh(1, 1);

	assert_int_equal(claim_recall(claim, UINT32_MAX / 2), 0);
	assert_int_equal(claim_recall(claim, UINT32_MAX - 1), 0);
	assert_false(claim_begin(claim, UINT32_MAX - 1));
	assert_true(claim_begin(claim, UINT32_MAX));
	assert_true(claim_begin(claim, 0));
	assert_int_equal(claim_recall(claim, 2), 0);
	assert_false(claim_begin(claim, 2));
	assert_true(claim_begin(claim, 3));
	assert_true(claim_after(3, UINT32_MAX));
	assert_false(claim_after(UINT32_MAX, 3));
	assert_false(claim_after(3, 3));
}

/* A late front end asks about an agent whose slot has another by now. */
static void
test_generations_do_not_mix(void **state)
{
	struct claim *before = fresh(2, 7), *after = fresh(2, 8);

	assert_true(claim_begin(before, 1));
	claim_reset(after);
	assert_int_equal(claim_recall(after, 1), 0);
	assert_int_equal(claim_recall(before, 1), 1);
}

/* Only what was begun last, and only in this generation. */
static void
test_cancels_what_was_begun(void **state)
{
	struct claim *claim = fresh(1, 1), *other = fresh(1, 2);

	for (uint32_t n = 0; n < 4; n++)
		assert_false(claim_cancelled(claim, n));
	assert_true(claim_begin(claim, 1));
	assert_true(claim_begin(claim, 2));
	claim_cancel(claim);
	assert_false(claim_cancelled(claim, 1));
	assert_true(claim_cancelled(claim, 2));
	assert_false(claim_cancelled(claim, 3));
	assert_false(claim_cancelled(other, 2));
	assert_true(claim_begin(claim, 3));
	assert_false(claim_cancelled(claim, 3));
	claim_reset(claim);
	assert_false(claim_cancelled(claim, 2));
}

/* Every number has one owner: each side marks its own in shared memory. */
static void
race(struct claim *claim, uint8_t *begun)
{
	for (uint32_t n = 1; n <= RACES; n++)
		if (claim_begin(claim, n))
			begun[n] = 1;
}

static uint8_t taken[RACES + 1];

/* Takes back up to ten ahead of what is begun; returns the last number. */
static uint32_t
take_some(struct claim *claim, uint32_t to)
{
	uint32_t begun = claim_recall(claim, to);
	uint32_t next = begun > to ? begun + 10 : to + 1;

	if (next > RACES)
		next = RACES;
	begun = claim_recall(claim, next);
	for (uint32_t n = (begun > to ? begun : to) + 1; n <= next; n++)
		taken[n] = 1;
	return (next);
}

static void
test_race_has_one_winner(void **state)
{
	uint8_t *begun = mmap(NULL, RACES + 1, PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	struct claim *claim = fresh(3, 1);
	uint32_t to = 0;
	int status;
	pid_t pid;

	assert_ptr_not_equal(begun, MAP_FAILED);
	pid = fork();
	assert_int_not_equal(pid, -1);
	if (pid == 0) {
		claim_keep(3);
		race(claim, begun);
		_exit(0);
	}
	while (to < RACES)
		to = take_some(claim, to);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	for (uint32_t n = 1; n <= RACES; n++)
		assert_int_equal(begun[n] + taken[n], 1);
	munmap(begun, RACES + 1);
}

/* Whether a fork of this process has that memory. */
static bool
fork_has(const struct claim *claim)
{
	int status = -1, fds[2];
	pid_t pid;

	if (pipe(fds) == -1 || (pid = fork()) == -1)
		return (true);
	if (pid == 0)
		_exit(write(fds[1], claim, sizeof(*claim)) == -1 &&
			      errno == EFAULT
			  ? 0
			  : 1);
	waitpid(pid, &status, 0);
	return (status != 0);
}

/* An agent cannot reach the claims of the others, nor its forks its own. */
static void
test_agent_keeps_its_own(void **state)
{
	struct claim *own = fresh(2, 1), *other = fresh(3, 1);
	int status;
	pid_t pid = fork();

	assert_int_not_equal(pid, -1);
	if (pid == 0) {
		claim_keep(2);
		/* ENOMEM says that nothing is mapped there. */
		if (msync((void *)((uintptr_t)other &
				   ~((uintptr_t)sysconf(_SC_PAGESIZE) - 1)),
			1, MS_ASYNC) != -1 ||
		    errno != ENOMEM)
			_exit(1);
		if (fork_has(own))
			_exit(3);
		_exit(claim_begin(own, 1) ? 0 : 2);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	assert_int_equal(claim_recall(own, 1), 1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_begins_in_order),
	    cmocka_unit_test(test_what_was_taken_back_never_begins),
	    cmocka_unit_test(test_numbers_wrap),
	    cmocka_unit_test(test_generations_do_not_mix),
	    cmocka_unit_test(test_cancels_what_was_begun),
	    cmocka_unit_test(test_race_has_one_winner),
	    cmocka_unit_test(test_agent_keeps_its_own),
	};

	return (cmocka_run_group_tests(tests, set_up, NULL));
}
