/*
 * What ps(1) shows, as the kernel tells it.  The program starts itself once
 * more with other arguments, since there is only one set in a process's life.
 */

#include "test.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/title.h"

/* All of it, its NULs included; returns the number of bytes. */
static size_t
read_title(char *buf, size_t size)
{
	int fd = open("/proc/self/cmdline", O_RDONLY | O_CLOEXEC);
	ssize_t got;

	assert_int_not_equal(fd, -1);
	got = read(fd, buf, size - 1);
	close(fd);
	assert_true(got > 0);
	buf[got] = '\0';
	return ((size_t)got);
}

static void
check(const char *wanted)
{
	char title[1024];
	size_t n = read_title(title, sizeof(title));

	assert_string_equal(title, wanted);
	/* With its NUL that is all, not the room that it was given. */
	assert_int_equal(n, strlen(wanted) + 1);
}

static void
test_title(void **state)
{
	title_set("master");
	check("agentd: master");
	title_set("agent %u [busy: %s %s]", 3, "text",
	    "0123abcd-ef45-4678-9abc-def012345678");
	check("agentd: agent 3 [busy: text "
	      "0123abcd-ef45-4678-9abc-def012345678]");
	title_set("agent 3 [idle]");
	check("agentd: agent 3 [idle]");
	title_set("%s", "x");
	check("agentd: x");
}

/* It is cut, and a shorter one comes out right after it. */
static void
test_long_title(void **state)
{
	char text[1000], title[1024];

	memset(text, 'y', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	title_set("%s", text);
	read_title(title, sizeof(title));
	assert_memory_equal(title, "agentd: yyyyyyyyyyyyyyyyyyyy", 28);
	assert_true(strlen(title) < 600);
	title_set("frontend");
	check("agentd: frontend");
}

static void
test_environment(void **state)
{
	assert_string_equal(getenv("TITLE_TEST"), "kept");
}

int
main(int argc, char **argv, char **environment)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_environment),
	    cmocka_unit_test(test_title),
	    cmocka_unit_test(test_long_title),
	};

	if (getenv("TITLE_TEST") == NULL) {
		setenv("TITLE_TEST", "kept", 1);
		execl("/proc/self/exe", "/a/rather/long/way/to/test_title",
		    "-c", "/etc/some.conf", "-f", (char *)NULL);
		return (1);
	}
	title_init(argc, argv, environment);
	return (cmocka_run_group_tests(tests, NULL, NULL));
}
