/*
 * Where the control socket is, with directories that only the test knows.
 *
 * Wraps: mkdir access
 */

#include "test.h"

#include <sys/stat.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/control_place.h"

#define HOST_DIR RUNSTATEDIR "/agentd"
#define HOST_PLACE HOST_DIR "/control.sock"

static const char *writable; /* the one directory that can be had */
static bool made;

int __wrap_mkdir(const char *path, mode_t mode);
int __wrap_access(const char *path, int how);

int
__wrap_mkdir(const char *path, mode_t mode)
{
	assert_int_equal(mode, 0755);
	if (writable != NULL && strcmp(path, writable) == 0) {
		made = true;
		return (0);
	}
	errno = EACCES;
	return (-1);
}

int
__wrap_access(const char *path, int how)
{
	assert_int_equal(how, W_OK | X_OK);
	if (writable != NULL && strcmp(path, writable) == 0)
		return (0);
	errno = EACCES;
	return (-1);
}

static void
test_places(void **state)
{
	char path[CONTROL_PLACE_SIZE];

	setenv("XDG_RUNTIME_DIR", "/user/7", 1);
	assert_true(control_place(0, path));
	assert_string_equal(path, HOST_PLACE);
	assert_true(control_place(1, path));
	assert_string_equal(path, "/user/7/agentd/control.sock");
	assert_false(control_place(2, path));
}

/* What is no directory, or too long for a socket, is no place. */
static void
test_no_place(void **state)
{
	static const char *const bad[] = {"", "run", "./run"};
	char path[CONTROL_PLACE_SIZE], dir[CONTROL_PLACE_SIZE + 1];
	const size_t tail = strlen("/agentd/control.sock");

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		setenv("XDG_RUNTIME_DIR", bad[i], 1);
		assert_true(control_place(1, path));
		assert_string_equal(path, "");
	}
	unsetenv("XDG_RUNTIME_DIR");
	assert_true(control_place(1, path));
	assert_string_equal(path, "");
	memset(dir, '/', sizeof(dir));
	for (size_t len = 80; len < sizeof(dir); len++) {
		dir[len] = '\0';
		setenv("XDG_RUNTIME_DIR", dir, 1);
		assert_true(control_place(1, path));
		assert_int_equal(
		    path[0] != '\0', len + tail < CONTROL_PLACE_SIZE);
		dir[len] = '/';
	}
}

static void
test_make(void **state)
{
	char path[CONTROL_PLACE_SIZE];

	setenv("XDG_RUNTIME_DIR", "/user/7", 1);
	made = false;
	writable = HOST_DIR;
	assert_true(control_place_make(path));
	assert_string_equal(path, HOST_PLACE);
	assert_true(made);
	writable = "/user/7/agentd";
	assert_true(control_place_make(path));
	assert_string_equal(path, "/user/7/agentd/control.sock");
	writable = NULL;
	assert_false(control_place_make(path));
	unsetenv("XDG_RUNTIME_DIR");
	assert_false(control_place_make(path));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_places),
	    cmocka_unit_test(test_no_place),
	    cmocka_unit_test(test_make),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
