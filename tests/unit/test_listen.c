/*
 * Sockets that a reload has opened are no business of the front end before it
 * is over: what the front end is told is only noted here.
 *
 * Wraps: link_listen link_unlisten link_present
 */

#include "test.h"

#include <sys/socket.h>

#include <string.h>
#include <syslog.h>
#include <unistd.h>

#include "common/log.h"
#include "conf/conf.h"
#include "master/globals.h"
#include "master/link.h"
#include "master/listen.h"
#include "open_fds.h"

#define NAME "127.0.0.1:0"

static int told, untold, fds_before;
static struct conf conf;

void __wrap_link_listen(const char *, int, bool);
void __wrap_link_unlisten(const char *);
bool __wrap_link_present(enum role_kind);

void
__wrap_link_listen(const char *name, int fd, bool control)
{
	assert_string_equal(name, NAME);
	told++;
}

void
__wrap_link_unlisten(const char *name)
{
	assert_string_equal(name, NAME);
	untold++;
}

bool
__wrap_link_present(enum role_kind kind)
{
	return (true);
}

static int
set_up(void **state)
{
	fds_before = open_fds();
	told = untold = 0;
	master.conf = &conf;
	log_set_level(LOG_ERR);
	return (0);
}

static int
tear_down(void **state)
{
	listen_close();
	assert_int_equal(open_fds(), fds_before);
	return (0);
}

/* Takes over a socket that the process of a reload has opened. */
static void
take_fresh(void)
{
	struct listen_record record = {.fresh = true, .name = NAME};
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	assert_int_not_equal(fd, -1);
	assert_int_equal(listen_take(&record, fd), 0);
}

static void
test_new_frontend_during_reload(void **state)
{
	listen_begin();
	take_fresh();
	listen_introduce();
	assert_int_equal(told, 0);
	listen_commit();
	assert_int_equal(told, 1);
	listen_introduce();
	assert_int_equal(told, 2);
}

static void
test_new_frontend_during_reload_that_fails(void **state)
{
	listen_begin();
	take_fresh();
	listen_introduce();
	listen_undo();
	listen_introduce();
	assert_int_equal(told, 0);
	assert_int_equal(untold, 0);
}

/* One that stays goes along by name; one that nobody knows is an error. */
static void
test_record_of_one_that_stays(void **state)
{
	struct listen_record record = {.name = NAME};

	listen_begin();
	take_fresh();
	listen_commit();
	listen_begin();
	assert_int_equal(listen_take(&record, -1), 0);
	listen_commit();
	assert_int_equal(told, 1);
	assert_int_equal(untold, 0);
	strlcpy(record.name, "127.0.0.1:1", sizeof(record.name));
	assert_int_equal(listen_take(&record, -1), -1);
	listen_begin();
	listen_commit();
	assert_int_equal(untold, 1);
	listen_left(NAME, strlen(NAME));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(test_new_frontend_during_reload),
	    TEST(test_new_frontend_during_reload_that_fails),
	    TEST(test_record_of_one_that_stays),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
