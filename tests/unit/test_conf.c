/*
 * The configuration as a whole: defaults, includes, the environment, secrets,
 * what a reload keeps, and the way to another process and back.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>
#include <syslog.h>

#include <json-c/json.h>

#include "common/conf.h"
#include "conf_help.h"

#define PORT_RANGE "the port must be a number from 0 to 65535"

static char changes[256];

static void
note_change(const char *name)
{
	strncat(changes, name, sizeof(changes) - strlen(changes) - 1);
	strncat(changes, " ", sizeof(changes) - strlen(changes) - 1);
}

static void
test_defaults(void **state)
{
	struct conf *conf = conf_help_load_good("");

	assert_int_equal(conf->agents, 5);
	assert_string_equal(conf->user, "");
	assert_int_equal(conf->frontend_timeout_ms, 5000);
	assert_int_equal(conf->shutdown_timeout_ms, 30000);
	assert_int_equal(conf->stop_timeout_ms, 1000);
	assert_int_equal(conf->listen.count, 1);
	assert_string_equal(conf->listen.items[0], "127.0.0.1:8080");
	assert_int_equal(conf->socket_mode, 0660);
	assert_int_equal(conf->cors_origins.count, 0);
	assert_int_equal(conf->max_header_bytes, 16384);
	assert_int_equal(conf->max_body_bytes, 1048576);
	assert_int_equal(conf->max_timeout_ms, 600000);
	assert_int_equal(conf->on_disconnect, ON_DISCONNECT_CANCEL);
	assert_int_equal(conf->agent_memory_bytes, 536870912);
	assert_string_equal(conf->log, "auto");
	assert_int_equal(conf->log_level, LOG_INFO);
	assert_false(conf->log_requests);
	assert_string_equal(conf->weather_api_key, "");
	conf_free(conf);
}

static void
test_include(void **state)
{
	struct conf *conf;

	conf =
	    conf_help_load_good("include(\"sub/good.conf\")\nqueue_max = 8\n");
	assert_int_equal(conf->agents, 6);
	assert_int_equal(conf->queue_max, 8);
	assert_string_equal(conf->user, "deep");
	conf_free(conf);
}

/* The variables that the defaults name, though no file does. */
static void
test_environment(void **state)
{
	struct conf *conf;

	setenv("PORT", "9090", 1);
	setenv("WEATHER_API_KEY", "sesame", 1);
	conf = conf_help_load_good("");
	assert_string_equal(conf->listen.items[0], "127.0.0.1:9090");
	assert_string_equal(conf->weather_api_key, "sesame");
	conf_free(conf);
	setenv("PORT", "abc", 1);
	conf_help_expect_bad("",
	    "t.conf: the default of listen: \"127.0.0.1:abc\": " PORT_RANGE
	    " (with PORT of the environment)");
	setenv("PORT", "99999", 1);
	conf_help_expect_bad("listen = {\"[::1]:${PORT:-1}\"}",
	    "t.conf:1: listen: \"[::1]:99999\": " PORT_RANGE
	    " (with PORT of the environment)");
	/* A variable that is not used does no harm. */
	conf = conf_help_load_good("listen = {\"127.0.0.1:1\"}");
	conf_free(conf);
	unsetenv("PORT");
	unsetenv("WEATHER_API_KEY");
}

static void
test_wipe(void **state)
{
	struct conf *conf;
	char *value;

	setenv("WEATHER_API_KEY", "sesame", 1);
	value = getenv("WEATHER_API_KEY");
	conf = conf_help_load_good("");
	conf_wipe_secrets(conf);
	assert_memory_equal(conf->weather_api_key, "\0\0\0\0\0\0", 6);
	assert_memory_equal(value, "\0\0\0\0\0\0", 6);
	assert_null(getenv("WEATHER_API_KEY"));
	conf_free(conf);
}

static void
test_keep(void **state)
{
	struct conf *current = conf_help_load_good("user = \"a\"\nagents = 2");
	struct conf *next = conf_help_load_good(
	    "user = b\nlog = stderr\nagents = 3\ngroup = \"\"");

	changes[0] = '\0';
	assert_int_equal(conf_keep(next, current, note_change), 0);
	assert_string_equal(changes, "user log ");
	assert_string_equal(next->user, "a");
	assert_string_equal(next->log, "auto");
	assert_int_equal(next->agents, 3);
	conf_free(current);
	conf_free(next);
}

static void
test_json(void **state)
{
	struct conf *conf =
	    conf_help_load_good("agents = 9\nlog_requests = yes\n"
				"listen = {\"a:1\", \"unix:/b\"}\n"
				"weather_api_key = sesame\n"
				"log_level = debug\n");
	struct json_object *json = conf_to_json(conf);
	struct conf *back = conf_from_json(json);
	char *one, *other;

	assert_null(strstr(json_object_to_json_string(json), "sesame"));
	assert_non_null(back);
	assert_string_equal(back->weather_api_key, "");
	conf->weather_api_key[0] = '\0';
	one = conf_help_printed(conf);
	other = conf_help_printed(back);
	assert_string_equal(one, other);
	free(one);
	free(other);
	conf_free(back);
	conf_free(conf);
	json_object_put(json);
}

/* A member, and the JSON text of a value that it must not have. */
static const struct {
	const char *name, *value;
} bad_json[] = {
    {"agents", "\"5\""},
    {"agents", "0"},
    {"agents", "1e300"},
    {"agents", "5.0"},
    {"agents", "null"},
    {"agents", "99999999999999999999"},
    {"user", "5"},
    {"user", "\"a\\u0000b\""},
    {"user", "\"a\\nb\""},
    {"listen", "[]"},
    {"listen", "[5]"},
    {"listen", "[\"nonsense\"]"},
    {"listen", "{}"},
    {"log_level", "6"},
    {"log_level", "\"loud\""},
    {"log_requests", "1"},
    {"weather_api_key", "\"sesame\""},
    {"other", "1"},
};

static void
test_json_bad(void **state)
{
	struct conf *conf = conf_help_load_good("");
	struct json_object *json;

	for (size_t i = 0; i < sizeof(bad_json) / sizeof(bad_json[0]); i++) {
		json = conf_to_json(conf);
		json_object_object_add(json, bad_json[i].name,
		    json_tokener_parse(bad_json[i].value));
		if (conf_from_json(json) != NULL)
			fail_msg("taken: %s %s", bad_json[i].name,
			    bad_json[i].value);
		json_object_put(json);
	}
	json = conf_to_json(conf);
	json_object_object_del(json, "agents");
	assert_null(conf_from_json(json));
	json_object_put(json);
	assert_null(conf_from_json(NULL));
	conf_free(conf);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_defaults),
	    cmocka_unit_test(test_include),
	    cmocka_unit_test(test_environment),
	    cmocka_unit_test(test_wipe),
	    cmocka_unit_test(test_keep),
	    cmocka_unit_test(test_json),
	    cmocka_unit_test(test_json_bad),
	};

	return (cmocka_run_group_tests(
	    tests, conf_help_set_up, conf_help_tear_down));
}
