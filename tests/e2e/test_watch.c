/*
 * tools_watch: manifests that are added, changed and taken away without a
 * signal, a directory that goes and comes back, and one whose files are
 * switched all at once, as volumes of configuration do it.
 */

#include "tools.h"

#include <sys/stat.h>

#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* Longer than the daemon waits for quiet. */
#define NOTHING_MS 600

/* As the daemon has it. */
#define QUIET_MS 200

#define CHANGES 40

struct wish {
	struct daemon *daemon;
	int64_t number; /* that the tool should give; 0: it should be gone */
	int logged;	/* how often the daemon said that it noticed */
};

static void
path_in(struct daemon *d, const char *name, char path[static 192])
{
	snprintf(path, 192, "%s/%s", d->dir, name);
}

/* The manifest of a tool "n" that gives a number. */
static void
number_write(struct daemon *d, const char *name, int number)
{
	char path[192], text[128];

	path_in(d, name, path);
	snprintf(text, sizeof(text),
	    "{\"name\": \"n\", \"command\": [\"/bin/echo\", \"%d\"]}", number);
	file_write(path, text);
}

static bool
number_is(void *arg)
{
	struct wish *wish = arg;
	struct reply *reply = call(wish->daemon, "n", "{}");
	bool right =
	    reply->status == (wish->number == 0 ? 404 : 200) &&
	    (wish->number == 0 || reply_int(reply, "/result") == wish->number);

	reply_free(reply);
	return (right);
}

static void
wait_number(struct daemon *d, int64_t number)
{
	struct wish wish = {.daemon = d, .number = number};

	if (!wait_until(number_is, &wish, WAIT_MS))
		fail_msg("the tool does not give %lld", (long long)number);
}

static bool
noticed_more(void *arg)
{
	struct wish *wish = arg;

	return (
	    daemon_logged(wish->daemon, "manifests changed") > wish->logged);
}

static void
move(struct daemon *d, const char *from, const char *to)
{
	char old[192], new[192];

	path_in(d, from, old);
	path_in(d, to, new);
	assert_int_equal(rename(old, new), 0);
}

static void
watch_files(void **state)
{
	struct daemon *d = daemon_start("tools_watch = yes\n");
	struct wish wish = {.daemon = d};
	char path[192];

	path_in(d, "tools.d/n.json", path);
	wait_number(d, 0);
	number_write(d, "tools.d/n.json", 1);
	wait_number(d, 1);
	number_write(d, "tools.d/n.json", 2);
	wait_number(d, 2);
	number_write(d, "new", 3);
	move(d, "new", "tools.d/n.json");
	wait_number(d, 3);
	/* What cannot be trusted is no tool, until that is mended. */
	assert_int_equal(chmod(path, 0666), 0);
	wait_number(d, 0);
	assert_int_equal(chmod(path, 0600), 0);
	wait_number(d, 3);
	assert_int_equal(unlink(path), 0);
	wait_number(d, 0);
	/* Nobody's manifests. */
	wish.logged = daemon_logged(d, "manifests changed");
	number_write(d, "tools.d/.n.json", 4);
	number_write(d, "tools.d/n.json~", 4);
	number_write(d, "tools.d/n.json.tmp", 4);
	assert_false(wait_until(noticed_more, &wish, NOTHING_MS));
	daemon_stop(d);
}

/* Many changes are few, at most one in a quiet time; the last one counts. */
static void
watch_burst(void **state)
{
	struct daemon *d = daemon_start("tools_watch = yes\n");
	int64_t start = now_ms();

	for (int i = 1; i <= CHANGES; i++)
		number_write(d, "tools.d/n.json", i);
	wait_number(d, CHANGES);
	assert_in_range(daemon_logged(d, "manifests changed"), 1,
	    1 + (now_ms() - start) / QUIET_MS);
	daemon_stop(d);
}

/* While it is away its tools stay; what it comes back with is taken. */
static void
watch_directory(void **state)
{
	struct daemon *d =
	    daemon_start("tools_watch = yes\ntools_dir = \"@DIR@/tools.d\"\n");

	number_write(d, "tools.d/n.json", 1);
	wait_number(d, 1);
	move(d, "tools.d", "away");
	assert_true(daemon_wait_log(d, "no tool is given up", WAIT_MS));
	expect(get(d, "/api/v1/tools/n"), 200, NULL);
	number_write(d, "away/n.json", 2);
	move(d, "away", "tools.d");
	wait_number(d, 2);
	number_write(d, "tools.d/n.json", 3);
	wait_number(d, 3);
	daemon_stop(d);
}

/* Files are links into a directory that another link names. */
static void
watch_switch(void **state)
{
	struct daemon *d = daemon_start("tools_watch = yes\n");
	char path[192];

	path_in(d, "tools.d/..1", path);
	assert_int_equal(mkdir(path, 0700), 0);
	path_in(d, "tools.d/..2", path);
	assert_int_equal(mkdir(path, 0700), 0);
	number_write(d, "tools.d/..1/n.json", 1);
	number_write(d, "tools.d/..2/n.json", 2);
	path_in(d, "tools.d/..data", path);
	assert_int_equal(symlink("..1", path), 0);
	path_in(d, "tools.d/n.json", path);
	assert_int_equal(symlink("..data/n.json", path), 0);
	wait_number(d, 1);
	path_in(d, "tools.d/..tmp", path);
	assert_int_equal(symlink("..2", path), 0);
	move(d, "tools.d/..tmp", "tools.d/..data");
	wait_number(d, 2);
	daemon_stop(d);
}

/* A reload begins it and ends it, and leaves nothing open. */
static void
watch_setting(void **state)
{
	struct daemon *d = daemon_start("");
	struct wish wish = {.daemon = d};
	struct health before;

	number_write(d, "tools.d/n.json", 1);
	assert_false(wait_until(noticed_more, &wish, NOTHING_MS));
	daemon_reload(d);
	wait_number(d, 1);
	health_take(d, &before);
	daemon_configure(d, "tools_watch = yes\n");
	daemon_reload(d);
	daemon_reload(d);
	number_write(d, "tools.d/n.json", 2);
	wait_number(d, 2);
	daemon_configure(d, "");
	daemon_reload(d);
	health_check(d, &before, WAIT_MS);
	wish.logged = daemon_logged(d, "manifests changed");
	number_write(d, "tools.d/n.json", 3);
	assert_false(wait_until(noticed_more, &wish, NOTHING_MS));
	daemon_stop(d);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    E2E_TEST(watch_files),
	    E2E_TEST(watch_burst),
	    E2E_TEST(watch_directory),
	    E2E_TEST(watch_switch),
	    E2E_TEST(watch_setting),
	};

	return (cmocka_run_group_tests_name("watch", tests, NULL, NULL));
}
