/*
 * The configuration as a whole: defaults, includes, the environment, secrets,
 * what a reload keeps, and the way to another process and back.
 */

#include "test.h"

#include <sys/stat.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <syslog.h>
#include <unistd.h>

#include "common/pack.h"
#include "conf/conf.h"
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

/* All that matches, in order; the last one that says something counts. */
static void
test_include_pattern(void **state)
{
	struct conf *conf;

	conf_help_put("20-b.conf", "agents = 8\nallowed_hosts = {c}\n");
	conf_help_put(
	    "10-a.conf", "agents = 7\nqueue_max = 3\nallowed_hosts = {a, b}\n");
	conf_help_put(".hidden.conf", "agents = x\n");
	conf_help_put("30-c.conf~", "agents = x\n");
	conf = conf_help_load_good("agents = 6\nuser = u\n"
				   "allowed_hosts = {x}\n"
				   "include(\"[0-9]*.conf\")\n"
				   "include(\"sub/none*.conf\")\n");
	assert_int_equal(conf->agents, 8);
	assert_int_equal(conf->queue_max, 3);
	assert_string_equal(conf->user, "u");
	assert_int_equal(conf->allowed_hosts.count, 1);
	assert_string_equal(conf->allowed_hosts.items[0], "c");
	conf_free(conf);
	unlink("20-b.conf");
	unlink("10-a.conf");
	unlink(".hidden.conf");
	unlink("30-c.conf~");
}

static void
check_hosts(
    const char *included, const char *content, const char *first, size_t count)
{
	struct conf *conf;

	conf_help_put("hosts.conf", included);
	conf = conf_help_load_good(content);
	assert_int_equal(conf->allowed_hosts.count, count);
	if (count > 0)
		assert_string_equal(conf->allowed_hosts.items[0], first);
	conf_free(conf);
	unlink("hosts.conf");
}

/* A list is replaced as a whole, unless += adds to it. */
static void
test_override(void **state)
{
	struct conf *conf;

	conf = conf_help_load_good(
	    "agents = 2\ninclude(\"sub/good.conf\")\nuser = later\n");
	assert_int_equal(conf->agents, 6);
	assert_string_equal(conf->user, "later");
	conf_free(conf);
	check_hosts("allowed_hosts = {a, b}\n",
	    "include(\"hosts.conf\")\nallowed_hosts = {c}\n", "c", 1);
	check_hosts("allowed_hosts = {a, b}\n",
	    "include(\"hosts.conf\")\nallowed_hosts = {}\n", NULL, 0);
	check_hosts("allowed_hosts = {}\n",
	    "allowed_hosts = {a}\ninclude(\"hosts.conf\")\n", NULL, 0);
	check_hosts("allowed_hosts += {a}\n",
	    "allowed_hosts = {c}\ninclude(\"hosts.conf\")\n", "c", 2);
	check_hosts("allowed_hosts = {a}\n",
	    "allowed_hosts = {}\ninclude(\"hosts.conf\")\n", "a", 1);
}

/* In the file and in one that it includes. */
static void
test_mark(void **state)
{
	struct conf *conf;

	conf_help_put("marked.conf", "\xef\xbb\xbfqueue_max = 8\n");
	conf = conf_help_load_good("\xef\xbb\xbf"
				   "agents = 6\ninclude(\"marked.conf\")\n");
	assert_int_equal(conf->agents, 6);
	assert_int_equal(conf->queue_max, 8);
	conf_free(conf);
	unlink("marked.conf");
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
	setenv("PORT", "", 1);
	conf = conf_help_load_good("");
	assert_string_equal(conf->listen.items[0], "127.0.0.1:8080");
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

/* As systemd hands over secrets, whatever user the service has. */
static void
test_credentials(void **state)
{
	char dir[512], message[1024];
	struct conf *conf;

	assert_non_null(getcwd(dir, sizeof(dir)));
	setenv("CREDENTIALS_DIRECTORY", dir, 1);
	conf = conf_help_load_good("");
	assert_string_equal(conf->weather_api_key, "");
	conf_free(conf);
	conf_help_put("weather_api_key", "open sesame\n");
	assert_int_equal(chmod("weather_api_key", 0400), 0);
	conf = conf_help_load_good("");
	assert_string_equal(conf->weather_api_key, "open sesame");
	conf_free(conf);
	conf = conf_help_load_good("weather_api_key = mine");
	assert_string_equal(conf->weather_api_key, "mine");
	conf_free(conf);
	assert_int_equal(chmod("weather_api_key", 0602), 0);
	snprintf(message, sizeof(message),
	    "%s/weather_api_key: everybody may write to it", dir);
	conf_help_expect_bad("", message);
	unlink("weather_api_key");
	unsetenv("CREDENTIALS_DIRECTORY");
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

static const char packed_text[] = "agents = 9\nlog_requests = yes\n"
				  "listen = {\"a:1\", \"unix:/b\"}\n"
				  "weather_api_key = sesame\n"
				  "tools_dir = /t\n"
				  "log_level = debug\n"
				  "tool \"a\" {\n"
				  "  environment = {\"KEY=hush\", \"B\"}\n"
				  "  retry_on = {crash}\n  user = x\n}\n";

/* Takes over conf, which is not to differ from text. */
static void
expect_printed(struct conf *conf, const char *text)
{
	char *printed;

	assert_non_null(conf);
	printed = conf_help_printed(conf);
	assert_string_equal(printed, text);
	free(printed);
	conf_free(conf);
}

static void
test_pack(void **state)
{
	struct conf *conf = conf_help_load_good(packed_text);
	struct pack pack = {0};
	struct unpack unpack;
	struct conf *back;
	char *printed = conf_help_printed(conf);

	conf_pack(conf, CONF_WHOLE, &pack);
	assert_false(pack.failed);
	unpack = (struct unpack){.at = pack.data, .left = pack.len};
	back = conf_unpack(&unpack);
	assert_non_null(back);
	assert_string_equal(back->weather_api_key, "sesame");
	assert_string_equal(
	    back->tools[0].choice.policy.environment[0], "KEY=hush");
	assert_int_equal(back->tools_dir_preset, conf->tools_dir_preset);
	assert_int_equal(back->tools[0].line, conf->tools[0].line);
	expect_printed(back, printed);
	free(printed);
	pack_free(&pack);
	conf_free(conf);
}

static void
test_pack_shared(void **state)
{
	struct conf *conf = conf_help_load_good(packed_text);
	struct pack pack = {0};
	struct unpack unpack;
	struct conf *back;

	conf_pack(conf, CONF_SHARED, &pack);
	assert_false(pack.failed);
	assert_null(memmem(pack.data, pack.len, "sesame", 6));
	assert_null(memmem(pack.data, pack.len, "hush", 4));
	unpack = (struct unpack){.at = pack.data, .left = pack.len};
	back = conf_unpack(&unpack);
	assert_non_null(back);
	assert_string_equal(back->weather_api_key, "");
	assert_int_equal(back->tool_count, 0);
	assert_int_equal(back->agents, 9);
	conf_free(back);
	pack_free(&pack);
	conf_free(conf);
}

/* What is cut anywhere, or goes on, is refused; nothing is read beyond. */
static void
test_pack_cut(void **state)
{
	struct conf *conf = conf_help_load_good(packed_text);
	struct pack pack = {0};
	struct unpack unpack;
	char *part;

	conf_pack(conf, CONF_WHOLE, &pack);
	pack_int(&pack, 0);
	for (size_t len = 0; len <= pack.len; len++) {
		if (len == pack.len - sizeof(int64_t))
			continue;
		part = malloc(len + 1); /* so that a checker sees its end */
		assert_non_null(part);
		memcpy(part, pack.data, len);
		unpack = (struct unpack){.at = part, .left = len};
		assert_null(conf_unpack(&unpack));
		free(part);
	}
	pack_free(&pack);
	conf_free(conf);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_defaults),
	    cmocka_unit_test(test_include),
	    cmocka_unit_test(test_include_pattern),
	    cmocka_unit_test(test_override),
	    cmocka_unit_test(test_mark),
	    cmocka_unit_test(test_environment),
	    cmocka_unit_test(test_credentials),
	    cmocka_unit_test(test_wipe),
	    cmocka_unit_test(test_keep),
	    cmocka_unit_test(test_pack),
	    cmocka_unit_test(test_pack_shared),
	    cmocka_unit_test(test_pack_cut),
	};

	return (cmocka_run_group_tests(
	    tests, conf_help_set_up, conf_help_tear_down));
}
