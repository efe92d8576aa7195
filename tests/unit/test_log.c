/*
 * The log: what goes where, and that nobody ever waits for it.
 */

#include "test.h"

#include <sys/wait.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/log.h"
#include "open_fds.h"

/* The most that a line has, its newline included. */
#define LINE_MOST 2047

static char dir[] = "/tmp/agentd-log-XXXXXX";
static char path[64], moved[64];
static char text[65536];
static int ends[2];

static int
make_dir(void **state)
{
	if (mkdtemp(dir) == NULL)
		return (-1);
	snprintf(path, sizeof(path), "%s/log", dir);
	snprintf(moved, sizeof(moved), "%s/log.1", dir);
	return (0);
}

static int
remove_dir(void **state)
{
	return (rmdir(dir));
}

static int
set_up(void **state)
{
	log_set_level(LOG_INFO);
	if (pipe(ends) == -1)
		return (-1);
	return (log_open(path));
}

static int
tear_down(void **state)
{
	unlink(path);
	unlink(moved);
	close(ends[0]);
	close(ends[1]);
	return (log_open("stderr"));
}

/* What fd gives now. */
static const char *
read_some(int fd)
{
	ssize_t got = read(fd, text, sizeof(text) - 1);

	assert_true(got >= 0);
	text[got] = '\0';
	return (text);
}

static const char *
read_file(const char *name)
{
	int fd = open(name, O_RDONLY | O_CLOEXEC);

	if (fd == -1)
		return (NULL);
	read_some(fd);
	close(fd);
	return (text);
}

/* A line's text, behind time and process. */
static void
check_line(const char *line, const char *wanted)
{
	int day[3], hour[3], micro, pid, used = 0;

	if (sscanf(line, "%4d-%2d-%2dT%2d:%2d:%2d.%6dZ agentd[%d] %n", &day[0],
		&day[1], &day[2], &hour[0], &hour[1], &hour[2], &micro, &pid,
		&used) != 8 ||
	    used == 0)
		fail_msg("\"%s\"", line);
	assert_int_equal(pid, getpid());
	assert_string_equal(line + used, wanted);
}

static char heard[64];

static void
hear(const char *line)
{
	strlcat(heard, line, sizeof(heard));
	strlcat(heard, "|", sizeof(heard));
}

/* It hears what is severe, whatever the level; and only while it is asked. */
static void
test_tap(void **state)
{
	heard[0] = '\0';
	log_set_level(LOG_ERR);
	log_warn("before");
	log_tap(hear);
	log_error("an %s", "error");
	log_warn("a warning");
	log_info("news");
	log_set_level(LOG_DEBUG);
	log_debug("a detail");
	log_warn("another");
	log_tap(NULL);
	log_error("after");
	assert_string_equal(heard, "an error|a warning|another|");
}

static void
test_levels(void **state)
{
	static const struct {
		int level;
		const char *lines;
	} cases[] = {
	    {LOG_ERR, "<3>e\n"},
	    {LOG_WARNING, "<3>e\n<4>w\n"},
	    {LOG_INFO, "<3>e\n<4>w\n<6>i\n<5>who: l\n"},
	    {LOG_DEBUG, "<3>e\n<4>w\n<6>i\n<7>d\n<5>who: l\n"},
	};

	log_open_pipe(ends[1]);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		log_set_level(cases[i].level);
		log_error("%s", "e");
		log_warn("%s", "w");
		log_info("%s", "i");
		log_debug("%s", "d");
		log_line(LOG_NOTICE, "who", "l");
		assert_string_equal(read_some(ends[0]), cases[i].lines);
		assert_true(log_enabled(cases[i].level));
		assert_false(log_enabled(cases[i].level + 1));
	}
}

static void
test_file(void **state)
{
	log_warn("%d%% of %s", 7, "it");
	check_line(read_file(path), "warning: 7% of it\n");
	assert_int_equal(truncate(path, 0), 0);
	log_line(LOG_ERR, "agent-3", "50% off");
	check_line(read_file(path), "error: agent-3: 50% off\n");
}

/* Who reads a log sees each line in whole and none twice. */
static void
test_file_is_appended_to(void **state)
{
	static const char before[] = "before\n";
	FILE *fp = fopen(path, "w");

	assert_non_null(fp);
	fputs(before, fp);
	fclose(fp);
	log_info("after");
	read_file(path);
	assert_memory_equal(text, before, strlen(before));
	check_line(text + strlen(before), "info: after\n");
}

static void
test_reopen(void **state)
{
	int before = open_fds();

	log_info("one");
	assert_int_equal(rename(path, moved), 0);
	log_info("two");
	assert_null(read_file(path));
	assert_int_equal(log_reopen(), 0);
	log_info("three");
	check_line(read_file(path), "info: three\n");
	assert_non_null(strstr(read_file(moved), "two"));
	assert_null(strstr(text, "three"));
	assert_int_equal(open_fds(), before);
}

static void
test_open_fails(void **state)
{
	int before = open_fds();

	assert_int_equal(log_open("/nonexistent/directory/log"), -1);
	assert_int_equal(errno, ENOENT);
	log_info("still here");
	check_line(read_file(path), "info: still here\n");
	assert_int_equal(log_reopen(), 0);
	assert_int_equal(open_fds(), before);
}

static void
test_nothing_left_open(void **state)
{
	int before = open_fds();

	for (int i = 0; i < 3; i++) {
		assert_int_equal(log_open("stderr"), 0);
		assert_int_equal(log_reopen(), 0);
		assert_int_equal(open_fds(), before - 1);
		assert_int_equal(log_open(path), 0);
		assert_int_equal(log_open(moved), 0);
		assert_int_equal(open_fds(), before);
	}
}

static void
test_long_lines(void **state)
{
	static char longest[5000];

	memset(longest, 'x', sizeof(longest) - 1);
	log_info("%s", longest);
	assert_int_equal(strlen(read_file(path)), LINE_MOST);
	assert_ptr_equal(strchr(text, '\n'), text + LINE_MOST - 1);
	log_open_pipe(ends[1]);
	log_line(LOG_INFO, "who", longest);
	assert_int_equal(strlen(read_some(ends[0])), LINE_MOST);
	assert_memory_equal(text, "<6>who: xxx", 11);
	assert_ptr_equal(strchr(text, '\n'), text + LINE_MOST - 1);
}

/* Until the pipe takes no byte more. */
static void
fill_pipe(void)
{
	static const char bytes[4096];

	assert_int_equal(fcntl(ends[1], F_SETFL, O_NONBLOCK), 0);
	while (write(ends[1], bytes, sizeof(bytes)) > 0)
		;
	assert_int_equal(errno, EAGAIN);
	assert_int_equal(fcntl(ends[1], F_SETFL, 0), 0);
}

static void
empty_pipe(void)
{
	assert_int_equal(fcntl(ends[0], F_SETFL, O_NONBLOCK), 0);
	while (read(ends[0], text, sizeof(text)) > 0)
		;
	assert_int_equal(fcntl(ends[0], F_SETFL, 0), 0);
}

/* The pipe blocks: to wait for it would hang this program. */
static void
test_full_pipe(void **state)
{
	log_open_pipe(ends[1]);
	fill_pipe();
	for (int i = 0; i < 5; i++)
		log_warn("lost %d", i);
	empty_pipe();
	log_info("there again");
	log_info("and on");
	assert_string_equal(read_some(ends[0]),
	    "<4>5 log lines were lost\n<6>there again\n<6>and on\n");
}

static void
test_errno_is_kept(void **state)
{
	log_open_pipe(ends[1]);
	errno = EXDEV;
	log_info("%s", strerror(errno));
	assert_int_equal(errno, EXDEV);
	fill_pipe();
	errno = EXDEV;
	log_info("lost");
	assert_int_equal(errno, EXDEV);
	empty_pipe();
	log_info("found");
}

static void
test_fatal(void **state)
{
	int status;
	pid_t pid;

	log_open_pipe(ends[1]);
	if ((pid = fork()) == 0) {
		log_set_level(LOG_ERR);
		log_fatal("no %s", "way");
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 1);
	assert_string_equal(read_some(ends[0]), "<3>no way\n");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(test_levels),
	    TEST(test_tap),
	    TEST(test_file),
	    TEST(test_file_is_appended_to),
	    TEST(test_reopen),
	    TEST(test_open_fails),
	    TEST(test_nothing_left_open),
	    TEST(test_long_lines),
	    TEST(test_full_pipe),
	    TEST(test_errno_is_kept),
	    TEST(test_fatal),
	};

	return (cmocka_run_group_tests(tests, make_dir, remove_dir));
}
