/*
 * The master takes over a control group, and gives it back: on plain files
 * that stand for those of the kernel.  What it does on real ones is tested
 * with whole daemons.
 *
 * Wraps: fstatfs cgroup_write unlinkat
 */

#include "test.h"

#include <sys/file.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/vfs.h>

#include <linux/magic.h>

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <syslog.h>
#include <unistd.h>

#include "common/cgroup.h"
#include "common/log.h"
#include "conf/conf.h"
#include "master/delegation.h"

static char root[64], done[4096], why[512];
static long magic;
static const char *refused; /* writing this fails */
static bool alive;

int __real_fstatfs(int, struct statfs *);
int __wrap_fstatfs(int, struct statfs *);
int __wrap_cgroup_write(int, const char *, const char *, const char *);
int __wrap_unlinkat(int, const char *, int);
int __real_unlinkat(int, const char *, int);

int
__wrap_fstatfs(int fd, struct statfs *fs)
{
	int rc = __real_fstatfs(fd, fs);

	fs->f_type = magic;
	return (rc);
}

/* What was written, in order: "FILE=TEXT " */
int
__wrap_cgroup_write(
    int dir, const char *name, const char *file, const char *text)
{
	size_t len = strlen(done);

	snprintf(done + len, sizeof(done) - len, "%s/%s=%s ", name, file, text);
	if (refused == NULL || strcmp(refused, text) != 0)
		return (0);
	errno = EBUSY;
	return (-1);
}

/* The kernel refuses to remove a group with groups below it in this way. */
int
__wrap_unlinkat(int dir, const char *name, int flags)
{
	int rc = __real_unlinkat(dir, name, flags);

	if (rc == -1 && errno == ENOTEMPTY)
		errno = EBUSY;
	return (rc);
}

static bool
lives(uint32_t slot, uint32_t generation)
{
	return (alive && slot == 3 && generation == 1);
}

static void
put(const char *name, const char *text)
{
	char path[PATH_MAX];
	FILE *file;

	snprintf(path, sizeof(path), "%s/%s", root, name);
	assert_non_null(file = fopen(path, "we"));
	fputs(text, file);
	assert_int_equal(fclose(file), 0);
}

static void
make(const char *name)
{
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "%s/%s", root, name);
	assert_int_equal(mkdir(path, 0755), 0);
}

static bool
there(const char *name)
{
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "%s/%s", root, name);
	return (access(path, F_OK) == 0);
}

static int
set_up(void **state)
{
	strlcpy(root, "/tmp/agentd-delegation.XXXXXX", sizeof(root));
	if (mkdtemp(root) == NULL)
		return (-1);
	put("cgroup.procs", "");
	put("cgroup.controllers", "cpu memory pids\n");
	magic = CGROUP2_SUPER_MAGIC;
	refused = NULL;
	alive = false;
	done[0] = why[0] = '\0';
	log_set_level(LOG_ERR);
	return (0);
}

static int
tear_down(void **state)
{
	char path[PATH_MAX];

	delegation_finish();
	snprintf(path, sizeof(path), "%s/cgroup.procs", root);
	unlink(path);
	snprintf(path, sizeof(path), "%s/cgroup.controllers", root);
	unlink(path);
	return (rmdir(root)); /* nothing else is there */
}

static int
begin(const char *cgroup)
{
	char setting[PATH_MAX];
	struct conf conf = {.cgroup = setting};

	strlcpy(setting, cgroup, sizeof(setting));
	return (delegation_init(&conf, lives, why, sizeof(why)));
}

#define LEFT                                                               \
	"./cgroup.subtree_control=-memory ./cgroup.subtree_control=-pids " \
	"./cgroup.procs=0 "

static void
test_takes_and_gives(void **state)
{
	char tools[128];

	assert_int_equal(begin(root), 0);
	assert_string_equal(done, "daemon/cgroup.procs=0 "
				  "./cgroup.subtree_control=+memory "
				  "tools/cgroup.subtree_control=+memory "
				  "./cgroup.subtree_control=+pids "
				  "tools/cgroup.subtree_control=+pids ");
	snprintf(tools, sizeof(tools), "%s/tools", root);
	assert_string_equal(cgroup_tools(), tools);
	assert_true(there("daemon") && there("tools"));
	done[0] = '\0';
	delegation_finish();
	assert_string_equal(done, LEFT);
	assert_string_equal(cgroup_tools(), "");
	assert_false(there("daemon") || there("tools"));
}

static void
test_some_controllers(void **state)
{
	put("cgroup.controllers", "cpu pids\n");
	assert_int_equal(begin(root), 0);
	assert_null(strstr(done, "memory"));
	assert_non_null(strstr(done, "+pids"));
}

/* Without one there is still the other, and what needs none. */
static void
test_refused_controller(void **state)
{
	refused = "+memory";
	assert_int_equal(begin(root), 0);
	assert_non_null(strstr(done, "tools/cgroup.subtree_control=+pids"));
	assert_string_not_equal(cgroup_tools(), "");
}

static void
check_refused(const char *cgroup, const char *text)
{
	assert_int_equal(begin(cgroup), -1);
	if (strstr(why, text) == NULL)
		fail_msg("%s", why);
	assert_string_equal(cgroup_tools(), "");
	assert_false(there("daemon") || there("tools"));
}

static void
test_refused(void **state)
{
	refused = "0";
	check_refused(root, "cannot go there: Device or resource busy");
	refused = NULL;
	magic = TMPFS_MAGIC;
	check_refused(root, ": not a control group of version 2");
	check_refused("/no/such", "/no/such: cannot open it: No such file");
}

/* Another is there: nothing of it is touched. */
static void
test_in_use(void **state)
{
	int fd = open(root, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	assert_int_equal(flock(fd, LOCK_EX), 0);
	make("tools");
	assert_int_equal(begin(root), -1);
	assert_non_null(strstr(why, "another agentd uses it"));
	assert_true(there("tools"));
	assert_string_equal(done, "");
	close(fd);
	assert_int_equal(begin(root), 0);
}

static void
test_none(void **state)
{
	assert_int_equal(begin(""), 0);
	assert_string_equal(done, "");
	assert_string_equal(cgroup_tools(), "");
	delegation_orphaned(); /* nothing to do */
	delegation_tidy();
}

/* What was left goes at start, and what an agent leaves at its death. */
static void
test_leftovers(void **state)
{
	make("tools");
	make("tools/agent-7.1.1");
	make("tools/agent-7.1.1/below");
	make("tools/nonsense");
	assert_int_equal(begin(root), 0);
	assert_false(there("tools/agent-7.1.1") || there("tools/nonsense"));
	make("tools/agent-3.1.5");
	make("tools/agent-3.11.5");
	alive = true;
	delegation_orphaned();
	assert_true(there("tools/agent-3.1.5"));
	assert_false(there("tools/agent-3.11.5"));
	alive = false;
	delegation_tidy(); /* nobody died */
	assert_true(there("tools/agent-3.1.5"));
	delegation_orphaned();
	assert_false(there("tools/agent-3.1.5"));
}

/* Without a descriptor to look with, it is looked at later. */
static void
test_leftovers_unseen(void **state)
{
	struct rlimit limit, none;

	assert_int_equal(begin(root), 0);
	make("tools/agent-3.1.5");
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &limit), 0);
	none = limit;
	none.rlim_cur = 0;
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &none), 0);
	delegation_orphaned();
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &limit), 0);
	assert_true(there("tools/agent-3.1.5"));
	delegation_tidy();
	assert_false(there("tools/agent-3.1.5"));
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(test_takes_and_gives),
	    TEST(test_some_controllers),
	    TEST(test_refused_controller),
	    TEST(test_refused),
	    TEST(test_in_use),
	    TEST(test_none),
	    TEST(test_leftovers),
	    TEST(test_leftovers_unseen),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
