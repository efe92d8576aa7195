/*
 * What an agent in a call learns of its front end and tells it: cancelled or
 * not, woken up by what is new although older things lie unread, progress that
 * is bounded in time and size.  The other end of the socket is here.
 *
 * Wraps: clock_now_ns
 */

#include "test.h"

#include <sys/socket.h>

#include <math.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

#include "agent/live.h"
#include "agent/registry.h"
#include "agent/tool.h"
#include "common/claim.h"
#include "common/clock.h"
#include "common/frame.h"

int64_t __wrap_clock_now_ns(void);

static int64_t now_ns;
static struct claim *claim;
static int ends[2]; /* the agent's, the front end's */
static const uint8_t id[16] = {1, 2, 3};
static struct registry_entry entry = {.name = (char *)(uintptr_t) "tool"};
static struct tool_call call = {.entry = &entry};
static struct frame_reader reader;

int64_t
__wrap_clock_now_ns(void)
{
	return (now_ns);
}

static int
set_up(void **state)
{
	now_ns = 1000 * NS_PER_SEC;
	call.deadline_ns = now_ns + 1000 * NS_PER_SEC;
	if (claim_init(1) == -1 ||
	    socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) == -1)
		return (-1);
	claim = claim_of(1, 7);
	claim_reset(claim);
	live_open(claim, ends[0], 1, 7);
	frame_reader_init(&reader, ends[1], WIRE_AGENT, WIRE_FRONTEND);
	return (0);
}

static int
tear_down(void **state)
{
	live_end();
	live_open(NULL, -1, 0, 0);
	frame_reader_fini(&reader);
	close(ends[0]);
	close(ends[1]);
	return (0);
}

static void
begin(uint32_t number)
{
	assert_true(claim_begin(claim, number));
	live_begin(id, number);
}

static void
test_only_the_call_itself(void **state)
{
	assert_false(tool_cancelled(&call));
	begin(1);
	assert_false(tool_cancelled(&call));
	claim_cancel(claim);
	assert_true(tool_cancelled(&call));
	live_end();
	assert_false(tool_cancelled(&call));
	begin(2);
	assert_false(tool_cancelled(&call));
}

static void
test_number_0_is_one(void **state)
{
	claim_recall(claim, UINT32_MAX - 1);
	begin(UINT32_MAX);
	begin(0);
	assert_false(tool_cancelled(&call));
	claim_cancel(claim);
	assert_true(tool_cancelled(&call));
}

static void
test_deadline_is_near(void **state)
{
	now_ns = call.deadline_ns - (LIVE_SOFT_MS + 1) * NS_PER_MS;
	assert_false(tool_cancelled(&call));
	now_ns += NS_PER_MS;
	assert_true(tool_cancelled(&call));
}

static bool
awake(void)
{
	struct pollfd p = {.fd = live_fd(), .events = POLLIN};

	assert_int_not_equal(p.fd, -1);
	return (poll(&p, 1, 0) == 1);
}

/* The rest of a frame or of ten lies there and is not read. */
static void
test_wakes_for_what_is_new(void **state)
{
	char bytes[1000] = "";

	assert_int_equal(write(ends[1], bytes, sizeof(bytes)), sizeof(bytes));
	begin(1);
	for (int i = 0; i < 3; i++) {
		assert_true(awake());
		live_seen();
		assert_false(awake());
		assert_int_equal(write(ends[1], bytes, 1), 1);
	}
	assert_true(awake());
	assert_int_equal(read(ends[0], bytes, sizeof(bytes)), sizeof(bytes));
}

static void
test_no_call_no_descriptor(void **state)
{
	assert_int_equal(live_fd(), -1);
	begin(1);
	assert_int_not_equal(live_fd(), -1);
	live_end();
	assert_int_equal(live_fd(), -1);
}

static void
test_fork_is_mute(void **state)
{
	struct pollfd p = {.fd = ends[1], .events = POLLIN};

	begin(1);
	live_mute();
	claim_cancel(claim);
	assert_true(tool_cancelled(&call));
	assert_int_equal(live_fd(), -1);
	tool_progress(&call, 1, 2, "x");
	assert_int_equal(poll(&p, 1, 0), 0);
}

/* The next report; false: there is none. */
static bool
report(struct wire_progress *progress, char *words)
{
	struct pollfd p = {.fd = ends[1], .events = POLLIN};
	struct frame frame;
	size_t len;

	if (reader.start == reader.end && poll(&p, 1, 0) == 0)
		return (false);
	assert_int_equal(frame_read(&reader, &frame), 1);
	assert_int_equal(frame.header.type, WIRE_PROGRESS);
	assert_int_equal(frame.header.slot, 1);
	assert_int_equal(frame.header.generation, 7);
	assert_memory_equal(frame.header.id, id, sizeof(id));
	memcpy(progress, frame.body, sizeof(*progress));
	len = frame.header.length - sizeof(*progress);
	memcpy(words, frame.body + sizeof(*progress), len);
	words[len] = '\0';
	return (true);
}

static void
test_progress_rows(void **state)
{
	static const struct {
		double value, total;
		const char *message;
		double shown_total;
		const char *shown;
	} rows[] = {
	    {1, 2, "half way", 2, "half way"},
	    {-3.5, 0, NULL, 0, ""},
	    {1, -1, "", 0, ""},
	    {1, INFINITY, "a\xffz", 0, "a?z"},
	    {1, NAN, "\xc3\xa4", 0, "\xc3\xa4"},
	};
	char words[WIRE_PROGRESS_MAX + 1];
	struct wire_progress got;

	for (size_t i = 0; i < COUNT(rows); i++) {
		begin((uint32_t)i + 1);
		tool_progress(
		    &call, rows[i].value, rows[i].total, rows[i].message);
		assert_true(report(&got, words));
		assert_true(got.value == rows[i].value);
		assert_true(got.total == rows[i].shown_total);
		assert_string_equal(words, rows[i].shown);
	}
	begin(100);
	tool_progress(&call, NAN, 1, "x");
	tool_progress(&call, INFINITY, 1, "x");
	assert_false(report(&got, words));
}

/* No character is cut in two. */
static void
test_progress_of_many_words(void **state)
{
	char message[2 * WIRE_PROGRESS_MAX] = "x";
	char words[WIRE_PROGRESS_MAX + 1];
	struct wire_progress got;

	for (size_t i = 1; i + 2 < sizeof(message); i += 2)
		memcpy(message + i, "\xc3\xa4", 3);
	begin(1);
	tool_progress(&call, 1, 2, message);
	assert_true(report(&got, words));
	assert_int_equal(strlen(words), WIRE_PROGRESS_MAX - 1);
	assert_memory_equal(words, message, strlen(words));
}

static void
test_progress_flood(void **state)
{
	char words[WIRE_PROGRESS_MAX + 1];
	struct wire_progress got;
	int reports = 0;

	begin(1);
	/* Two seconds, a report each 10 microseconds. */
	for (int i = 0; i < 200000; i++, now_ns += 10 * NS_PER_US)
		tool_progress(&call, i, 0, NULL);
	while (report(&got, words))
		reports++;
	assert_int_equal(reports, 20);
	assert_true(got.value >= 180000);
}

static void
test_no_call_no_progress(void **state)
{
	char words[WIRE_PROGRESS_MAX + 1];
	struct wire_progress got;

	tool_progress(&call, 1, 2, "x");
	begin(1);
	live_end();
	tool_progress(&call, 1, 2, "x");
	assert_false(report(&got, words));
}

#define TEST(function) \
	cmocka_unit_test_setup_teardown(function, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(test_only_the_call_itself),
	    TEST(test_number_0_is_one),
	    TEST(test_deadline_is_near),
	    TEST(test_wakes_for_what_is_new),
	    TEST(test_no_call_no_descriptor),
	    TEST(test_fork_is_mute),
	    TEST(test_progress_rows),
	    TEST(test_progress_of_many_words),
	    TEST(test_progress_flood),
	    TEST(test_no_call_no_progress),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
