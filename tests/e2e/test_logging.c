/*
 * Where the log goes may hang, be full, or have no reader: calls go on, the
 * daemon stops, and lines that are lost are counted.
 */

#include "harness.h"

#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Of lines, each call makes some; more than a terminal or a pipe holds. */
#define CALLS 300

static void
make_calls(struct daemon *d, int count)
{
	for (int i = 0; i < count; i++)
		expect(call(d, "echo", "{\"message\": \"x\"}"), 200, NULL);
}

/* A process that writes, stopped, is a disk that hangs. */
static void
logging_stuck(void **state)
{
	struct daemon *d = daemon_start("log_level = debug\n");
	pid_t writer = proc_find(d, "log");

	assert_int_not_equal(writer, -1);
	assert_true(proc_kill(writer, SIGSTOP));
	make_calls(d, CALLS);
	assert_true(proc_kill(proc_master(d), SIGHUP));
	assert_true(daemon_notified(d, "RELOADING=1", WAIT_MS));
	assert_true(daemon_notified(d, "READY=1", WAIT_MS));
	assert_int_equal(daemon_logged(d, "configuration reloaded"), 0);
	assert_true(proc_kill(writer, SIGCONT));
	assert_true(daemon_wait_log(d, "configuration reloaded", WAIT_MS));
	daemon_stop(d);
}

/* It does not keep the daemon from its end either. */
static void
logging_stuck_at_end(void **state)
{
	struct daemon *d = daemon_start("");

	assert_true(proc_kill(proc_find(d, "log"), SIGSTOP));
	daemon_stop(d);
}

/* What was logged before is written, by another. */
static void
logging_killed(void **state)
{
	struct daemon *d = daemon_start("");
	pid_t writer = proc_find(d, "log");

	assert_true(proc_kill(writer, SIGSTOP));
	assert_true(proc_kill(proc_master(d), SIGHUP));
	assert_true(daemon_notified(d, "RELOADING=1", WAIT_MS));
	assert_true(daemon_notified(d, "READY=1", WAIT_MS));
	assert_true(proc_kill(writer, SIGKILL));
	assert_true(daemon_wait_log(d, "configuration reloaded", WAIT_MS));
	assert_true(daemon_wait_log(d, "another follows", WAIT_MS));
	assert_int_not_equal(proc_find(d, "log"), writer);
	daemon_stop(d);
	assert_int_equal(proc_state(writer), 0);
}

static void
logging_full(void **state)
{
	struct daemon *d =
	    daemon_start("log = \"/dev/full\"\nlog_level = debug\n");

	make_calls(d, 20);
	assert_int_equal(daemon_logged(d, "serving"), 0);
	daemon_stop(d);
}

/* The text that is there to be read from fd by now, appended to text. */
static void
read_more(int fd, char *text, size_t size)
{
	size_t len = strlen(text);
	ssize_t got;

	while (
	    len + 1 < size && (got = read(fd, text + len, size - len - 1)) > 0)
		len += (size_t)got;
	text[len] = '\0';
}

struct reader {
	int fd;
	const char *wanted;
	char text[65536];
};

static bool
has_read(void *arg)
{
	struct reader *r = arg;

	read_more(r->fd, r->text, sizeof(r->text));
	return (strstr(r->text, r->wanted) != NULL);
}

/* A FIFO takes lines for the reader that is to come. */
static void
logging_fifo(void **state)
{
	struct daemon_options o = {.unready = true};
	struct daemon *d = daemon_prepare();
	static struct reader r;
	char path[128];

	snprintf(path, sizeof(path), "%s/fifo", d->dir);
	assert_int_equal(mkfifo(path, 0600), 0);
	daemon_configure(d, "log = \"@DIR@/fifo\"\nlog_level = debug\n");
	daemon_spawn(d, &o);
	assert_true(daemon_notified(d, "READY=1", WAIT_MS));
	make_calls(d, CALLS);
	r = (struct reader){.wanted = " serving\n"};
	assert_int_not_equal(r.fd = open(path, O_RDONLY | O_NONBLOCK), -1);
	assert_true(wait_until(has_read, &r, WAIT_MS));
	unlink(path);
	daemon_stop(d);
	close(r.fd);
}

static void
stderr_terminal(struct daemon *d, void *arg)
{
	int fd = open(arg, O_WRONLY | O_NOCTTY);

	if (fd == -1 || dup2(fd, STDERR_FILENO) == -1)
		_exit(126);
	close(fd);
}

/* A terminal that is not read takes some thousand bytes, and then none. */
static void
logging_terminal(void **state)
{
	int fd = posix_openpt(O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
	struct daemon_options o = {
	    .settings = "log_level = debug\n", .prepare = stderr_terminal};
	static struct reader r;
	struct daemon *d;
	char name[64];

	assert_int_not_equal(fd, -1);
	assert_int_equal(grantpt(fd) | unlockpt(fd), 0);
	assert_int_equal(ptsname_r(fd, name, sizeof(name)), 0);
	o.prepare_arg = name;
	d = daemon_start_with(&o);
	make_calls(d, CALLS);
	r = (struct reader){.fd = fd, .wanted = "shutdown: finishing"};
	daemon_signal(d, SIGTERM);
	assert_true(daemon_notified(d, "STOPPING=1", WAIT_MS));
	assert_true(wait_until(has_read, &r, WAIT_MS) ||
		    strlen(r.text) == sizeof(r.text) - 1);
	assert_int_equal(daemon_wait(d, WAIT_MS), 0);
	daemon_gone(d, 0);
	close(fd);
}

struct file {
	const char *path, *wanted;
};

static bool
file_holds(void *arg)
{
	const struct file *f = arg;
	char *text = access(f->path, R_OK) == 0 ? file_read(f->path) : NULL;
	bool holds = text != NULL && strstr(text, f->wanted) != NULL;

	free(text);
	return (holds);
}

/* What cannot be opened again leaves the log where it was. */
static void
logging_reopen_fails(void **state)
{
	struct daemon_options o = {.unready = true};
	struct daemon *d = daemon_prepare();
	char dir[128], path[160], moved[128], there[160];
	struct file file = {there, "cannot reopen the log: "};

	snprintf(dir, sizeof(dir), "%s/logs", d->dir);
	snprintf(path, sizeof(path), "%s/log", dir);
	snprintf(moved, sizeof(moved), "%s/moved", d->dir);
	snprintf(there, sizeof(there), "%s/log", moved);
	assert_int_equal(mkdir(dir, 0700), 0);
	daemon_configure(d, "log = \"@DIR@/logs/log\"\n");
	daemon_spawn(d, &o);
	assert_true(daemon_notified(d, "READY=1", WAIT_MS));
	assert_int_equal(rename(dir, moved), 0);
	daemon_signal(d, SIGUSR1);
	assert_true(wait_until(file_holds, &file, WAIT_MS));
	assert_int_equal(mkdir(dir, 0700), 0);
	daemon_signal(d, SIGUSR1);
	file = (struct file){path, "log reopened"};
	assert_true(wait_until(file_holds, &file, WAIT_MS));
	dir_remove(dir);
	dir_remove(moved);
	daemon_stop(d);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    E2E_TEST(logging_stuck),
	    E2E_TEST(logging_stuck_at_end),
	    E2E_TEST(logging_killed),
	    E2E_TEST(logging_full),
	    E2E_TEST(logging_fifo),
	    E2E_TEST(logging_terminal),
	    E2E_TEST(logging_reopen_fails),
	};

	return (cmocka_run_group_tests_name("logging", tests, NULL, NULL));
}
