/*
 * The log, whatever tools print: each line is one of agentd's, in one piece,
 * in UTF-8 and without orders for a terminal, and says who printed it.
 */

#include "tools.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* For printf(1), within JSON: what could end, forge or colour a line. */
#define EVIL                                                              \
	"printf 'evil 1\\\\nevil 2: died of signal 11\\\\n<3>evil 3\\\\n" \
	"<3 0123456789abcdef>evil 4\\\\n<t 0123456789abcdef>evil 5\\\\n"  \
	"evil 6 \\\\033[31m \\\\r \\\\302\\\\233 \\\\377 \\\\342\\\\200"  \
	"\\\\250 \\\\342\\\\202\\\\nevil 7' >&2"
#define EVIL_LINES 7

/* A line of the log, and where what was said begins in it. */
static bool
line_is_whole(const char *line, int *used)
{
	char level[8];
	int pid;

	*used = 0;
	return (sscanf(line,
		    "%*4d-%*2d-%*2dT%*2d:%*2d:%*2d.%*6dZ agentd[%d] "
		    "%7[a-z]: %n",
		    &pid, level, used) == 2 &&
		*used > 0);
}

static bool
line_is_clean(const char *line)
{
	for (; *line != '\0'; line++)
		if ((unsigned char)*line < ' ' || (unsigned char)*line >= 0x7f)
			return (false);
	return (true);
}

/* How many lines tell of evil; the test fails when one is not as it should. */
static int
check_lines(struct daemon *d, const char *who)
{
	char *text = file_read(d->log), *rest = text, *line;
	int evil = 0, used;

	while ((line = strsep(&rest, "\n")) != NULL && rest != NULL) {
		if (!line_is_whole(line, &used) || !line_is_clean(line))
			fail_msg("\"%s\"", line);
		if (strstr(line, "evil ") == NULL)
			continue;
		if (strncmp(line + used, who, strlen(who)) != 0)
			fail_msg("\"%s\" is not %s", line, who);
		evil++;
	}
	free(text);
	return (evil);
}

static void
log_command(void **state)
{
	struct daemon *d = tool_daemon(
	    "agents = 1\n", "command", "/bin/sh", "\"-c\", \"" EVIL "\"", "");

	reply_free(call(d, "tool", "{}"));
	assert_true(daemon_wait_log(d, "evil 7", WAIT_MS));
	assert_int_equal(check_lines(d, "agent-1: tool: "), EVIL_LINES);
	assert_true(daemon_logged(d, " info: agent-1: tool: evil 1\n") == 1);
	daemon_stop(d);
}

/* Its standard error is the agent's. */
static void
log_coprocess(void **state)
{
	struct daemon *d = tool_daemon("agents = 1\n", "coprocess", "/bin/sh",
	    "\"-c\", \"" EVIL "; exit 1\"", ", \"stderr_tail\": 0");

	reply_free(call(d, "tool", "{}"));
	assert_true(daemon_wait_log(d, "evil 7", WAIT_MS));
	assert_true(check_lines(d, "agent-1: tool: ") >= EVIL_LINES);
	assert_true(
	    daemon_wait_log(d, " error: agent-1: tool: evil 3\n", WAIT_MS));
	daemon_stop(d);
}

/* A character that stands where a line is too long is not cut in two. */
static void
log_long_line(void **state)
{
	struct daemon *d = tool_daemon("agents = 1\n", "coprocess", "/bin/sh",
	    "\"-c\", \"printf 'begin:%03000d\\\\n' 0 | sed "
	    "'s/0/\\u20ac/g; s/$/:end/' >&2; exit 1\"",
	    ", \"stderr_tail\": 0");
	char *text;

	reply_free(call(d, "tool", "{}"));
	assert_true(daemon_wait_log(d, ":end", WAIT_MS));
	text = file_read(d->log);
	assert_non_null(strstr(text, "tool: begin:\u20ac"));
	assert_non_null(strstr(text, "tool: \u20ac"));
	assert_null(strchr(text, '?'));
	free(text);
	daemon_stop(d);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    E2E_TEST(log_command),
	    E2E_TEST(log_coprocess),
	    E2E_TEST(log_long_line),
	};

	return (cmocka_run_group_tests_name("log_lines", tests, NULL, NULL));
}
