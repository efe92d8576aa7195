/*
 * What a configuration file may look like, and what is read from it.
 */

#include "test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "conf/conf.h"
#include "conf_help.h"

/* A good file, and a line that conf_print() prints because of it. */
static const struct {
	const char *content, *line;
} good[] = {
    {"agents = 1", "agents = 1"},
    {"agents=1024", "agents = 1024"},
    {"agents = \"7\"", "agents = 7"},
    {"agents = '7'", "agents = 7"},
    {"#\nagents = 3", "agents = 3"},
    {"agents = 3 # three", "agents = 3"},
    {"// three\nagents = 3 // three", "agents = 3"},
    {"/* one\n * two */ agents = 3 /**/", "agents = 3"},
    {"agents = 3\r\nqueue_max = 0\r\n", "queue_max = 0"},
    {"agents_min = 3", "agents_min = 3"},
    {"agents_min = 10\nagents = 5", "agents_max = 0"},
    {"agents_max = 2\nagents = 5", "agents_max = 2"},
    {"agents_min = 2\nagents_max = 2", "agents_min = 2"},
    {"max_age = 720h", "max_age = 720h"},
    {"timeout = 30s", "timeout = 30s"},
    {"timeout = \"500ms\"", "timeout = 500ms"},
    {"timeout = 90s", "timeout = 90s"},
    {"timeout = 120s", "timeout = 2m"},
    {"max_timeout = 24h", "max_timeout = 24h"},
    {"shutdown_timeout = 0", "shutdown_timeout = 0s"},
    {"max_body = 65536", "max_body = 64k"},
    {"max_body = \"2M\"", "max_body = 2m"},
    {"max_body = 63m", "max_body = 63m"},
    {"agent_memory = 1g", "agent_memory = 1g"},
    {"max_body = 1000", "max_body = 1000"},
    {"agent_memory = 0", "agent_memory = 0"},
    {"socket_mode = 0600", "socket_mode = 0600"},
    {"socket_mode = 777", "socket_mode = 0777"},
    {"on_disconnect = finish", "on_disconnect = finish"},
    {"log_level = debug", "log_level = debug"},
    {"log_requests = yes", "log_requests = yes"},
    {"log_requests = on", "log_requests = yes"},
    {"log_requests = false", "log_requests = no"},
    {"log = syslog", "log = \"syslog\""},
    {"log = /var/log/agentd.log", "log = \"/var/log/agentd.log\""},
    {"user = \"a \\\"b\\\" \\\\ \\${c}\"",
	"user = \"a \\\"b\\\" \\\\ \\${c}\""},
    {"user = \"Gr\xc3\xbc\xc3\x9f\"", "user = \"Gr\xc3\xbc\xc3\x9f\""},
    {"weather_url = http://127.0.0.1:9/x",
	"weather_url = \"http://127.0.0.1:9/x\""},
    {"weather_api_key = k", "weather_api_key = \"********\""},
    {"listen = {\"[::1]:8080\", \"localhost:0\"}",
	"listen = {\"[::1]:8080\", \"localhost:0\"}"},
    {"listen = {\n\"*:65535\",\n\"unix:/run/a\" }",
	"listen = {\"*:65535\", \"unix:/run/a\"}"},
    {"listen = {\"/run/a\"}", "listen = {\"/run/a\"}"},
    {"control = \"unix:/run/a\"", "control = \"unix:/run/a\""},
    {"listen = \"[::]:80\"", "listen = {\"[::]:80\"}"},
    {"listen = {\"a:1\"}\nlisten += {\"b:2\"}", "listen = {\"a:1\", \"b:2\"}"},
    {"allowed_hosts = {}", "allowed_hosts = {}"},
    {"allowed_hosts = {\"*\"}", "allowed_hosts = {\"*\"}"},
    {"allowed_hosts = {\"*.a.example\"}", "allowed_hosts = {\"*.a.example\"}"},
    {"allowed_hosts = {\"a.example\", \"[::1]\", \"10.0.0.1\"}",
	"allowed_hosts = {\"a.example\", \"[::1]\", \"10.0.0.1\"}"},
    {"cors_origins = {\"https://a.example:8443\", \"http://[::1]\", \"*\"}",
	"cors_origins = "
	"{\"https://a.example:8443\", \"http://[::1]\", \"*\"}"},
    {"user = \"${SET}\"", "user = \"value\""},
    {"user = ${SET:-other}", "user = \"value\""},
    {"user = \"<${UNSET:-x}${SET}>\"", "user = \"<xvalue>\""},
    {"user = \"${UNSET:-}\"", "user = \"\""},
    {"user = '${UNSET}'", "user = \"\\${UNSET}\""},
    {"# ${UNSET} \"", "agents = 5"},
    {"agents = ${UNSET:-9}", "agents = 9"},
    {"agents = ${EMPTY:-9}", "agents = 9"},
    {"user = \"<${EMPTY:-x}>\"", "user = \"<x>\""},
};

static void
test_good(void **state)
{
	struct conf *conf, *again;
	char *text, *second, line[256];

	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		setenv("EMPTY", "", 1);
		conf = conf_help_load_good(good[i].content);
		text = conf_help_printed(conf);
		snprintf(line, sizeof(line), "%s\n", good[i].line);
		if (strstr(text, line) == NULL)
			fail_msg("%s: no %s in:\n%s", good[i].content,
			    good[i].line, text);
		/* What is printed is a configuration, and the same one. */
		again = conf_help_load_good(text);
		second = conf_help_printed(again);
		assert_string_equal(text, second);
		conf_free(again);
		conf_free(conf);
		free(text);
		free(second);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_good),
	};

	return (cmocka_run_group_tests(
	    tests, conf_help_set_up, conf_help_tear_down));
}
