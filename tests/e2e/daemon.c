/*
 * One daemon under test, in a temporary directory of its own: started,
 * signalled, waited for.  The test program is a subreaper, so that whatever a
 * daemon leaves behind becomes its child and is noticed.
 */

#include "daemon.h"

#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static LIST_HEAD(, daemon) daemons = LIST_HEAD_INITIALIZER(daemons);

static int
daemon_bind_notify(const char *dir)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	snprintf(address.sun_path, sizeof(address.sun_path), "%s/notify", dir);
	assert_int_not_equal(fd, -1);
	assert_int_equal(
	    bind(fd, (struct sockaddr *)&address, sizeof(address)), 0);
	return (fd);
}

/* A path of a Unix socket must fit its address, so TMPDIR may be too long. */
static void
daemon_make_dir(struct daemon *d)
{
	const char *base = getenv("TMPDIR");
	char path[160];

	if (base == NULL || strlen(base) > 50)
		base = "/tmp";
	snprintf(d->dir, sizeof(d->dir), "%s/agentd-e2e.XXXXXX", base);
	assert_non_null(mkdtemp(d->dir));
	snprintf(path, sizeof(path), "%s/fault", d->dir);
	assert_int_equal(mkdir(path, 0777), 0);
	snprintf(path, sizeof(path), "%s/tools.d", d->dir);
	assert_int_equal(mkdir(path, 0777), 0);
}

struct daemon *
daemon_prepare(void)
{
	struct daemon *d = calloc(1, sizeof(*d));

	assert_non_null(d);
	signal(SIGPIPE, SIG_IGN);
	assert_int_equal(prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0), 0);
	daemon_make_dir(d);
	snprintf(d->conf, sizeof(d->conf), "%s/agentd.conf", d->dir);
	snprintf(d->socket, sizeof(d->socket), "%s/api.sock", d->dir);
	snprintf(d->control, sizeof(d->control), "%s/control.sock", d->dir);
	snprintf(d->log, sizeof(d->log), "%s/log", d->dir);
	d->notify_fd = daemon_bind_notify(d->dir);
	d->pid = -1;
	LIST_INSERT_HEAD(&daemons, d, entry);
	return (d);
}

/* The environment of a daemon names nothing but its own directory. */
static void
daemon_environment(struct daemon *d)
{
	char path[160];

	snprintf(path, sizeof(path), "%s/notify", d->dir);
	setenv("NOTIFY_SOCKET", path, 1);
	snprintf(path, sizeof(path), "%s/fault", d->dir);
	setenv("AGENTD_FAULT_DIR", path, 1);
	unsetenv("WATCHDOG_USEC");
	unsetenv("WATCHDOG_PID");
	unsetenv("LISTEN_FDS");
	unsetenv("LISTEN_PID");
	unsetenv("AGENTD_CONTROL");
	unsetenv("PORT");
	unsetenv("WEATHER_API_KEY");
	unsetenv("CREDENTIALS_DIRECTORY");
}

static void
daemon_arguments(struct daemon *d, const struct daemon_options *o,
    char *program, char **argv)
{
	char *const usual[] = {(char[]){"-f"}, (char[]){"-c"}, d->conf, NULL};
	char *const *more = o->arguments == NULL ? usual : o->arguments;
	size_t n = 0;

	for (char *const *p = o->wrapper; p != NULL && *p != NULL; p++)
		argv[n++] = *p;
	argv[n++] = program;
	for (; *more != NULL; more++)
		argv[n++] = strdup(*more);
	argv[n] = NULL;
}

/* In the child; it dies with the test program. */
static void __attribute__((noreturn))
daemon_exec(struct daemon *d, const struct daemon_options *o)
{
	char path[PATH_MAX];
	char *argv[24];
	int in = open("/dev/null", O_RDONLY);
	int out = open(d->log, O_WRONLY | O_CREAT | O_APPEND, 0600);

	prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
	if (dup2(in, 0) == -1 || dup2(out, 1) == -1 || dup2(out, 2) == -1)
		_exit(126);
	closefrom(3);
	daemon_environment(d);
	if (o->prepare != NULL)
		o->prepare(d, o->prepare_arg);
	snprintf(path, sizeof(path), "%s/%s", test_builddir(),
	    o->program == NULL ? FAULTD : o->program);
	daemon_arguments(d, o, path, argv);
	execvp(argv[0], argv);
	dprintf(2, "%s: %s\n", argv[0], strerror(errno));
	_exit(127);
}

void
daemon_spawn(struct daemon *d, const struct daemon_options *o)
{
	fflush(NULL);
	d->pid = fork();
	assert_int_not_equal(d->pid, -1);
	if (d->pid == 0)
		daemon_exec(d, o);
	if (!o->unready && !daemon_notified(d, "READY=1", WAIT_MS))
		fail_msg("the daemon did not become ready");
}

struct daemon *
daemon_start_with(const struct daemon_options *o)
{
	struct daemon *d = daemon_prepare();

	daemon_configure(d, o->settings == NULL ? "" : o->settings);
	daemon_spawn(d, o);
	return (d);
}

struct daemon *
daemon_start(const char *settings)
{
	struct daemon_options o = {.settings = settings};

	return (daemon_start_with(&o));
}

void
daemon_signal(struct daemon *d, int signal)
{
	assert_true(proc_kill(proc_master(d), signal));
}

bool
daemon_reap(void)
{
	struct daemon *d;
	bool known = false;
	int status;
	pid_t pid;

	while ((pid = waitpid(-1, &status, WNOHANG)) > 0)
		LIST_FOREACH (d, &daemons, entry) {
			if (d->pid != pid)
				continue;
			d->pid = -1;
			d->status = status;
			known = true;
		}
	return (known);
}

bool
daemon_knows(pid_t pid)
{
	struct daemon *d;

	LIST_FOREACH (d, &daemons, entry)
		if (d->pid == pid)
			return (true);
	return (false);
}

static bool
daemon_dead(void *arg)
{
	struct daemon *d = arg;

	daemon_reap();
	return (d->pid == -1);
}

int
daemon_wait(struct daemon *d, int timeout_ms)
{
	if (!wait_until(daemon_dead, d, timeout_ms))
		fail_msg("the daemon did not end within %d ms", timeout_ms);
	if (WIFSIGNALED(d->status))
		return (128 + WTERMSIG(d->status));
	return (WEXITSTATUS(d->status));
}

void
daemon_free(struct daemon *d)
{
	char path[160];

	LIST_REMOVE(d, entry);
	close(d->notify_fd);
	snprintf(path, sizeof(path), "%s/fault", d->dir);
	dir_remove(path);
	snprintf(path, sizeof(path), "%s/tools.d", d->dir);
	dir_remove(path);
	dir_remove(d->dir);
	free(d);
}

void
daemon_discard(struct daemon *d)
{
	if (!wait_until(proc_no_strays, d, WAIT_MS))
		fail_msg("processes are left: %zu", proc_strays(d));
	daemon_free(d);
}

void
daemon_gone(struct daemon *d, int timeout_ms)
{
	char names[512];

	if (!wait_until(proc_no_strays, d, timeout_ms))
		fail_msg("processes are left: %zu", proc_strays(d));
	if (daemon_leftovers(d, names, sizeof(names)))
		fail_msg("files are left:%s", names);
	daemon_check_log(d);
	daemon_free(d);
}

void
daemon_stop(struct daemon *d)
{
	daemon_signal(d, SIGTERM);
	assert_int_equal(daemon_wait(d, 2 * WAIT_MS), 0);
	/* All children ended before the master did. */
	daemon_gone(d, 0);
}

/* Kills all that is below the test program; true when nothing is left. */
static bool
daemon_kill_rest(void *arg)
{
	pid_t pids[PROC_MAX];
	size_t n = proc_tree(getpid(), pids);

	for (size_t i = 0; i < n; i++)
		kill(pids[i], SIGKILL);
	daemon_reap();
	return (n == 0);
}

int
daemon_cleanup(void **state)
{
	struct daemon *d, *next;

	wait_until(daemon_kill_rest, NULL, WAIT_MS);
	LIST_FOREACH_SAFE (d, &daemons, entry, next) {
		daemon_show_log(d);
		daemon_free(d);
	}
	return (0);
}
