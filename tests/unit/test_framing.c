/*
 * Where requests end, byte by byte and all at once: what is in doubt must be
 * found whatever the pieces in which it comes.
 */

#include "test.h"

#include <string.h>

#include "frontend/http/framing.h"

#define GET "GET / HTTP/1.1\r\n"
#define POST "POST / HTTP/1.1\r\n"
#define CHUNKS POST "Transfer-Encoding: chunked\r\n\r\n"

/* As many as leave room for one byte more of the line that is kept. */
#define BLANKS                                 \
	"                                    " \
	"                                           "

static const struct row {
	const char *bytes;
	size_t len;
	uint64_t whole; /* requests, or the number of the bad one */
	bool bad;
} rows[] = {
#define ROW(text, whole, bad)                      \
	{                                          \
		text, sizeof(text) - 1, whole, bad \
	}
    ROW(GET "\r\n", 1, false),
    ROW(GET "Host: x\r\n\r\n" GET "\r\n", 2, false),
    ROW("GET / HTTP/1.1\nHost: x\n\n" GET "\r\n", 2, false),
    ROW(POST "Content-Length: 3\r\n\r\n\r\0\n" GET "\r\n", 2, false),
    ROW(POST "content-LENGTH:\t3\r\n\r\nabc", 1, false),
    ROW(POST "Content-Length: 3\r\n\r\nab", 0, false),
    ROW(POST "Content-Length: 3 \t \r\n\r\n\r\0\n" GET "\r\n", 2, false),
    ROW(POST "Content-Length:" BLANKS "3\r\n\r\nabc", 1, false),
    ROW(CHUNKS "3\r\na\0c\r\n0\r\n\r\n" GET "\r\n", 2, false),
    ROW(CHUNKS "00a\r\n0123456789\r\nA\r\n0123456789\r\n0\r\nX: y\r\n\r\n", 1,
	false),
    ROW(GET "Host: localhost\0.evil\r\n\r\n", 0, true),
    ROW("GET /\0 HTTP/1.1\r\n\r\n", 0, true),
    ROW(GET "Host: a\rb\r\n\r\n", 0, true),
    ROW(GET "Host: a\r\r\n\r\n", 0, true),
    ROW(GET "\r\n" GET "X: a\r\n b\r\n\r\n", 1, true),
    ROW(CHUNKS "0x3\r\nabc\r\n0\r\n\r\n", 0, true),
    ROW(CHUNKS "+3\r\nabc\r\n0\r\n\r\n", 0, true),
    ROW(CHUNKS "-3\r\nabc\r\n0\r\n\r\n", 0, true),
    ROW(CHUNKS "3 foo\r\nabc\r\n0\r\n\r\n", 0, true),
    ROW(CHUNKS "3 \r\nabc\r\n0\r\n\r\n", 0, true),
    ROW(CHUNKS "3;x=y\r\nabc\r\n0\r\n\r\n", 0, true),
    ROW(CHUNKS "\r\n3\r\nabc\r\n0\r\n\r\n", 0, true),
    ROW(CHUNKS "3\nabc\r\n0\r\n\r\n", 0, true),
    ROW(CHUNKS "3\r\nabcd\r\n0\r\n\r\n", 0, true),
    ROW(CHUNKS "3\r\nabc0\r\n\r\n", 0, true),
    ROW(CHUNKS "1000000000000000\r\n", 0, true),
    ROW(CHUNKS "0\r\nX: y\r\n z\r\n\r\n", 0, true),
    ROW(POST "Content-Length: 3 3\r\n\r\nabc", 0, true),
    ROW(POST "Content-Length: +3\r\n\r\nabc", 0, true),
    ROW(POST "Content-Length:\r\n\r\n", 0, true),
    ROW(POST "Content-Length: 0000000000000003\r\n\r\nabc", 0, true),
    /* What is kept of the line ends within the number. */
    ROW(POST "Content-Length:" BLANKS "12\r\n\r\nabcdefghijkl", 0, true),
#undef ROW
};

static void
check(const struct row *row, const struct framing *f)
{
	assert_int_equal(f->bad, row->bad);
	assert_int_equal(row->bad ? f->bad_number : f->number, row->whole);
	assert_int_equal(framing_is_bad(f, row->whole), row->bad);
	if (row->whole > 0)
		assert_false(framing_is_bad(f, row->whole - 1));
}

static void
at_once(void **state)
{
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct framing f = {0};

		print_message("# row %zu\n", i);
		framing_feed(&f, rows[i].bytes, rows[i].len);
		check(&rows[i], &f);
	}
}

/* In two pieces, cut at each place, and byte by byte. */
static void
in_pieces(void **state)
{
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct framing bytes = {0};

		print_message("# row %zu\n", i);
		for (size_t cut = 0; cut < rows[i].len; cut++) {
			struct framing f = {0};

			framing_feed(&f, rows[i].bytes, cut);
			framing_feed(
			    &f, rows[i].bytes + cut, rows[i].len - cut);
			check(&rows[i], &f);
			framing_feed(&bytes, rows[i].bytes + cut, 1);
		}
		check(&rows[i], &bytes);
	}
}

static void
long_lines(void **state)
{
	static char text[4 * FRAMING_LINE];
	struct framing f = {0};

	framing_feed(&f, GET, strlen(GET));
	memset(text, 'x', sizeof(text));
	framing_feed(&f, text, sizeof(text));
	framing_feed(&f, "\r\n\r\n", 4);
	assert_false(f.bad);
	assert_int_equal(f.number, 1);
}

/* The bytes of a body need not be looked at. */
static void
skipped(void **state)
{
	static const char head[] = POST "Content-Length: 1000\r\n\r\n";
	struct framing f = {0};

	assert_false(framing_skip(&f, 10));
	framing_feed(&f, head, sizeof(head) - 1);
	assert_true(framing_skip(&f, 600));
	assert_false(framing_skip(&f, 401));
	assert_true(framing_skip(&f, 400));
	assert_int_equal(f.number, 1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(at_once),
	    cmocka_unit_test(in_pieces),
	    cmocka_unit_test(long_lines),
	    cmocka_unit_test(skipped),
	};

	return (cmocka_run_group_tests_name("framing", tests, NULL, NULL));
}
