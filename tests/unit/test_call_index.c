/*
 * The index of calls in flight, as it grows and shrinks.
 */

#include "test.h"

#include <stdlib.h>

#include <string.h>

#include "common/sys.h"
#include "frontend/router/call.h"
#include "frontend/router/call_index.h"

#define CALLS 5000

static struct call calls[CALLS];

/* Ids as a client may choose them: all alike but for a few bits. */
static void
fill(void)
{
	for (uint32_t i = 0; i < CALLS; i++) {
		memset(&calls[i], 0, sizeof(calls[i]));
		memcpy(calls[i].work.id + 8, &i, sizeof(i));
		assert_null(call_index_find(calls[i].work.id));
		call_index_add(&calls[i]);
	}
}

static void
check_found(void)
{
	for (size_t i = 0; i < CALLS; i++)
		assert_ptr_equal(call_index_find(calls[i].work.id), &calls[i]);
}

static void
index_all(void **state)
{
	struct call *call;
	size_t i = 0;

	fill();
	check_found();
	assert_int_equal(call_index_count(), CALLS);
	for (call = call_index_first(); call != NULL;
	     call = call_index_next(call))
		assert_ptr_equal(call, &calls[i++]);
	assert_int_equal(i, CALLS);
	for (i = 0; i < CALLS; i += 2)
		call_index_remove(&calls[i]);
	for (i = 0; i < CALLS; i++)
		assert_ptr_equal(call_index_find(calls[i].work.id),
		    i % 2 == 0 ? NULL : &calls[i]);
	assert_ptr_equal(call_index_first(), &calls[1]);
	for (i = 1; i < CALLS; i += 2)
		call_index_remove(&calls[i]);
	assert_null(call_index_first());
	assert_int_equal(call_index_count(), 0);
}

static void *
no_malloc(size_t size)
{
	return (NULL);
}

/* Then it is slower, and that is all. */
static void
index_no_memory(void **state)
{
	void *(*real)(size_t) = sys.malloc;

	sys.malloc = no_malloc;
	fill();
	check_found();
	for (size_t i = 0; i < CALLS; i++)
		call_index_remove(&calls[i]);
	sys.malloc = real;
	assert_int_equal(call_index_count(), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(index_no_memory),
	    cmocka_unit_test(index_all),
	};

	return (cmocka_run_group_tests_name("call index", tests, NULL, NULL));
}
