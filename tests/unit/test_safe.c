/*
 * Which files may be opened: by owner, mode, links, and where they are.  Some
 * of it needs root, which alone can make a file that belongs to a stranger.
 */

#include "test.h"

#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/fd.h"
#include "common/safe.h"

#define STRANGER 65534

static char dir[] = "/tmp/agentd-safe.XXXXXX";
static char why[SAFE_WHY_SIZE];

static void
put(const char *name, mode_t mode)
{
	int fd = open(name, O_WRONLY | O_CREAT | O_TRUNC, 0600);

	assert_int_not_equal(fd, -1);
	assert_int_equal(fchmod(fd, mode), 0);
	close(fd);
}

static void
put_dir(const char *name, mode_t mode)
{
	assert_int_equal(mkdir(name, 0700), 0);
	assert_int_equal(chmod(name, mode), 0);
}

/* The path of a name in the directory of the test; good for one statement. */
static const char *
at(const char *name)
{
	static char path[PATH_MAX];

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	return (path);
}

static void
expect_open(const char *path, enum safe_rule rule, int flags)
{
	int fd = safe_open(path, rule, flags, 0600, why);

	if (fd == -1)
		fail_msg("%s: %s", path, why);
	assert_true((fcntl(fd, F_GETFD) & FD_CLOEXEC) != 0);
	assert_true((fcntl(fd, F_GETFL) & (O_NONBLOCK | O_PATH)) != 0);
	close(fd);
}

static void
expect_refused(
    const char *path, enum safe_rule rule, int flags, const char *words)
{
	int fd = safe_open(path, rule, flags, 0600, why);

	assert_int_equal(fd, -1);
	assert_int_equal(errno, EPERM);
	if (strstr(why, words) == NULL)
		fail_msg("%s: \"%s\" instead of \"%s\"", path, why, words);
}

static bool
is_root(void)
{
	if (geteuid() == 0)
		return (true);
	print_message("not root: no file can be given away\n");
	return (false);
}

static void
test_mode(void **state)
{
	put("file", 0644);
	expect_open(at("file"), SAFE_TRUSTED, O_RDONLY);
	expect_open("file", SAFE_TRUSTED, O_RDONLY);
	assert_int_equal(chmod("file", 0646), 0);
	expect_refused(
	    at("file"), SAFE_TRUSTED, O_RDONLY, "everybody may write to it");
	assert_int_equal(chmod("file", 0664), 0);
	if (geteuid() == 0)
		expect_refused(at("file"), SAFE_TRUSTED, O_RDONLY,
		    "its group may write to it");
	/* What we write need not be believed. */
	expect_open(at("file"), SAFE_WRITTEN, O_WRONLY | O_APPEND);
	unlink("file");
	assert_int_equal(
	    safe_open(at("file"), SAFE_TRUSTED, O_RDONLY, 0, why), -1);
	assert_int_equal(errno, ENOENT);
	assert_string_equal(why, strerror(ENOENT));
	expect_open("/dev/null", SAFE_TRUSTED, O_RDONLY);
	expect_refused("/dev/zero", SAFE_TRUSTED, O_RDONLY, "everybody may");
}

static void
test_directory(void **state)
{
	put_dir("open", 0777);
	put("open/file", 0600);
	expect_refused(at("open/file"), SAFE_TRUSTED, O_RDONLY,
	    "/open: everybody may write to it (chmod go-w)");
	/* Others may take the file away, but it is ours. */
	expect_open(at("open/file"), SAFE_WRITTEN, O_WRONLY);
	expect_open(at("open/made"), SAFE_WRITTEN, O_WRONLY | O_CREAT);
	assert_int_equal(chmod("open", 01777), 0);
	expect_open(at("open/file"), SAFE_TRUSTED, O_RDONLY);
	expect_refused(
	    at("open"), SAFE_TRUSTED, O_PATH, "everybody may write to it");
	assert_int_equal(chmod("open", 0777), 0);
	put_dir("open/in", 0700);
	put("open/in/file", 0600);
	expect_refused(at("open/in/file"), SAFE_WRITTEN, O_WRONLY,
	    "/open: everybody may write to it");
	unlink("open/in/file");
	rmdir("open/in");
	unlink("open/file");
	unlink("open/made");
	rmdir("open");
}

/* As Kubernetes mounts a ConfigMap: file -> ..data/file, ..data -> ..1. */
static void
test_links(void **state)
{
	put_dir("map", 0755);
	put_dir("map/..1", 0755);
	put("map/..1/file", 0644);
	assert_int_equal(symlink("..1", "map/..data"), 0);
	assert_int_equal(symlink("..data/file", "map/file"), 0);
	expect_open(at("map/file"), SAFE_TRUSTED, O_RDONLY);
	assert_int_equal(symlink(at("map"), "absolute"), 0);
	expect_open(at("absolute/../absolute/file"), SAFE_TRUSTED, O_RDONLY);
	assert_int_equal(symlink("loop", "loop"), 0);
	assert_int_equal(
	    safe_open(at("loop"), SAFE_TRUSTED, O_RDONLY, 0, why), -1);
	assert_int_equal(errno, ELOOP);
	unlink("loop");
	unlink("absolute");
	unlink("map/file");
	unlink("map/..data");
	unlink("map/..1/file");
	rmdir("map/..1");
	rmdir("map");
}

/* A file of ours by a name that somebody else may have given it. */
static void
test_names(void **state)
{
	put("victim", 0600);
	put_dir("open", 0777);
	assert_int_equal(symlink("../victim", "open/soft"), 0);
	expect_refused(at("open/soft"), SAFE_WRITTEN,
	    O_WRONLY | O_CREAT | O_APPEND, "symbolic link");
	assert_int_equal(link("victim", "open/hard"), 0);
	expect_refused(at("open/hard"), SAFE_WRITTEN, O_WRONLY | O_APPEND,
	    "no regular file with one name");
	assert_int_equal(mkfifo("open/fifo", 0600), 0);
	/* Neither waits for a reader. */
	expect_refused(at("open/fifo"), SAFE_WRITTEN, O_RDWR, "no regular");
	assert_int_equal(symlink("nowhere", "dangling"), 0);
	expect_open(at("dangling"), SAFE_WRITTEN, O_WRONLY | O_CREAT);
	assert_int_equal(unlink("nowhere"), 0);
	unlink("dangling");
	unlink("open/fifo");
	unlink("open/hard");
	unlink("open/soft");
	unlink("victim");
	rmdir("open");
}

static void
test_strangers(void **state)
{
	if (!is_root())
		return;
	put_dir("theirs", 0755);
	put("theirs/file", 0644);
	put("own", 0644);
	assert_int_equal(symlink("own", "link"), 0);
	expect_open(at("link"), SAFE_TRUSTED, O_RDONLY);
	assert_int_equal(lchown("link", STRANGER, STRANGER), 0);
	expect_refused(at("link"), SAFE_TRUSTED, O_RDONLY,
	    "link link in /tmp/agentd-safe");
	assert_int_equal(chown("theirs", STRANGER, STRANGER), 0);
	expect_refused(at("theirs/file"), SAFE_TRUSTED, O_RDONLY,
	    "/theirs: belongs to a user that is neither root nor the one that "
	    "agentd is started by (chown it)");
	expect_open(at("theirs/file"), SAFE_WRITTEN, O_WRONLY);
	assert_int_equal(chown("theirs/file", STRANGER, STRANGER), 0);
	expect_refused(at("theirs/file"), SAFE_WRITTEN, O_WRONLY, "belongs");
	assert_int_equal(chown("own", STRANGER, STRANGER), 0);
	expect_refused(at("own"), SAFE_TRUSTED, O_RDONLY, "belongs to a user");
	/* The directory is ours: nobody put another file there. */
	expect_open(at("own"), SAFE_WRITTEN, O_WRONLY);
	/* As a user a file of his own is his. */
	unlink("link");
	unlink("own");
	unlink("theirs/file");
	rmdir("theirs");
}

/* Whose files are of our group, as with a umask of 002. */
static void
test_private_group(void **state)
{
	int status;
	pid_t pid;

	if (!is_root())
		return;
	put_dir("home", 0775);
	put("home/file", 0664);
	assert_int_equal(chown("home", 4711, 4711), 0);
	assert_int_equal(chown("home/file", 4711, 4711), 0);
	assert_int_equal(chmod(dir, 0755), 0);
	fflush(NULL);
	if ((pid = fork()) == 0) {
		if (setgid(4711) == -1 || setuid(4711) == -1)
			_exit(2);
		_exit(safe_open(at("home/file"), SAFE_TRUSTED, O_RDONLY, 0,
			  why) == -1);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	expect_refused(at("home/file"), SAFE_TRUSTED, O_RDONLY, "belongs");
	assert_int_equal(chown("home/file", 4711, 4712), 0);
	if ((pid = fork()) == 0) {
		if (setgid(4711) == -1 || setuid(4711) == -1)
			_exit(2);
		_exit(safe_open(at("home/file"), SAFE_TRUSTED, O_RDONLY, 0,
			  why) != -1);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	unlink("home/file");
	rmdir("home");
}

/* In a child, whose mounts are its own. */
static void
mount_and_open(void)
{
	if (unshare(CLONE_NEWNS) == -1 ||
	    mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) == -1 ||
	    mount("none", at("map"), "tmpfs", 0, "mode=0777") == -1)
		_exit(77);
	put("map/file", 0666);
	if (chown("map/file", STRANGER, STRANGER) == -1 ||
	    symlink("file", "map/link") == -1 ||
	    lchown("map/link", STRANGER, STRANGER) == -1)
		_exit(2);
	if (safe_open(at("map/link"), SAFE_TRUSTED, O_RDONLY, 0, why) != -1)
		_exit(3);
	if (mount(NULL, at("map"), NULL, MS_REMOUNT | MS_BIND | MS_RDONLY,
		NULL) == -1)
		_exit(77);
	_exit(safe_open(at("map/link"), SAFE_TRUSTED, O_RDONLY, 0, why) == -1);
}

static void
test_read_only(void **state)
{
	int status;
	pid_t pid;

	if (!is_root())
		return;
	put_dir("map", 0755);
	fflush(NULL);
	if ((pid = fork()) == 0)
		mount_and_open();
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	if (WEXITSTATUS(status) == 77)
		print_message("nothing can be mounted here\n");
	else
		assert_int_equal(WEXITSTATUS(status), 0);
	rmdir("map");
}

/* A file that is open already, as a shell hands it over. */
static void
test_proc(void **state)
{
	char path[32];
	int fds[2];

	put("file", 0600);
	assert_int_equal(pipe(fds), 0);
	snprintf(path, sizeof(path), "/dev/fd/%d", fds[1]);
	expect_open(path, SAFE_WRITTEN, O_WRONLY | O_APPEND | O_CREAT);
	assert_int_equal(dup2(open("file", O_RDONLY), fds[0]), fds[0]);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fds[0]);
	expect_open(path, SAFE_TRUSTED, O_RDONLY);
	close(fds[0]);
	close(fds[1]);
	unlink("file");
}

static void
test_parent(void **state)
{
	const char *name;
	struct stat st;
	int fd, file;

	put_dir("sub", 0755);
	assert_int_equal(symlink("sub", "link"), 0);
	fd = safe_open_parent(at("link/file"), SAFE_WRITTEN, &name, why);
	assert_int_not_equal(fd, -1);
	assert_string_equal(name, "file");
	assert_int_equal(mknodat(fd, name, S_IFREG | 0600, 0), 0);
	file = openat(fd, name, O_PATH | O_NOFOLLOW);
	assert_int_equal(safe_chmod(file, 0640), 0);
	assert_int_equal(stat("sub/file", &st), 0);
	assert_int_equal(st.st_mode & 07777, 0640);
	close(file);
	close(fd);
	unlink("sub/file");
	unlink("link");
	rmdir("sub");
	fd = safe_open_parent(at("sub/file"), SAFE_WRITTEN, &name, why);
	assert_int_equal(fd, -1);
	assert_int_equal(errno, ENOENT);
}

static int
setup(void **state)
{
	umask(022);
	return (mkdtemp(dir) == NULL || chdir(dir) == -1 ? -1 : 0);
}

static int
teardown(void **state)
{
	return (chdir("/") == -1 || rmdir(dir) == -1 ? -1 : 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_mode),
	    cmocka_unit_test(test_directory),
	    cmocka_unit_test(test_links),
	    cmocka_unit_test(test_names),
	    cmocka_unit_test(test_strangers),
	    cmocka_unit_test(test_private_group),
	    cmocka_unit_test(test_read_only),
	    cmocka_unit_test(test_proc),
	    cmocka_unit_test(test_parent),
	};

	return (cmocka_run_group_tests(tests, setup, teardown));
}
