/*
 * The daemon as a service: its listeners, the user of its children, titles
 * and log, sockets and a watchdog given by a service manager, and as process
 * 1 of a container.
 */

#include "harness.h"

#include <json-c/json.h>

#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <pwd.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define ID "0f8fad5b-d9cb-469f-a165-70867728950e"

/* A socket of version 6 to the port that the log tells; -1: there is none. */
static int
connect_v6(struct daemon *d)
{
	static const char before[] = "listening on [::1]:";
	struct sockaddr_in6 address = {
	    .sin6_family = AF_INET6, .sin6_addr = IN6ADDR_LOOPBACK_INIT};
	char *log;
	int fd = socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0);

	assert_true(daemon_wait_log(d, before, WAIT_MS));
	log = file_read(d->log);
	address.sin6_port =
	    htons((uint16_t)atoi(strstr(log, before) + strlen(before)));
	free(log);
	if (connect(fd, (struct sockaddr *)&address, sizeof(address)) == 0)
		return (fd);
	close(fd);
	return (-1);
}

static bool
have_v6(void)
{
	struct sockaddr_in6 address = {
	    .sin6_family = AF_INET6, .sin6_addr = IN6ADDR_LOOPBACK_INIT};
	int fd = socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0);
	bool have = fd != -1 &&
		    bind(fd, (struct sockaddr *)&address, sizeof(address)) == 0;

	close(fd);
	return (have);
}

static void
check_livez(struct conn *conn)
{
	http_request(conn, "GET", "/livez", NULL, NULL);
	expect(http_answer(conn), 200, NULL);
	http_close(conn);
}

static void
service_listeners(void **state)
{
	bool v6 = have_v6();
	struct daemon *d = daemon_start(
	    v6 ? "listen = {\"unix:@DIR@/api.sock\", \"unix:@DIR@/b.sock\", "
		 "\"127.0.0.1:0\", \"[::1]:0\"}\nsocket_mode = \"0600\"\n"
	       : "listen = {\"unix:@DIR@/api.sock\", \"unix:@DIR@/b.sock\", "
		 "\"127.0.0.1:0\"}\nsocket_mode = \"0600\"\n");
	struct stat st;
	char path[160];

	snprintf(path, sizeof(path), "%s/b.sock", d->dir);
	check_livez(http_open(d));
	check_livez(http_open_path(path));
	check_livez(http_open_port(daemon_port(d)));
	if (v6)
		check_livez(http_adopt(connect_v6(d)));
	else
		print_message("# no IPv6 here\n");
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
	daemon_stop(d);
}

/* True when all ids of the process are those of the user nobody. */
static bool
runs_as(pid_t pid, const struct passwd *user)
{
	char path[64], line[128], *status;
	bool same;

	snprintf(path, sizeof(path), "/proc/%d/status", (int)pid);
	snprintf(line, sizeof(line),
	    "Uid:\t%1$u\t%1$u\t%1$u\t%1$u\n"
	    "Gid:\t%2$u\t%2$u\t%2$u\t%2$u\n",
	    user->pw_uid, user->pw_gid);
	assert_non_null(status = file_read(path));
	same = strstr(status, line) != NULL;
	free(status);
	return (same);
}

/* Master and warden keep what they need, who works for others has nothing. */
static void
service_user(void **state)
{
	const struct passwd *user = getpwnam("nobody");
	pid_t pids[PROC_MAX];
	struct daemon *d;
	size_t n;

	if (getuid() != 0 || user == NULL) {
		print_message("# skipped: needs root\n");
		return;
	}
	d = daemon_start("user = \"nobody\"\n");
	expect(call(d, "echo", "{\"message\": \"x\"}"), 200, NULL);
	assert_false(runs_as(d->pid, user));
	n = proc_workers(d, pids);
	assert_int_equal(n, 3); /* two agents, front end */
	for (size_t i = 0; i < n; i++)
		assert_true(runs_as(pids[i], user));
	assert_true(runs_as(proc_find(d, "log"), user));
	/* It still may signal them, and bind new ones. */
	daemon_reload(d);
	expect(
	    call(d, "fault", "{\"action\": \"abort\"}"), 502, "agent_crashed");
	wait_agents(d, 2, WAIT_MS);
	daemon_stop(d);
}

static void
service_titles(void **state)
{
	struct daemon *d = daemon_start("");
	char title[256], wanted[256];

	/* Which of several daemons it is. */
	snprintf(wanted, sizeof(wanted), "agentd: master %s", d->conf);
	assert_true(proc_title(d->pid, title, sizeof(title)));
	assert_string_equal(title, wanted);
	assert_true(proc_title(proc_frontend(d), title, sizeof(title)));
	assert_string_equal(title, "agentd: frontend");
	assert_true(proc_title(proc_agent(d, 2), title, sizeof(title)));
	assert_string_equal(title, "agentd: agent 2 [idle]");
	daemon_stop(d);
}

static void
service_request_log(void **state)
{
	struct daemon *d = daemon_start("log_requests = true\n");
	struct conn *conn;

	conn = call_begin(d, ID, "echo", "{\"message\": \"x\"}", "");
	expect(http_answer(conn), 200, NULL);
	http_close(conn);
	assert_true(daemon_wait_log(d, "id=" ID, WAIT_MS));
	daemon_check_logged(d, "id=" ID " tool=echo agent=agent-", 1);
	daemon_check_logged(d, "outcome=success", 1);
	daemon_check_logged(d, "queued_us=", 1);
	daemon_check_logged(d, "run_us=", 1);
	daemon_configure(d, "");
	daemon_reload(d);
	expect(call(d, "echo", "{\"message\": \"x\"}"), 200, NULL);
	daemon_reload(d);
	daemon_check_logged(d, "outcome=", 1);
	daemon_stop(d);
}

/* A line of the log, by what it holds, as JSON. */
static struct json_object *
log_object(struct daemon *d, const char *holds)
{
	char *text = file_read(d->log), *rest = text, *line;
	struct json_object *o = NULL;

	while (o == NULL && (line = strsep(&rest, "\n")) != NULL)
		if (strstr(line, holds) != NULL)
			o = json_tokener_parse(line);
	free(text);
	if (o == NULL)
		fail_msg("no object with %s", holds);
	return (o);
}

static const char *
member(struct json_object *o, const char *name)
{
	const char *text =
	    json_object_get_string(json_object_object_get(o, name));

	return (text == NULL ? "" : text);
}

static void
service_json_log(void **state)
{
	struct daemon *d =
	    daemon_start("log_requests = yes\nlog_format = json\n");
	struct json_object *o;

	expect(ask(d, "POST", "/api/v1/tools/echo", "X-Request-Id: a=\"b\\\r\n",
		   "{\"message\": \"x\"}"),
	    200, NULL);
	expect(get(d, "/no/thing?key=secret"), 404, "not_found");
	assert_true(daemon_wait_log(d, "not_found", WAIT_MS));
	o = log_object(d, "\"success\"");
	assert_string_equal(member(o, "event"), "request");
	assert_string_equal(member(o, "process"), "frontend");
	assert_string_equal(member(o, "severity"), "info");
	assert_string_equal(member(o, "tool"), "echo");
	assert_string_equal(member(o, "name"), "a=\"b\\");
	assert_memory_equal(member(o, "client"), "uid:", 4);
	assert_true(json_object_is_type(
	    json_object_object_get(o, "run_us"), json_type_int));
	json_object_put(o);
	o = log_object(d, "not_found");
	assert_string_equal(member(o, "path"), "/no/thing");
	assert_string_equal(member(o, "method"), "GET");
	assert_string_equal(member(o, "status"), "404");
	json_object_put(o);
	o = log_object(d, "\"serving\"");
	assert_string_equal(member(o, "process"), "master");
	json_object_put(o);
	assert_int_equal(daemon_logged(d, "secret"), 0);
	daemon_stop(d);
}

/* In the child: a listening socket as descriptor 3, as systemd gives it. */
static void
pass_socket(struct daemon *d, void *arg)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);
	char pid[16];

	snprintf(address.sun_path, sizeof(address.sun_path), "%s/given.sock",
	    d->dir);
	if (bind(fd, (struct sockaddr *)&address, sizeof(address)) == -1 ||
	    listen(fd, 16) == -1)
		_exit(126);
	if (fd != 3) {
		dup2(fd, 3);
		close(fd);
	}
	snprintf(pid, sizeof(pid), "%d", (int)getpid());
	setenv("LISTEN_PID", pid, 1);
	setenv("LISTEN_FDS", "1", 1);
}

/* One that takes no connections. */
static void
pass_datagrams(struct daemon *d, void *arg)
{
	pass_socket(d, arg);
	dup2(socket(AF_UNIX, SOCK_DGRAM, 0), 3);
}

static void
pass_file(struct daemon *d, void *arg)
{
	pass_socket(d, arg);
	dup2(open("/dev/null", O_RDWR), 3);
}

static void
service_activation_bad(void **state)
{
	static const struct {
		void (*pass)(struct daemon *, void *);
		const char *why;
	} rows[] = {
	    {pass_datagrams,
		"LISTEN_FDS: descriptor 3: is no listening socket"},
	    {pass_file, "LISTEN_FDS: descriptor 3: Socket operation on non-"},
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct daemon_options o = {
		    .prepare = rows[i].pass, .unready = true};
		struct daemon *d = daemon_start_with(&o);
		char path[160];

		assert_int_equal(daemon_wait(d, WAIT_MS), 1);
		daemon_check_logged(d, rows[i].why, 1);
		snprintf(path, sizeof(path), "%s/given.sock", d->dir);
		unlink(path);
		daemon_gone(d, 0);
	}
}

static void
service_activation(void **state)
{
	struct daemon_options o = {.prepare = pass_socket};
	struct daemon *d = daemon_start_with(&o);

	snprintf(d->socket, sizeof(d->socket), "%s/given.sock", d->dir);
	expect(call(d, "echo", "{\"message\": \"x\"}"), 200, NULL);
	/* It survives a reload, and belongs to the manager at the end. */
	daemon_reload(d);
	expect(call(d, "echo", "{\"message\": \"x\"}"), 200, NULL);
	daemon_signal(d, SIGTERM);
	assert_int_equal(daemon_wait(d, WAIT_MS), 0);
	assert_int_equal(access(d->socket, F_OK), 0);
	unlink(d->socket);
	daemon_gone(d, 0);
}

static void
set_watchdog(struct daemon *d, void *arg)
{
	char pid[16];

	snprintf(pid, sizeof(pid), "%d", (int)getpid());
	setenv("WATCHDOG_PID", pid, 1);
	setenv("WATCHDOG_USEC", "400000", 1);
}

/* Fed while all is well, and not by a master whose front end hangs. */
static void
service_watchdog(void **state)
{
	struct daemon_options o = {.prepare = set_watchdog,
	    .settings = "frontend_timeout = \"30s\"\n"};
	struct daemon *d = daemon_start_with(&o);

	for (int i = 0; i < 5; i++)
		assert_true(daemon_notified(d, "WATCHDOG=1", 400 * 5));
	assert_true(proc_kill(proc_frontend(d), SIGSTOP));
	/* One may be under way, and one more belong to the last answer. */
	daemon_notified(d, "WATCHDOG=1", 400);
	daemon_notified(d, "WATCHDOG=1", 400);
	assert_false(daemon_notified(d, "WATCHDOG=1", 800));
	assert_true(proc_kill(proc_frontend(d), SIGCONT));
	assert_true(daemon_notified(d, "WATCHDOG=1", WAIT_MS));
	daemon_stop(d);
}

#define OTHERS 100

/* As in `helper & exec agentd -f`; they end with it. */
static void
start_others(struct daemon *d, void *arg)
{
	pid_t pid;

	for (int i = 0; i < OTHERS; i++) {
		if ((pid = fork()) == -1)
			_exit(126);
		if (pid > 0)
			continue;
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		for (;;)
			pause();
	}
}

/* Those of the processes that are none of agentd's; returns their number. */
static size_t
find_others(struct daemon *d, pid_t others[static PROC_MAX])
{
	pid_t pids[PROC_MAX];
	size_t n = proc_tree(d->pid, pids), found = 0;
	char title[256];

	for (size_t i = 0; i < n; i++)
		if (proc_title(pids[i], title, sizeof(title)) &&
		    strstr(title, "agentd: ") == NULL)
			others[found++] = pids[i];
	return (found);
}

static bool
others_sleep(void *arg)
{
	const pid_t *others = arg;

	for (int i = 0; i < OTHERS; i++)
		if (proc_state(others[i]) != 'S')
			return (false);
	return (true);
}

/* However many there are, they are not taken for what tools leave behind. */
static void
service_others(void **state)
{
	struct daemon_options o = {.prepare = start_others};
	struct daemon *d = daemon_start_with(&o);
	pid_t others[PROC_MAX];

	assert_int_equal(find_others(d, others), OTHERS);
	expect(call(d, "fault", "{\"action\": \"grandchild_exit\"}"), 502,
	    "agent_crashed");
	wait_agents(d, 2, WAIT_MS);
	assert_true(wait_until(others_sleep, others, WAIT_MS));
	daemon_signal(d, SIGTERM);
	assert_int_equal(daemon_wait(d, WAIT_MS), 0);
	daemon_gone(d, WAIT_MS); /* they end a moment after it */
}

/* The words that run a command as process 1, or NULL. */
static char *const *
unshare_words(void)
{
	static char unshare[] = "unshare", as_root[] = "-pf",
		    as_user[] = "-Urpf", mount[] = "--mount-proc";
	static char *const root[] = {unshare, as_root, mount, NULL};
	static char *const user[] = {unshare, as_user, mount, NULL};

	if (system("unshare -pf --mount-proc true 2>/dev/null") == 0)
		return (root);
	if (system("unshare -Urpf --mount-proc true 2>/dev/null") == 0)
		return (user);
	return (NULL);
}

/* As in a container: nobody else reaps there, and TERM must work. */
static void
service_one(void **state)
{
	struct daemon_options o = {.wrapper = unshare_words()};
	struct health before;
	struct daemon *d;

	if (o.wrapper == NULL) {
		print_message("# skipped: unshare is not permitted\n");
		return;
	}
	d = daemon_start_with(&o);
	assert_int_not_equal(proc_master(d), d->pid);
	health_take(d, &before);
	expect(call(d, "fault", "{\"action\": \"daemonise\"}"), 200, NULL);
	expect(call(d, "fault", "{\"action\": \"grandchild_exit\"}"), 502,
	    "agent_crashed");
	expect(
	    call(d, "fault", "{\"action\": \"abort\"}"), 502, "agent_crashed");
	health_check(d, &before, WAIT_MS);
	daemon_reload(d);
	health_check(d, &before, WAIT_MS);
	daemon_stop(d);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    E2E_TEST(service_listeners),
	    E2E_TEST(service_user),
	    E2E_TEST(service_titles),
	    E2E_TEST(service_request_log),
	    E2E_TEST(service_json_log),
	    E2E_TEST(service_activation),
	    E2E_TEST(service_activation_bad),
	    E2E_TEST(service_watchdog),
	    E2E_TEST(service_others),
	    E2E_TEST(service_one),
	};

	return (cmocka_run_group_tests_name("service", tests, NULL, NULL));
}
