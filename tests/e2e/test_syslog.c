/*
 * A syslog daemon that reads nothing, or goes away: the master must not wait
 * for it, for it waits for nobody.  In a mount namespace of its own, where
 * /dev/log is a socket of the test.
 */

#include "harness.h"

#include <sys/socket.h>
#include <sys/un.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* A /dev with nothing but null and log, over the directory of switches. */
#define HIDE_DEV                                                      \
	"mount -t tmpfs dev \"$1/fault\" && : >\"$1/fault/null\" && " \
	"mount --bind /dev/null \"$1/fault/null\" && "                \
	"ln -s \"$1/syslog.log\" \"$1/fault/log\" && "                \
	"mount --rbind \"$1/fault\" /dev && shift && exec \"$@\""

#define WORD(text) ((char[]){text})

/* How the namespace is made here; NULL: not at all. */
static char *
unshare_option(void)
{
	static char as_root[] = "-m", as_user[] = "-Urm";

	if (system("unshare -m true 2>/dev/null") == 0)
		return (as_root);
	if (system("unshare -Urm true 2>/dev/null") == 0)
		return (as_user);
	return (NULL);
}

static void
syslog_address(struct daemon *d, struct sockaddr_un *address)
{
	address->sun_family = AF_UNIX;
	snprintf(address->sun_path, sizeof(address->sun_path), "%s/syslog.log",
	    d->dir);
}

static int
syslog_bind(struct daemon *d)
{
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	struct sockaddr_un address;

	syslog_address(d, &address);
	assert_int_not_equal(fd, -1);
	assert_int_equal(
	    bind(fd, (struct sockaddr *)&address, sizeof(address)), 0);
	return (fd);
}

/* How many lines a sender of its own gets rid of. */
static int
syslog_fill(const struct sockaddr_un *address)
{
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	int sent = 0;

	assert_int_not_equal(fd, -1);
	assert_int_equal(
	    connect(fd, (const struct sockaddr *)address, sizeof(*address)), 0);
	while (send(fd, "jam", 3, 0) == 3)
		sent++;
	close(fd);
	return (sent);
}

/* Leaves no room in its queue; one sender alone may not have that much. */
static void
syslog_jam(struct daemon *d)
{
	struct sockaddr_un address;

	syslog_address(d, &address);
	while (syslog_fill(&address) > 0)
		;
}

struct syslog_search {
	int fd;
	const char *text;
	bool loss; /* was told of on the way */
};

/* Takes what has come. */
static bool
syslog_holds(void *arg)
{
	struct syslog_search *search = arg;
	char line[4096];
	ssize_t got;

	while ((got = recv(search->fd, line, sizeof(line) - 1, 0)) > 0) {
		line[got] = '\0';
		if (strstr(line, "lost") != NULL)
			search->loss = true;
		if (strstr(line, search->text) != NULL)
			return (true);
	}
	return (false);
}

/* NULL: not permitted here. */
static struct daemon *
syslog_start(int *fd, bool jam)
{
	struct daemon *d = daemon_prepare();
	char *const wrapper[] = {WORD("unshare"), unshare_option(), WORD("sh"),
	    WORD("-c"), WORD(HIDE_DEV), WORD("sh"), d->dir, NULL};
	struct daemon_options o = {.wrapper = wrapper};

	if (wrapper[1] == NULL) {
		print_message("# skipped: unshare is not permitted\n");
		daemon_discard(d);
		return (NULL);
	}
	*fd = syslog_bind(d);
	if (jam)
		syslog_jam(d);
	daemon_configure(d, "log = syslog\nlog_requests = yes\n");
	daemon_spawn(d, &o);
	return (d);
}

static void
syslog_unread(void **state)
{
	struct syslog_search search = {.text = "configuration reloaded"};
	struct daemon *d = syslog_start(&search.fd, true);
	struct load load;

	if (d == NULL)
		return;
	load_init(&load, d, 4);
	load_run(&load, 300);
	load_finish(&load);
	assert_int_equal(load.succeeded, load.sent);
	daemon_reload(d);
	expect(call(d, "echo", "{\"message\": \"x\"}"), 200, NULL);
	/* Read again: what was lost is told, what is new arrives. */
	assert_false(syslog_holds(&search));
	daemon_reload(d);
	assert_true(wait_until(syslog_holds, &search, WAIT_MS));
	assert_true(search.loss);
	daemon_stop(d);
	close(search.fd);
}

/* Another one on the same path is found again. */
static void
syslog_restarted(void **state)
{
	struct syslog_search search = {.text = "configuration reloaded"};
	struct daemon *d = syslog_start(&search.fd, false);
	struct sockaddr_un address;

	if (d == NULL)
		return;
	daemon_reload(d);
	assert_true(wait_until(syslog_holds, &search, WAIT_MS));
	close(search.fd);
	syslog_address(d, &address);
	unlink(address.sun_path);
	daemon_reload(d);
	search.fd = syslog_bind(d);
	daemon_reload(d);
	daemon_reload(d);
	assert_true(wait_until(syslog_holds, &search, WAIT_MS));
	daemon_stop(d);
	close(search.fd);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    E2E_TEST(syslog_unread),
	    E2E_TEST(syslog_restarted),
	};

	return (cmocka_run_group_tests_name("syslog", tests, NULL, NULL));
}
