/*
 * What the master does for an administrator, and what it refuses although the
 * front end asks for it.  The rest of the master is played by the test.
 *
 * Wraps: link_admin_done link_config pool_resize
 */

#include "test.h"

#include <stdio.h>
#include <string.h>
#include <syslog.h>

#include "common/wire.h"
#include "conf/conf.h"
#include "master/admin.h"
#include "master/globals.h"
#include "master/link.h"
#include "master/pool.h"
#include "master/reload.h"
#include "master/shutdown.h"

static struct conf conf;
static struct wire_admin_done answer;
static char reasons[WIRE_REASONS_MAX + 1];
static size_t reasons_len;
static int answers, reloads, configs, begins;
static int64_t size;
static bool stopping;

/* What the next reload comes to. */
static int reload_result;
static size_t reload_lines, reload_line_len;

void __wrap_link_admin_done(
    const struct wire_admin_done *, const struct link_reasons *);
void __wrap_link_config(void);
void __wrap_pool_resize(int64_t);

void
__wrap_link_admin_done(
    const struct wire_admin_done *done, const struct link_reasons *why)
{
	reasons_len = why->len;
	assert_in_range(reasons_len, 0, WIRE_REASONS_MAX);
	answer = *done;
	memcpy(reasons, why->text, reasons_len);
	reasons[reasons_len] = '\0';
	answers++;
	assert_int_equal(begins, 0); /* the answer comes first */
}

void
__wrap_link_config(void)
{
	configs++;
}

void
__wrap_pool_resize(int64_t agents)
{
	size = agents;
}

/* Answers at once; the real one does later. */
void
reload_for(uint64_t number)
{
	static struct link_reasons why;
	char line[4096];

	why.len = 0;
	why.full = false;
	for (size_t i = 0; i < reload_lines; i++) {
		memset(line, 'a' + (int)(i % 26), reload_line_len);
		line[reload_line_len] = '\0';
		link_reason_add(&why, line);
	}
	reloads++;
	admin_reloaded(number, reload_result == 0, &why);
}

bool
shutdown_started(void)
{
	return (stopping);
}

void
shutdown_begin(void)
{
	begins++;
}

static int
setup(void **state)
{
	master.conf = &conf;
	conf.log_level = LOG_INFO;
	answers = reloads = configs = begins = 0;
	size = -1;
	stopping = false;
	reload_result = 0;
	reload_lines = 0;
	return (0);
}

/* Asks, and returns the outcome of the one answer that there must be. */
static int
ask(uint32_t action, int64_t value)
{
	struct wire_admin request = {
	    .number = 99, .action = action, .value = value};

	answers = 0;
	admin_handle(&request);
	assert_int_equal(answers, 1);
	assert_int_equal(answer.number, 99);
	return ((int)answer.outcome);
}

static void
test_agents(void **state)
{
	static const int64_t bad[] = {0, -1, 1025, INT64_MAX, INT64_MIN};

	assert_int_equal(ask(ADMIN_AGENTS, 1024), ADMIN_TAKEN);
	assert_int_equal(size, 1024);
	for (size_t i = 0; i < COUNT(bad); i++)
		assert_int_equal(ask(ADMIN_AGENTS, bad[i]), ADMIN_FAILED);
	assert_int_equal(size, 1024);
}

/* A level without a word could not be told to the front end. */
static void
test_log(void **state)
{
	static const int64_t bad[] = {
	    LOG_NOTICE, LOG_CRIT, 0, 8, -1, INT64_MAX, (1LL << 32) + LOG_INFO};

	assert_int_equal(ask(ADMIN_LOG, LOG_DEBUG), ADMIN_TAKEN);
	assert_int_equal(conf.log_level, LOG_DEBUG);
	assert_int_equal(configs, 1);
	assert_int_equal(ask(ADMIN_LOG, LOG_ERR), ADMIN_TAKEN);
	for (size_t i = 0; i < COUNT(bad); i++)
		assert_int_equal(ask(ADMIN_LOG, bad[i]), ADMIN_FAILED);
	assert_int_equal(conf.log_level, LOG_ERR);
	assert_int_equal(configs, 2);
}

static void
test_unknown(void **state)
{
	assert_int_equal(ask(ADMIN_ACTIONS, 0), ADMIN_FAILED);
	assert_int_equal(ask(UINT32_MAX, 0), ADMIN_FAILED);
	assert_int_equal(reloads + configs + begins, 0);
}

static void
test_drain(void **state)
{
	assert_int_equal(ask(ADMIN_DRAIN, 0), ADMIN_TAKEN);
	assert_int_equal(begins, 1);
}

/* A second one is no second SIGTERM. */
static void
test_stopping(void **state)
{
	stopping = true;
	assert_int_equal(ask(ADMIN_DRAIN, 0), ADMIN_TAKEN);
	assert_int_equal(ask(ADMIN_RELOAD, 0), ADMIN_STOPPING);
	assert_int_equal(ask(ADMIN_AGENTS, 3), ADMIN_STOPPING);
	assert_int_equal(ask(ADMIN_LOG, LOG_DEBUG), ADMIN_STOPPING);
	assert_int_equal(begins + reloads + configs, 0);
	assert_int_equal(size, -1);
}

static void
test_reload(void **state)
{
	reload_lines = 2;
	reload_line_len = 3;
	assert_int_equal(ask(ADMIN_RELOAD, 0), ADMIN_TAKEN);
	assert_string_equal(reasons, "aaa\nbbb\n");
	reload_result = -1;
	assert_int_equal(ask(ADMIN_RELOAD, 0), ADMIN_FAILED);
	assert_string_equal(reasons, "aaa\nbbb\n");
	reload_lines = 0;
	assert_int_equal(ask(ADMIN_RELOAD, 0), ADMIN_FAILED);
	assert_int_equal(reasons_len, 0);
}

/* Whatever there is to say, it fits; whole lines of it. */
static void
test_reasons(void **state)
{
	static const char more[] = "there is more in the log\n";

	for (reload_line_len = 0; reload_line_len < 2100;
	     reload_line_len += 1 + reload_line_len / 7) {
		reload_lines = WIRE_REASONS_MAX / (reload_line_len + 1) + 1;
		assert_int_equal(ask(ADMIN_RELOAD, 0), ADMIN_TAKEN);
		assert_in_range(reasons_len,
		    WIRE_REASONS_MAX - reload_line_len - sizeof(more),
		    WIRE_REASONS_MAX);
		assert_string_equal(reasons + reasons_len - strlen(more), more);
		assert_int_equal(
		    (reasons_len - strlen(more)) % (reload_line_len + 1), 0);
	}
	/* The next answer begins afresh. */
	reload_lines = 1;
	reload_line_len = 1;
	assert_int_equal(ask(ADMIN_RELOAD, 0), ADMIN_TAKEN);
	assert_string_equal(reasons, "a\n");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup(test_agents, setup),
	    cmocka_unit_test_setup(test_log, setup),
	    cmocka_unit_test_setup(test_unknown, setup),
	    cmocka_unit_test_setup(test_drain, setup),
	    cmocka_unit_test_setup(test_stopping, setup),
	    cmocka_unit_test_setup(test_reload, setup),
	    cmocka_unit_test_setup(test_reasons, setup),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
