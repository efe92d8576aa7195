/*
 * Frames over blocking sockets, where the kernel takes or gives only some
 * bytes at a time, or none any more.  read(2) and sendmsg(2) are wrapped so
 * that they do so on demand.
 *
 * Wraps: read sendmsg
 */

#include "test.h"

#include <sys/socket.h>
#include <sys/wait.h>

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/frame.h"
#include "common/sys.h"

#define BODY "{\"message\":\"hello\"}"
#define LARGE_BYTES (1u << 20)

ssize_t __real_read(int, void *, size_t);
ssize_t __wrap_read(int, void *, size_t);
ssize_t __real_sendmsg(int, const struct msghdr *, int);
ssize_t __wrap_sendmsg(int, const struct msghdr *, int);

static size_t most;	   /* bytes a call transfers; 0 = any number */
static unsigned int calls; /* every second one is interrupted */
static int reads;

static bool
interrupted(void)
{
	if (most == 0 || ++calls % 2 == 0)
		return (false);
	errno = EINTR;
	return (true);
}

ssize_t
__wrap_read(int fd, void *buf, size_t n)
{
	reads++;
	if (interrupted())
		return (-1);
	return (__real_read(fd, buf, most > 0 && n > most ? most : n));
}

ssize_t
__wrap_sendmsg(int fd, const struct msghdr *msg, int flags)
{
	struct msghdr less = *msg;
	struct iovec first = msg->msg_iov[0];

	if (interrupted())
		return (-1);
	if (most > 0) {
		if (first.iov_len > most)
			first.iov_len = most;
		less.msg_iov = &first;
		less.msg_iovlen = 1;
	}
	return (__real_sendmsg(fd, &less, flags));
}

static size_t allocations;
static bool no_memory;

static void *
counted_malloc(size_t n)
{
	allocations++;
	if (!no_memory)
		return (malloc(n));
	errno = ENOMEM;
	return (NULL);
}

static int pair[2];
/* The buffer of a reader between large frames, bytes. */
#define AT_REST 4096

static struct frame_reader reader;

static int
set_up(void **state)
{
	most = calls = reads = 0;
	allocations = 0;
	no_memory = false;
	sys.malloc = counted_malloc;
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) == -1)
		return (-1);
	frame_reader_init(&reader, pair[1], WIRE_FRONTEND, WIRE_AGENT);
	return (0);
}

static int
tear_down(void **state)
{
	close(pair[0]);
	close(pair[1]);
	frame_reader_fini(&reader);
	sys.malloc = malloc;
	return (0);
}

static int
take(struct frame *frame)
{
	return (frame_read(&reader, frame));
}

/* A request whose fixed part is blank, in one piece. */
static size_t
request(uint8_t *bytes, const char *rest)
{
	struct wire_request fixed = {.tool_len = 4};
	struct frame_header header;

	frame_header_init(
	    &header, WIRE_REQUEST, 3, 7, NULL, sizeof(fixed) + strlen(rest));
	memcpy(bytes, &header, sizeof(header));
	memcpy(bytes + sizeof(header), &fixed, sizeof(fixed));
	memcpy(bytes + sizeof(header) + sizeof(fixed), rest, strlen(rest));
	return (sizeof(header) + header.length);
}

static void
put(const void *bytes, size_t n)
{
	assert_int_equal(write(pair[0], bytes, n), n);
}

static void
check_request(const struct frame *frame, const char *rest)
{
	size_t fixed = sizeof(struct wire_request);

	assert_int_equal(frame->header.slot, 3);
	assert_int_equal(frame->header.length, fixed + strlen(rest));
	assert_memory_equal(frame->body + fixed, rest, strlen(rest));
	assert_int_equal(frame->fd, -1);
}

static void
test_short_reads(void **state)
{
	uint8_t bytes[256];
	size_t n = request(bytes, BODY);
	struct frame frame;

	for (most = 1; most <= n; most++) {
		put(bytes, n);
		put(bytes, n);
		assert_int_equal(take(&frame), 1);
		check_request(&frame, BODY);
		assert_int_equal(take(&frame), 1);
		check_request(&frame, BODY);
	}
	assert_int_equal(allocations, 1);
}

/* Smaller and larger than the buffer at rest, and just as large. */
#define LEAST sizeof(struct wire_request)
static const size_t sizes[] = {
    LEAST, AT_REST - 32, LEAST, AT_REST - 31, 20000, LEAST, 5000, AT_REST - 33};

static uint8_t row_body[20000];

static void
put_row(void)
{
	struct frame_header header;

	for (size_t i = 0; i < COUNT(sizes); i++) {
		memset(row_body, (int)i, sizes[i]);
		frame_header_init(&header, WIRE_REQUEST, 0, 0, NULL, sizes[i]);
		put(&header, sizeof(header));
		put(row_body, sizes[i]);
	}
}

static void
test_frames_in_a_row(void **state)
{
	static const size_t limits[] = {0, 7, 31, 32, 33, 1000, AT_REST};
	struct frame frame;

	for (size_t limit = 0; limit < COUNT(limits); limit++) {
		put_row();
		most = limits[limit];
		for (size_t i = 0; i < COUNT(sizes); i++) {
			assert_int_equal(take(&frame), 1);
			assert_int_equal(frame.header.length, sizes[i]);
			memset(row_body, (int)i, sizes[i]);
			assert_memory_equal(frame.body, row_body, sizes[i]);
		}
	}
}

static int waits;

static bool
count_wait(int fd)
{
	assert_int_equal(fd, pair[1]);
	waits++;
	return (waits % 2 == 0); /* it is all the same */
}

/* One that comes alone is waited for once, and read in one piece. */
static void
test_frames_one_by_one(void **state)
{
	static const size_t bodies[] = {LEAST, 1000, 3000, AT_REST - 32};
	struct frame_header header;
	struct frame frame;

	reader.wait = count_wait;
	for (size_t i = 0; i < COUNT(bodies); i++) {
		reads = waits = 0;
		for (int n = 0; n < 20; n++) {
			frame_header_init(
			    &header, WIRE_REQUEST, 0, 0, NULL, bodies[i]);
			put(&header, sizeof(header));
			put(row_body, bodies[i]);
			assert_int_equal(take(&frame), 1);
		}
		assert_int_equal(waits, 20);
		assert_int_equal(reads, 20);
	}
	/* A piece of one does not count. */
	most = 1;
	waits = 0;
	put(&header, sizeof(header));
	put(row_body, header.length);
	assert_int_equal(take(&frame), 1);
	assert_in_range(waits, 1, 2); /* again after a signal */
}

static void
test_short_writes(void **state)
{
	struct wire_request fixed = {0};
	struct frame_header header;
	uint8_t bytes[256], got[256];
	size_t n = request(bytes, BODY), limit;

	for (limit = 0; limit <= n; limit++) {
		struct iovec parts[] = {
		    {&header, sizeof(header)},
		    {&fixed, sizeof(fixed)},
		    {(void *)(uintptr_t)BODY, strlen(BODY)},
		    {NULL, 0},
		};

		memcpy(&header, bytes, sizeof(header));
		fixed.tool_len = 4;
		most = limit;
		assert_int_equal(frame_write(pair[0], parts, 4), 0);
		most = 0;
		assert_int_equal(read(pair[1], got, sizeof(got)), n);
		assert_memory_equal(got, bytes, n);
	}
}

static void
write_large(uint8_t *body)
{
	struct frame_header header;
	struct iovec parts[] = {{&header, sizeof(header)}, {body, LARGE_BYTES}};

	frame_header_init(&header, WIRE_REQUEST, 1, 1, NULL, LARGE_BYTES);
	_exit(frame_write(pair[0], parts, 2) == 0 ? 0 : 1);
}

/* More than the socket holds: the writer has to wait for the reader. */
static void
test_large_frame(void **state)
{
	uint8_t *body = malloc(LARGE_BYTES);
	struct frame frame;
	int status;
	pid_t pid;

	assert_non_null(body);
	for (size_t i = 0; i < LARGE_BYTES; i++)
		body[i] = i % 251;
	if ((pid = fork()) == 0)
		write_large(body);
	assert_true(pid > 0);
	assert_int_equal(take(&frame), 1);
	assert_int_equal(frame.header.length, LARGE_BYTES);
	assert_memory_equal(frame.body, body, LARGE_BYTES);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	free(body);
}

static void
test_end_of_file(void **state)
{
	uint8_t bytes[256];
	size_t n = request(bytes, BODY), cut;
	struct frame frame;

	for (cut = 0; cut < n; cut++) {
		put(bytes, n);
		put(bytes, cut);
		shutdown(pair[0], SHUT_WR);
		assert_int_equal(take(&frame), 1);
		errno = 0;
		assert_int_equal(take(&frame), cut == 0 ? 0 : -1);
		assert_int_equal(errno, cut == 0 ? 0 : EPROTO);
		tear_down(NULL);
		assert_int_equal(set_up(NULL), 0);
	}
}

static void
test_reading_what_is_no_frame(void **state)
{
	struct frame_header headers[4];
	struct frame frame;

	for (size_t i = 0; i < COUNT(headers); i++)
		frame_header_init(&headers[i], WIRE_REQUEST, 0, 0, NULL, 1000);
	headers[0].magic++;
	headers[1].type = WIRE_RESULT;
	headers[2].length = WIRE_MAX_BODY + 1;
	headers[3].length = sizeof(struct wire_request) - 1;
	for (size_t i = 0; i < COUNT(headers); i++) {
		put(&headers[i], sizeof(headers[i]));
		assert_int_equal(take(&frame), -1);
		assert_int_equal(errno, EPROTO);
		/* Nothing was allocated for the length that it claims. */
		assert_int_equal(reader.size, AT_REST);
		frame_reader_fini(&reader);
		frame_reader_init(&reader, pair[1], WIRE_FRONTEND, WIRE_AGENT);
	}
}

static void
test_no_memory(void **state)
{
	uint8_t bytes[256];
	struct frame frame;

	put(bytes, request(bytes, BODY));
	no_memory = true;
	errno = 0;
	assert_int_equal(take(&frame), -1);
	assert_int_equal(errno, ENOMEM);
	assert_null(reader.buf);
	assert_int_equal(reader.size, 0);
}

/* A large frame gets a large buffer, which is given back after it. */
static void
test_buffer_grows_and_shrinks(void **state)
{
	static char large[3 * AT_REST];
	static uint8_t bytes[4 * AT_REST];
	const char *const rest[] = {"x", BODY, large, "y", BODY};
	static const size_t wanted[] = {1, 1, 2, 3, 3};
	struct frame frame;

	memset(large, 'z', sizeof(large) - 1);
	for (size_t i = 0; i < COUNT(rest); i++) {
		put(bytes, request(bytes, rest[i]));
		assert_int_equal(take(&frame), 1);
		check_request(&frame, rest[i]);
		assert_int_equal(allocations, wanted[i]);
	}
	assert_int_equal(reader.size, AT_REST);
}

/* The default action of SIGPIPE would end this program. */
static void
test_reader_gone(void **state)
{
	char byte = 0;
	struct iovec part = {&byte, 1};

	close(pair[1]);
	pair[1] = -1;
	assert_int_equal(frame_write(pair[0], &part, 1), -1);
	assert_int_equal(errno, EPIPE);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(test_short_reads),
	    TEST(test_frames_in_a_row),
	    TEST(test_frames_one_by_one),
	    TEST(test_short_writes),
	    TEST(test_large_frame),
	    TEST(test_end_of_file),
	    TEST(test_reading_what_is_no_frame),
	    TEST(test_no_memory),
	    TEST(test_buffer_grows_and_shrinks),
	    TEST(test_reader_gone),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
