/*
 * Lines on the way to the master: ours come back as they were, and nobody
 * else's is taken for one of ours.
 */

#include "test.h"

#include <stdio.h>
#include <string.h>
#include <syslog.h>

#include "common/log_form.h"

/* Takes the newlines around a line away. */
static char *
inner(char *line)
{
	line += line[0] == '\n';
	line[strcspn(line, "\n")] = '\0';
	return (line);
}

static void
test_ours(void **state)
{
	char line[128];
	const char *text;
	int level;

	for (int i = LOG_ERR; i <= LOG_DEBUG; i++) {
		size_t len =
		    log_pipe_write(line, sizeof(line), i, "<3>some words");

		assert_int_equal(len, strlen(line));
		assert_int_equal(line[strlen(line) - 1], '\n');
		assert_int_equal(
		    log_pipe_read(inner(line), &level, &text), LOG_PIPE_OURS);
		assert_int_equal(level, i);
		assert_string_equal(text, "<3>some words");
	}
}

static void
test_tool(void **state)
{
	char line[128];
	const char *text;
	int level;

	log_pipe_write_tool(line, sizeof(line), "weather");
	assert_int_equal(
	    log_pipe_read(inner(line), &level, &text), LOG_PIPE_TOOL);
	assert_string_equal(text, "weather");
}

static void
test_long(void **state)
{
	static const char words[] = "\u20ac\u20ac\u20ac\u20ac\u20ac\u20ac\u20ac"
				    "\u20ac\u20ac\u20ac\u20ac\u20ac\u20ac\u20ac"
				    "\u20ac\u20ac\u20ac\u20ac";
	char line[64 + 3];

	/* Wherever it is cut, no character is cut. */
	for (size_t size = 64; size <= sizeof(line); size++) {
		size_t len = log_pipe_write(line, size, LOG_INFO, words);

		assert_in_range(len, size - 4, size - 1);
		assert_int_equal(len, strlen(line));
		assert_int_equal(line[len - 1], '\n');
		assert_memory_equal(line + len - 4, "\u20ac", 3);
	}
}

/* What others print, and the level and text that are left of it. */
static const struct {
	const char *line;
	int level;
	const char *text;
} others[] = {
    {"words", LOG_INFO, "words"},
    {"", LOG_INFO, ""},
    {"<", LOG_INFO, "<"},
    {"<3", LOG_ERR, "<3"},
    {"<3>words", LOG_ERR, "words"},
    {"<7>", LOG_DEBUG, ""},
    {"<2>words", LOG_INFO, "<2>words"},
    {"<8>words", LOG_INFO, "<8>words"},
    {"<33>words", LOG_ERR, "<33>words"},
    {"<t>weather", LOG_INFO, "<t>weather"},
    {"<3 0000000000000000>words", LOG_ERR, "<3 0000000000000000>words"},
    {"<t 0000000000000000>words", LOG_INFO, "<t 0000000000000000>words"},
    {"<3 >words", LOG_ERR, "<3 >words"},
};

static void
test_others(void **state)
{
	const char *text;
	int level;

	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
		print_message("# \"%s\"\n", others[i].line);
		assert_int_equal(log_pipe_read(others[i].line, &level, &text),
		    LOG_PIPE_OTHER);
		assert_int_equal(level, others[i].level);
		assert_string_equal(text, others[i].text);
	}
}

static int
make_key(void **state)
{
	log_pipe_make_key();
	return (0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_ours),
	    cmocka_unit_test(test_tool),
	    cmocka_unit_test(test_long),
	    cmocka_unit_test(test_others),
	};

	return (cmocka_run_group_tests(tests, make_key, NULL));
}
