/*
 * Control groups as files: where ours is, what is in them.  The files are
 * plain ones; what the kernel does with real ones is in test_child_cgroup.c
 * and in the tests of whole daemons.
 */

#include "test.h"

#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/cgroup.h"

#define MOUNT(root, point) \
	"41 31 0:38 " root " " point " rw,relatime - cgroup2 cgroup2 rw\n"
#define OLD "35 31 0:32 / /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory\n"

static const struct own_row {
	const char *name, *groups, *mounts, *path; /* NULL: none */
} own_rows[] = {
    {"below the root", "0::/system.slice/agentd.service\n",
	MOUNT("/", "/sys/fs/cgroup"),
	"/sys/fs/cgroup/system.slice/agentd.service"},
    {"the root", "0::/\n", MOUNT("/", "/sys/fs/cgroup"), "/sys/fs/cgroup"},
    {"beside version 1", "4:memory:/x\n1:name=systemd:/\n0::/y\n",
	OLD MOUNT("/", "/sys/fs/cgroup/unified"), "/sys/fs/cgroup/unified/y"},
    {"optional fields", "0::/y\n",
	"30 23 0:26 / /sys/fs/cgroup rw shared:4 master:1 - cgroup2 none rw\n",
	"/sys/fs/cgroup/y"},
    {"a part of the tree", "0::/box/1/x\n", MOUNT("/box/1", "/c"), "/c/x"},
    {"its top", "0::/box/1\n", MOUNT("/box/1", "/c"), "/c"},
    {"another part", "0::/box/12\n", MOUNT("/box/1", "/c"), NULL},
    {"the second mount", "0::/b\n", MOUNT("/a", "/1") MOUNT("/b", "/2"), "/2"},
    {"outside", "0::/../x\n", MOUNT("/", "/c"), NULL},
    {"a blank", "0::/y\n", MOUNT("/", "/a\\040b\\134c"), "/a b\\c/y"},
    {"no newline", "0::/y", MOUNT("/", "/c"), "/c/y"},
    {"version 1 only", "4:memory:/x\n", OLD, NULL},
    {"not mounted", "0::/y\n", OLD, NULL},
    {"a name like it", "0::/y\n", "1 2 0:3 / /cgroup2 rw - tmpfs cgroup2 rw\n",
	NULL},
    {"cut off", "0::/y\n", "1 2 - cgroup2 x\n", NULL},
    {"no group", "nonsense\n", MOUNT("/", "/c"), NULL},
};

static void
check_own(const struct own_row *row)
{
	FILE *groups =
	    fmemopen((void *)(uintptr_t)row->groups, strlen(row->groups), "r");
	FILE *mounts =
	    fmemopen((void *)(uintptr_t)row->mounts, strlen(row->mounts), "r");
	char path[PATH_MAX];
	int rc = cgroup_own_of(groups, mounts, path, sizeof(path));

	fclose(groups);
	fclose(mounts);
	if (rc != (row->path == NULL ? -1 : 0) ||
	    (rc == 0 && strcmp(path, row->path) != 0))
		fail_msg("%s: %s", row->name, rc == -1 ? "none" : path);
}

static void
test_own(void **state)
{
	for (size_t i = 0; i < sizeof(own_rows) / sizeof(own_rows[0]); i++)
		check_own(&own_rows[i]);
}

/* A path that does not fit is none. */
static void
test_own_long(void **state)
{
	char groups_text[] = "0::/y\n", mounts_text[] = MOUNT("/", "/c");
	FILE *groups = fmemopen(groups_text, strlen(groups_text), "r");
	FILE *mounts = fmemopen(mounts_text, strlen(mounts_text), "r");
	char path[4];

	assert_int_equal(cgroup_own_of(groups, mounts, path, sizeof(path)), -1);
	assert_int_equal(errno, ENOENT);
	fclose(groups);
	fclose(mounts);
}

static char root[] = "/tmp/agentd-cgroup.XXXXXX";
static int root_fd;

static int
set_up(void **state)
{
	if (mkdtemp(root) == NULL)
		return (-1);
	root_fd = open(root, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return (mkdirat(root_fd, "g", 0755));
}

static int
tear_down(void **state)
{
	unlinkat(root_fd, "g/file", 0);
	unlinkat(root_fd, "g", AT_REMOVEDIR);
	close(root_fd);
	return (rmdir(root));
}

static void
put(const char *text)
{
	int fd = openat(root_fd, "g/file", O_WRONLY | O_CREAT | O_TRUNC, 0644);

	assert_int_not_equal(fd, -1);
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	close(fd);
}

static void
test_read(void **state)
{
	put("cpuset memory pids\n");
	assert_true(cgroup_has(root_fd, "g", "file", "memory"));
	assert_true(cgroup_has(root_fd, "g", "file", "pids"));
	assert_false(cgroup_has(root_fd, "g", "file", "cpu"));
	assert_false(cgroup_has(root_fd, "g", "none", "cpu"));
	put("low 1\noom 2\noom_kill 3\noom_group_kill 4\n");
	assert_int_equal(cgroup_count(root_fd, "g", "file", "oom_kill"), 3);
	assert_int_equal(cgroup_count(root_fd, "g", "file", "oom"), 2);
	assert_int_equal(cgroup_count(root_fd, "g", "file", "max"), 0);
	assert_int_equal(cgroup_count(root_fd, "g", "none", "oom"), 0);
	put("");
	assert_int_equal(cgroup_count(root_fd, "g", "file", "oom"), 0);
}

static void
test_write(void **state)
{
	char name[300];

	put("");
	assert_int_equal(cgroup_write_number(root_fd, "g", "file", 4096), 0);
	assert_true(cgroup_has(root_fd, "g", "file", "4096"));
	assert_int_equal(cgroup_write(root_fd, "g", "none", "1"), -1);
	assert_int_equal(errno, ENOENT);
	memset(name, 'x', sizeof(name) - 1);
	name[sizeof(name) - 1] = '\0';
	assert_int_equal(cgroup_write(root_fd, name, "file", "1"), -1);
	assert_int_equal(errno, ENAMETOOLONG);
	errno = EDOM;
	cgroup_kill(root_fd, "none");
	assert_int_equal(errno, EDOM);
}

/* A directory that is not empty in the way of groups is not waited for. */
static void
test_remove(void **state)
{
	assert_int_equal(cgroup_remove(root_fd, "none", 1000), 0);
	put("");
	assert_int_equal(cgroup_remove(root_fd, "g", 1000), -1);
	assert_int_equal(errno, ENOTEMPTY);
	unlinkat(root_fd, "g/file", 0);
	assert_int_equal(cgroup_remove(root_fd, "g", 0), 0);
	assert_int_equal(faccessat(root_fd, "g", F_OK, 0), -1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_own),
	    cmocka_unit_test(test_own_long),
	    cmocka_unit_test(test_read),
	    cmocka_unit_test(test_write),
	    cmocka_unit_test(test_remove),
	};

	return (cmocka_run_group_tests(tests, set_up, tear_down));
}
