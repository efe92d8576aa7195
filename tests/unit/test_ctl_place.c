/*
 * Which control socket is taken when none is named.
 *
 * Wraps: control_place
 */

#include "test.h"

#include <sys/socket.h>
#include <sys/un.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "agentctl/ask.h"
#include "common/control_place.h"

static char dir[] = "/tmp/agentctl-place.XXXXXX";
static const char *first, *second;

bool __wrap_control_place(unsigned int, char path[static CONTROL_PLACE_SIZE]);

bool
__wrap_control_place(unsigned int i, char path[static CONTROL_PLACE_SIZE])
{
	const char *name = i == 0 ? first : second;

	path[0] = '\0';
	if (i > 1)
		return (false);
	if (name != NULL)
		snprintf(path, CONTROL_PLACE_SIZE, "%s/%s", dir, name);
	return (true);
}

/* A socket of that name; not listening, it refuses. */
static int
bind_socket(const char *name, bool listening)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	snprintf(
	    address.sun_path, sizeof(address.sun_path), "%s/%s", dir, name);
	unlink(address.sun_path);
	assert_int_not_equal(fd, -1);
	assert_int_equal(
	    bind(fd, (struct sockaddr *)&address, sizeof(address)), 0);
	if (listening)
		assert_int_equal(listen(fd, 1), 0);
	return (fd);
}

static void
check(const char *a, const char *b, const char *expected)
{
	char path[CONTROL_PLACE_SIZE];

	first = a;
	second = b;
	snprintf(path, sizeof(path), "%s/%s", dir, expected);
	assert_string_equal(ask_place_find(), path);
}

static void
place_rows(void **state)
{
	int live = bind_socket("live", true), more = bind_socket("more", true);
	int dead = bind_socket("dead", false);

	check("live", "more", "live");
	check("missing", "live", "live");
	check("dead", "live", "live");
	check(NULL, "live", "live");
	check("live", NULL, "live");
	/* None: the one that says most. */
	check("missing", "absent", "missing");
	check("missing", "dead", "dead");
	check("dead", "missing", "dead");
	check(NULL, "missing", "missing");
	first = second = NULL;
	assert_string_equal(ask_place_find(), "");
	close(live);
	close(more);
	close(dead);
}

static int
setup(void **state)
{
	return (mkdtemp(dir) == NULL ? -1 : chdir(dir));
}

static int
teardown(void **state)
{
	unlink("live");
	unlink("more");
	unlink("dead");
	return (rmdir(dir));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(place_rows),
	};

	return (cmocka_run_group_tests(tests, setup, teardown));
}
