/*
 * What a stranger could change is not used, and what he could put in the way
 * of a file that agentd writes is not followed.  Most of it needs root, for
 * whom it matters the most.
 */

#include "tools.h"

#include <sys/stat.h>
#include <sys/wait.h>

#include <fcntl.h>
#include <pwd.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define STRANGER 65534

#define WORDS(...) ((char *const[]){__VA_ARGS__, NULL})
#define WORD(text) ((char[]){text})

static bool
is_root(void)
{
	if (geteuid() == 0)
		return (true);
	print_message("# skipped: needs root\n");
	return (false);
}

/* A path below the directory of a daemon, good until the next but three. */
static char *
below(const struct daemon *d, const char *name)
{
	static char paths[4][200];
	static unsigned int next;
	char *path = paths[next++ % 4];

	snprintf(path, sizeof(paths[0]), "%s/%s", d->dir, name);
	return (path);
}

/* A directory that is not ours, with a file of ours beside it. */
static void
prepare(struct daemon *d)
{
	assert_int_equal(chmod(d->dir, 0755), 0);
	assert_int_equal(mkdir(below(d, "theirs"), 0755), 0);
	assert_int_equal(chown(below(d, "theirs"), STRANGER, STRANGER), 0);
	file_write(below(d, "victim"), "precious\n");
	assert_int_equal(chmod(below(d, "victim"), 0600), 0);
}

static void
check_victim(struct daemon *d)
{
	char *text = file_read(below(d, "victim"));
	struct stat st;

	assert_string_equal(text, "precious\n");
	free(text);
	assert_int_equal(stat(below(d, "victim"), &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
	assert_int_equal(st.st_uid, geteuid());
}

static void
clean(struct daemon *d)
{
	unlink(below(d, "victim"));
	dir_remove(below(d, "theirs"));
}

/* Whether it starts at all; it does not. */
static void
expect_no_start(struct daemon *d, char *const *arguments, const char *words)
{
	struct daemon_options o = {
	    .program = "agentd", .arguments = arguments, .unready = true};

	unlink(d->log);
	daemon_spawn(d, &o);
	assert_int_equal(daemon_wait(d, WAIT_MS), 1);
	if (daemon_logged(d, words) == 0)
		fail_msg("the log does not say: %s", words);
}

static void
safety_configuration(void **state)
{
	struct daemon *d = daemon_prepare();
	char *const *foreground = WORDS(WORD("-f"), WORD("-c"), d->conf);

	daemon_configure(d, "");
	assert_int_equal(chmod(d->conf, 0666), 0);
	expect_no_start(
	    d, foreground, "agentd.conf: everybody may write to it");
	assert_int_equal(chmod(d->conf, 0644), 0);
	assert_int_equal(chmod(d->dir, 0777), 0);
	expect_no_start(d, foreground, ": everybody may write to it (chmod");
	assert_int_equal(chmod(d->dir, 0700), 0);
	if (geteuid() == 0) {
		assert_int_equal(chmod(d->conf, 0664), 0);
		expect_no_start(
		    d, foreground, "agentd.conf: its group may write to it");
	}
	assert_int_equal(chmod(d->conf, 0644), 0);
	file_write(below(d, "more.log"), "agents = 3\n");
	assert_int_equal(chmod(below(d, "more.log"), 0666), 0);
	daemon_configure(d, "include(\"more.log\")\n");
	expect_no_start(d, foreground, "more.log: everybody may write to it");
	daemon_gone(d, 0);
}

/* Through a link that is a stranger's, to what is ours. */
static void
safety_plugin(void **state)
{
	struct daemon *d;

	if (!is_root())
		return;
	d = daemon_prepare();
	prepare(d);
	daemon_configure(d, "");
	assert_int_equal(
	    symlink(below(d, "victim"), below(d, "theirs/p.so")), 0);
	file_write(below(d, "tools.d/p.json"),
	    "{\"name\": \"p\", \"plugin\": \"../theirs/p.so\"}");
	expect_no_start(d, WORDS(WORD("-n"), WORD("-c"), d->conf),
	    "/theirs: belongs to a user that is neither root nor");
	clean(d);
	daemon_gone(d, 0);
}

/* Sockets may be in a directory of the service's user. */
static void
safety_socket(void **state)
{
	struct daemon *d;
	struct stat st;

	if (!is_root())
		return;
	d = daemon_prepare();
	prepare(d);
	daemon_configure(d, "user = nobody\n"
			    "listen = \"unix:@DIR@/theirs/s.sock\"\n");
	daemon_spawn(d, &(struct daemon_options){0});
	assert_int_equal(lstat(below(d, "theirs/s.sock"), &st), 0);
	assert_int_equal(st.st_uid, STRANGER);
	daemon_configure(d, "user = nobody\nsocket_mode = 600\n"
			    "listen = \"unix:@DIR@/theirs/s.sock\"\n");
	daemon_reload(d);
	assert_int_equal(lstat(below(d, "theirs/s.sock"), &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
	/* Now he has a link in its place. */
	assert_int_equal(unlink(below(d, "theirs/s.sock")), 0);
	assert_int_equal(
	    symlink(below(d, "victim"), below(d, "theirs/s.sock")), 0);
	daemon_configure(d, "user = nobody\nsocket_mode = 666\n"
			    "listen = \"unix:@DIR@/theirs/s.sock\"\n");
	daemon_signal(d, SIGHUP);
	assert_true(daemon_wait_log(d, "reload failed", WAIT_MS));
	check_victim(d);
	assert_int_equal(lstat(below(d, "theirs/s.sock"), &st), 0);
	daemon_signal(d, SIGTERM);
	assert_int_equal(daemon_wait(d, 2 * WAIT_MS), 0);
	check_victim(d);
	assert_int_equal(lstat(below(d, "theirs/s.sock"), &st), 0);
	clean(d);
	daemon_gone(d, 0);
}

static bool
cannot_reopen(void *arg)
{
	char *text = file_read(below(arg, "theirs/old.log"));
	bool said =
	    text != NULL && strstr(text, "cannot reopen the log") != NULL;

	free(text);
	return (said);
}

static void
safety_log(void **state)
{
	struct daemon *d;

	if (!is_root())
		return;
	d = daemon_prepare();
	prepare(d);
	daemon_configure(d, "log = \"@DIR@/theirs/my.log\"\n");
	assert_int_equal(
	    symlink(below(d, "victim"), below(d, "theirs/my.log")), 0);
	expect_no_start(d, WORDS(WORD("-f"), WORD("-c"), d->conf),
	    "is not followed where others may write");
	check_victim(d);
	assert_int_equal(unlink(below(d, "theirs/my.log")), 0);
	daemon_spawn(d, &(struct daemon_options){0});
	/* A rotation by somebody else. */
	assert_int_equal(
	    rename(below(d, "theirs/my.log"), below(d, "theirs/old.log")), 0);
	assert_int_equal(
	    symlink(below(d, "victim"), below(d, "theirs/my.log")), 0);
	daemon_signal(d, SIGUSR1);
	assert_true(wait_until(cannot_reopen, d, WAIT_MS));
	check_victim(d);
	daemon_signal(d, SIGTERM);
	assert_int_equal(daemon_wait(d, 2 * WAIT_MS), 0);
	check_victim(d);
	clean(d);
	daemon_gone(d, 0);
}

static void
safety_pidfile(void **state)
{
	struct daemon *d;

	if (!is_root())
		return;
	d = daemon_prepare();
	prepare(d);
	assert_int_equal(
	    symlink(below(d, "victim"), below(d, "theirs/pid")), 0);
	daemon_configure(d, "pidfile = \"@DIR@/theirs/pid\"\n");
	expect_no_start(d, WORDS(WORD("-f"), WORD("-c"), d->conf),
	    "/theirs: belongs to a user");
	check_victim(d);
	clean(d);
	daemon_gone(d, 0);
}

/* As another user, or as another process of the same one. */
static bool
can_read_memory(pid_t pid, uid_t uid)
{
	char path[64];
	int status;
	pid_t child;

	snprintf(path, sizeof(path), "/proc/%d/mem", (int)pid);
	fflush(NULL);
	if ((child = fork()) == 0) {
		if (geteuid() == 0 && (setgid(uid) == -1 || setuid(uid) == -1))
			_exit(2);
		_exit(open(path, O_RDONLY) == -1);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status) && WEXITSTATUS(status) <= 1);
	return (WEXITSTATUS(status) == 0);
}

static void
become_nobody(struct daemon *d, void *arg)
{
	if (geteuid() == 0 &&
	    (setgid(STRANGER) == -1 || setuid(STRANGER) == -1))
		_exit(126);
}

static void
check_memory(struct daemon *d)
{
	uid_t uid = geteuid() == 0 ? STRANGER : geteuid();
	char path[64], *limits;
	pid_t pids[PROC_MAX];
	size_t n = proc_tree(d->pid, pids);

	assert_false(can_read_memory(d->pid, uid));
	for (size_t i = 0; i < n; i++) {
		assert_false(can_read_memory(pids[i], uid));
		snprintf(path, sizeof(path), "/proc/%d/limits", (int)pids[i]);
		if ((limits = file_read(path)) == NULL)
			continue; /* it was replaced */
		assert_non_null(strstr(limits, "Max core file size        0 "));
		free(limits);
	}
}

/*
 * A daemon of an ordinary user: its commands run as the same, and its own
 * processes must still find what they need in /proc.
 */
static void
safety_memory(void **state)
{
	struct daemon *d = daemon_prepare();
	struct daemon_options o = {.prepare = become_nobody};
	struct reply *reply;

	/* The one that looks for leaks has to trace the daemon. */
	if (built_with_sanitizers()) {
		daemon_discard(d);
		return;
	}
	if (geteuid() == 0) {
		assert_int_equal(chown(d->dir, STRANGER, STRANGER), 0);
		assert_int_equal(
		    chown(below(d, "fault"), STRANGER, STRANGER), 0);
		assert_int_equal(chmod(below(d, "notify"), 0777), 0);
	}
	tool_write_members(d, "mem",
	    "\"command\": [\"sh\", \"-c\", \"sleep 600 >/dev/null 2>&1 & "
	    "head -c 1 /proc/$PPID/mem 2>&1; head -c 1 /proc/self/environ "
	    ">/dev/null && echo mine\"], \"output\": \"text\"");
	daemon_configure(d, "tools_dir = \"@DIR@/tools.d\"\n");
	daemon_spawn(d, &o);
	reply = call(d, "mem", "{}");
	if (strstr(reply->body, "Permission denied") == NULL ||
	    strstr(reply->body, "mine") == NULL)
		fail_msg("%s", reply->body);
	expect(reply, 200, NULL);
	wait_agents(d, 2, WAIT_MS);
	check_memory(d);
	daemon_reload(d);
	check_memory(d);
	daemon_stop(d);
}

static uid_t
user_of(pid_t pid)
{
	char path[64];
	unsigned int uid = 0;
	FILE *f;
	char line[128];

	snprintf(path, sizeof(path), "/proc/%d/status", (int)pid);
	assert_non_null(f = fopen(path, "re"));
	while (fgets(line, sizeof(line), f) != NULL)
		if (sscanf(line, "Uid: %*u %u", &uid) == 1)
			break;
	fclose(f);
	return (uid);
}

static void
safety_frontend_user(void **state)
{
	const struct passwd *user = getpwnam("daemon");
	struct daemon *d;

	if (!is_root() || user == NULL)
		return;
	d = daemon_start("user = nobody\nfrontend_user = daemon\n");
	expect(call(d, "echo", "{\"message\": \"x\"}"), 200, NULL);
	assert_int_equal(user_of(d->pid), 0);
	assert_int_equal(user_of(proc_frontend(d)), user->pw_uid);
	assert_int_equal(user_of(proc_agent(d, 1)), STRANGER);
	assert_false(can_read_memory(proc_frontend(d), STRANGER));
	daemon_reload(d);
	daemon_stop(d);
	d = daemon_prepare();
	daemon_configure(d, "frontend_user = \"no such\"\n");
	expect_no_start(d, WORDS(WORD("-n"), WORD("-c"), d->conf),
	    "frontend_user: there is no user");
	daemon_gone(d, 0);
}

/* A deployment: current leads to the release of the day. */
static void
safety_current(void **state)
{
	struct daemon *d = daemon_prepare();
	char *words[] = {WORD("sh"), WORD("-c"),
	    WORD("cd \"$0/current\" && exec \"$1\" -f -c agentd.conf"), d->dir,
	    NULL};
	struct daemon_options o = {.wrapper = words, .arguments = WORDS(NULL)};
	char text[64];

	for (int i = 1; i <= 2; i++) {
		snprintf(text, sizeof(text), "agents = %d\n", i);
		daemon_configure(d, text);
		snprintf(text, sizeof(text), "r%d.log", i);
		assert_int_equal(mkdir(below(d, text), 0755), 0);
		strlcat(text, "/agentd.conf", sizeof(text));
		assert_int_equal(rename(d->conf, below(d, text)), 0);
	}
	assert_int_equal(symlink("r1.log", below(d, "current")), 0);
	daemon_spawn(d, &o);
	wait_agents(d, 1, WAIT_MS);
	assert_int_equal(unlink(below(d, "current")), 0);
	assert_int_equal(symlink("r2.log", below(d, "current")), 0);
	daemon_reload(d);
	wait_agents(d, 2, WAIT_MS);
	unlink(below(d, "current"));
	dir_remove(below(d, "r1.log"));
	dir_remove(below(d, "r2.log"));
	daemon_stop(d);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    E2E_TEST(safety_configuration),
	    E2E_TEST(safety_plugin),
	    E2E_TEST(safety_socket),
	    E2E_TEST(safety_log),
	    E2E_TEST(safety_pidfile),
	    E2E_TEST(safety_current),
	    E2E_TEST(safety_memory),
	    E2E_TEST(safety_frontend_user),
	};

	return (cmocka_run_group_tests_name("safety", tests, NULL, NULL));
}
