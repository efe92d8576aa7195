/*
 * The arithmetic and the lookups of batches and pipelines: the window, the
 * slices of an array, JSON Pointer, and circles in a graph.
 */

#include "test.h"

#include <json-c/json.h>

#include <stdlib.h>
#include <string.h>

#include "frontend/api/pipeline_graph.h"
#include "frontend/api/pointer.h"
#include "frontend/http/body.h"
#include "frontend/router/admit.h"

static const struct {
	struct admit_window window; /* agents, idle, waiting, queue_max */
	size_t in_flight, more;
} windows[] = {
    /* All is free: two for each agent. */
    {{4, 4, 0, 100}, 0, 8},
    {{4, 4, 0, 100}, 5, 3},
    {{4, 4, 0, 100}, 8, 0},
    {{4, 4, 0, 100}, 9, 0},
    /* Others keep the agents busy: half of the room in the queue. */
    {{4, 0, 0, 10}, 0, 5},
    {{4, 0, 6, 10}, 0, 2},
    {{4, 0, 9, 10}, 0, 0},
    {{4, 0, 10, 10}, 0, 0},
    {{4, 0, 20, 10}, 0, 0},
    /* A queue of nothing: only what an idle agent takes. */
    {{4, 4, 0, 0}, 0, 4},
    {{4, 4, 3, 0}, 0, 1},
    {{4, 0, 0, 0}, 0, 0},
    /* One place is left to others. */
    {{1, 0, 0, 1}, 0, 0},
    {{1, 1, 0, 1}, 0, 1},
    {{0, 0, 0, 100}, 0, 0},
};

static void
test_window(void **state)
{
	for (size_t i = 0; i < COUNT(windows); i++)
		if (admit_window_size(&windows[i].window,
			windows[i].in_flight) != windows[i].more)
			fail_msg("row %zu: %zu", i,
			    admit_window_size(
				&windows[i].window, windows[i].in_flight));
}

/* However many there are, together they leave a place to others. */
static void
test_window_together(void **state)
{
	struct admit_window w = {.agents = 8, .idle = 0, .queue_max = 50};
	size_t before;

	do {
		before = w.waiting;
		w.waiting += admit_window_size(&w, 0);
	} while (w.waiting != before);
	assert_int_equal(w.waiting, w.queue_max - 1);
}

static const struct {
	const char *text;
	enum slices_outcome outcome;
	size_t count;
	const char *last;
} arrays[] = {
    {"[]", SLICES_READ, 0, NULL},
    {" [ ] ", SLICES_READ, 0, NULL},
    {"[1]", SLICES_READ, 1, "1"},
    {"[ 1 , \"a,b\" ]", SLICES_READ, 2, "\"a,b\""},
    {"[[],{\"a\":[1,2]}]", SLICES_READ, 2, "{\"a\":[1,2]}"},
    {"[null,[[ ]],  true ]", SLICES_READ, 3, "true"},
    {"[{ } ]", SLICES_READ, 1, "{ }"},
    {"[1,2,3,4]", SLICES_TOO_MANY, 3, "3"},
    {"{}", SLICES_NO_ARRAY, 0, NULL},
    {"5", SLICES_NO_ARRAY, 0, NULL},
    {"", SLICES_NO_ARRAY, 0, NULL},
    {"[1", SLICES_NO_ARRAY, 1, "1"},
    {"[1,]", SLICES_NO_ARRAY, 1, "1"},
    {"[1]]", SLICES_NO_ARRAY, 1, "1"},
    {"[01]", SLICES_NO_ARRAY, 0, NULL},
};

static void
test_slices(void **state)
{
	struct slices slices;

	for (size_t i = 0; i < COUNT(arrays); i++) {
		if (body_read_array(&slices, arrays[i].text,
			strlen(arrays[i].text), 3) != arrays[i].outcome ||
		    slices.count != arrays[i].count)
			fail_msg("%s: %zu", arrays[i].text, slices.count);
		if (arrays[i].last != NULL) {
			struct slice *last = &slices.at[slices.count - 1];

			assert_int_equal(last->len, strlen(arrays[i].last));
			assert_memory_equal(
			    last->text, arrays[i].last, last->len);
		}
		free(slices.at);
	}
}

/* The examples of RFC 6901, section 5, and what it forbids. */
#define DOCUMENT                                                           \
	"{\"foo\":[\"bar\",\"baz\"],\"\":0,\"a/b\":1,\"c%d\":2,\"e^f\":3," \
	"\"g|h\":4,\"i\\\\j\":5,\"k\\\"l\":6,\" \":7,\"m~n\":8,\"~1\":9,"  \
	"\"no\":null,\"deep\":{\"er\":[[1,[2]]]},\"0\":10}"

static const struct {
	const char *pointer, *found; /* NULL: nothing */
} pointers[] = {
    {"/foo", "[\"bar\",\"baz\"]"},
    {"/foo/0", "\"bar\""},
    {"/foo/1", "\"baz\""},
    {"/", "0"},
    {"/a~1b", "1"},
    {"/c%d", "2"},
    {"/e^f", "3"},
    {"/g|h", "4"},
    {"/i\\j", "5"},
    {"/k\"l", "6"},
    {"/ ", "7"},
    {"/m~0n", "8"},
    {"/~01", "9"},
    {"/no", "null"},
    {"/deep/er/0/1/0", "2"},
    {"/0", "10"},
    {"/foo/2", NULL},
    {"/foo/00", NULL},
    {"/foo/01", NULL},
    {"/foo/-", NULL},
    {"/foo/-1", NULL},
    {"/foo/+1", NULL},
    {"/foo/1 ", NULL},
    {"/foo/", NULL},
    {"/foo/99999999999999999999", NULL},
    {"/foo/0/x", NULL},
    {"/no/x", NULL},
    {"/nope", NULL},
    {"/foo/0/", NULL},
};

static void
test_pointer(void **state)
{
	const struct slice document = {DOCUMENT "x", sizeof(DOCUMENT) - 1};
	struct slice found;

	assert_true(pointer_find_text(&document, "", &found));
	assert_ptr_equal(found.text, document.text);
	for (size_t i = 0; i < COUNT(pointers); i++) {
		const char *wanted = pointers[i].found;
		bool there =
		    pointer_find_text(&document, pointers[i].pointer, &found);

		assert_true(pointer_valid(pointers[i].pointer));
		if (there != (wanted != NULL))
			fail_msg("%s", pointers[i].pointer);
		if (there && (found.len != strlen(wanted) ||
				 memcmp(found.text, wanted, found.len) != 0))
			fail_msg("%s: %.*s", pointers[i].pointer,
			    (int)found.len, found.text);
	}
}

/* Blanks, names with escapes, and a name that is there twice. */
static void
test_pointer_text(void **state)
{
	static const struct {
		const char *text, *pointer, *found;
	} cases[] = {
	    {" { \"a\" : [ 1 , { \"b\" : 2 } ] } ", "/a/1/b", "2"},
	    {" { \"a\" : [ 1 , { \"b\" : 2 } ] } ", "/a/1", "{ \"b\" : 2 }"},
	    {"{\"\\u0061\\u00e9\":1}", "/a\u00e9", "1"},
	    {"{\"a\":1,\"a\":2}", "/a", "2"},
	    {"{\"\\u0000\":1}", "/", NULL},
	    {"\"text\"", "/0", NULL},
	};
	struct slice found;

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct slice text = {cases[i].text, strlen(cases[i].text)};
		bool there = pointer_find_text(&text, cases[i].pointer, &found);

		if (there != (cases[i].found != NULL) ||
		    (there && (found.len != strlen(cases[i].found) ||
				  memcmp(found.text, cases[i].found,
				      found.len) != 0)))
			fail_msg("case %zu", i);
	}
}

static void
test_pointer_bad(void **state)
{
	static const char *const bad[] = {
	    "x", "foo/0", " /foo", "#/foo", "/~", "/~2", "/a~", "/~0~/x"};
	char token[4];

	for (size_t i = 0; i < COUNT(bad); i++)
		assert_false(pointer_valid(bad[i]));
	assert_null(pointer_next("", token, sizeof(token)));
	assert_null(pointer_next("/abcd", token, sizeof(token)));
	assert_string_equal(pointer_next("/abc/d", token, sizeof(token)), "/d");
	assert_string_equal(token, "abc");
}

#define BIT(i) STEP_BIT(i)

static const struct {
	size_t count;
	uint64_t needs[5];
	size_t circle; /* one of these is in it, a set; 0: there is none */
} graphs[] = {
    {1, {0}, 0},
    {1, {BIT(0)}, BIT(0)},
    {3, {0, BIT(0), BIT(1)}, 0},
    {3, {BIT(1), BIT(2), 0}, 0},
    {3, {BIT(1), BIT(2), BIT(0)}, BIT(0) | BIT(1) | BIT(2)},
    {4, {0, BIT(0), BIT(0), BIT(1) | BIT(2)}, 0},
    /* The first is not in it, but waits for it. */
    {4, {BIT(1), BIT(2), BIT(3), BIT(2)}, BIT(2) | BIT(3)},
    {5, {BIT(4), 0, BIT(1), BIT(0), BIT(3)}, BIT(0) | BIT(3) | BIT(4)},
};

static void
test_graph(void **state)
{
	size_t index;
	bool cycle;

	for (size_t i = 0; i < COUNT(graphs); i++) {
		cycle = pipeline_graph_has_cycle(
		    graphs[i].needs, graphs[i].count, &index);
		assert_int_equal(cycle, graphs[i].circle != 0);
		if (cycle)
			assert_true((STEP_BIT(index) & graphs[i].circle) != 0);
	}
}

static void
test_graph_full(void **state)
{
	uint64_t needs[STEPS_MAX] = {0};
	size_t index;

	for (size_t i = 1; i < STEPS_MAX; i++)
		needs[i] = STEP_BIT(i - 1);
	assert_false(pipeline_graph_has_cycle(needs, STEPS_MAX, &index));
	needs[0] = STEP_BIT(STEPS_MAX - 1);
	assert_true(pipeline_graph_has_cycle(needs, STEPS_MAX, &index));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_window),
	    cmocka_unit_test(test_window_together),
	    cmocka_unit_test(test_slices),
	    cmocka_unit_test(test_pointer),
	    cmocka_unit_test(test_pointer_text),
	    cmocka_unit_test(test_pointer_bad),
	    cmocka_unit_test(test_graph),
	    cmocka_unit_test(test_graph_full),
	};

	return (cmocka_run_group_tests_name("many", tests, NULL, NULL));
}
