/*
 * The log in syslog: lines arrive in its form, a syslogd that reads nothing
 * or is not there holds nobody up, and one that comes back is found.
 */

#include "test.h"

#include <sys/socket.h>
#include <sys/un.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/log.h"

/* More than any queue of datagrams takes. */
#define MANY 20000

/* Ends a test that is held up after all. */
#define HELD_UP_SECONDS 20

static char dir[] = "/tmp/agentd-syslog-XXXXXX";
static char path[64], line[4096];
static int syslogd = -1;

static void
syslogd_start(void)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};

	strlcpy(address.sun_path, path, sizeof(address.sun_path));
	syslogd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	assert_int_not_equal(syslogd, -1);
	assert_int_equal(
	    bind(syslogd, (struct sockaddr *)&address, sizeof(address)), 0);
}

static void
syslogd_stop(void)
{
	if (syslogd != -1)
		close(syslogd);
	syslogd = -1;
	unlink(path);
}

/* The next line, or "". */
static const char *
syslogd_read(void)
{
	ssize_t got = recv(syslogd, line, sizeof(line) - 1, 0);

	line[got > 0 ? got : 0] = '\0';
	return (line);
}

static int
make_dir(void **state)
{
	if (mkdtemp(dir) == NULL)
		return (-1);
	snprintf(path, sizeof(path), "%s/log", dir);
	log_syslog_path = path;
	alarm(HELD_UP_SECONDS);
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
	syslogd_start();
	return (log_open("syslog"));
}

static int
tear_down(void **state)
{
	syslogd_stop();
	return (log_open("stderr"));
}

static void
test_form(void **state)
{
	char month[4], text[32];
	int priority, day, hour, minute, second, pid;

	log_warn("some %s", "words");
	assert_int_equal(
	    sscanf(syslogd_read(),
		"<%d>%3s %2d %2d:%2d:%2d agentd[%d]: %31[^|]", &priority, month,
		&day, &hour, &minute, &second, &pid, text),
	    8);
	assert_int_equal(priority, LOG_DAEMON | LOG_WARNING);
	assert_int_equal(pid, getpid());
	assert_string_equal(text, "some words");
	assert_string_equal(syslogd_read(), "");
}

static void
test_long(void **state)
{
	char text[5000];

	memset(text, 'x', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	log_info("%s", text);
	assert_true(strlen(syslogd_read()) > 1000);
	assert_int_equal(line[strlen(line) - 1], 'x');
}

static void
test_unread(void **state)
{
	unsigned long arrived = 0, lost = 0;

	for (int i = 0; i < MANY; i++)
		log_info("line %d", i);
	while (syslogd_read()[0] != '\0')
		arrived++;
	assert_in_range(arrived, 1, MANY - 1);
	log_info("again");
	assert_non_null(strstr(syslogd_read(), "log lines were lost"));
	assert_int_equal(sscanf(strstr(line, "]: "), "]: %lu", &lost), 1);
	assert_int_equal(arrived + lost, MANY);
	assert_non_null(strstr(syslogd_read(), ": again"));
	assert_string_equal(syslogd_read(), "");
}

static void
test_restarted(void **state)
{
	log_info("first");
	assert_non_null(strstr(syslogd_read(), "first"));
	syslogd_stop();
	errno = EDOM;
	for (int i = 0; i < 3; i++)
		log_info("into the void");
	assert_int_equal(errno, EDOM);
	syslogd_start();
	log_info("second");
	assert_non_null(strstr(syslogd_read(), "3 log lines were lost"));
	assert_non_null(strstr(syslogd_read(), "second"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(test_form, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(test_long, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(test_unread, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(test_restarted, set_up, tear_down),
	};

	return (cmocka_run_group_tests_name(
	    "log_syslog", tests, make_dir, remove_dir));
}
