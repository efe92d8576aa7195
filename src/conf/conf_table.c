/*
 * The two tables of settings: those of the daemon, and those of what a tool may
 * use.  The parser, manifests, the printer, the messages between processes and
 * the tests of manual and sample all walk them; nothing else knows the name,
 * default or range of a setting.
 */

#include "conf/conf.h"

#include <signal.h>
#include <string.h>
#include <syslog.h>

#include "conf/conf_check.h"

/* Milliseconds. */
#define SECOND INT64_C(1000)
#define MINUTE (60 * SECOND)
#define HOUR (60 * MINUTE)
#define DAY (24 * HOUR)

/* Bytes. */
#define MIB (INT64_C(1) << 20)
#define GIB (INT64_C(1) << 30)

/* What a frame between two processes holds, with something to spare. */
#define BODY_MAX (63 * MIB)

/* An hour: a million each second. */
#define RATE_MAX (1000000 * INT64_C(3600))

#define PATH_CHARACTERS 4095

/* The offset of a member, refused by the compiler when of another type. */
#define AT(type, member) \
	(offsetof(TABLE, member) + 0 * _Generic(((TABLE *)0)->member, type : 1))
#define NUMBER(member) AT(int64_t, member)
#define STRING(member) AT(char *, member)
#define LIST(member) AT(struct conf_list, member)
#define BOOLEAN(member) AT(bool, member)

static const struct conf_word on_disconnect_words[] = {
    {"cancel", ON_DISCONNECT_CANCEL},
    {"finish", ON_DISCONNECT_FINISH},
    {NULL, 0},
};

static const struct conf_word log_format_words[] = {
    {"text", LOG_AS_TEXT},
    {"json", LOG_AS_JSON},
    {NULL, 0},
};

static const struct conf_word log_level_words[] = {
    {"error", LOG_ERR},
    {"warning", LOG_WARNING},
    {"info", LOG_INFO},
    {"debug", LOG_DEBUG},
    {NULL, 0},
};

static const struct conf_word unlimited[] = {
    {"unlimited", -1},
    {NULL, 0},
};

static const struct conf_word signals[] = {
    {"TERM", SIGTERM},
    {"INT", SIGINT},
    {"HUP", SIGHUP},
    {"QUIT", SIGQUIT},
    {"USR1", SIGUSR1},
    {"USR2", SIGUSR2},
    {NULL, 0},
};

const struct conf_word policy_failures[] = {
    {"crash", POLICY_CRASH},
    {"timeout", POLICY_TIMEOUT},
    {"error", POLICY_ERROR},
    {"http_5xx", POLICY_HTTP_5XX},
    {NULL, 0},
};

#define PRESET_LISTEN "{\"127.0.0.1:${PORT:-8080}\"}"
#define PRESET_CONTROL "\"${AGENTD_CONTROL:-auto}\""
#define PRESET_WEATHER_URL "\"https://api.openweathermap.org/data/2.5/weather\""
#define PRESET_WEATHER_KEY "\"${WEATHER_API_KEY:-}\""

/* clang-format off */
#define TABLE struct conf
const struct conf_setting conf_settings[] = {
	/* processes */
	{"agents", CONF_INTEGER, NUMBER(agents), "5", 1, 1024, true},
	{"agents_min", CONF_INTEGER, NUMBER(agents_min), "0", 0, 1024, true},
	{"agents_max", CONF_INTEGER, NUMBER(agents_max), "0", 0, 1024, true},
	{"agents_spare", CONF_INTEGER, NUMBER(agents_spare), "0",
	    0, 1024, true},
	{"agents_idle_time", CONF_DURATION, NUMBER(agents_idle_time_ms), "60s",
	    10, DAY, true},
	{"spawn_rate", CONF_INTEGER, NUMBER(spawn_rate), "32", 1, 1024, true},
	{"max_calls", CONF_INTEGER, NUMBER(max_calls), "0",
	    0, 1000000000, true},
	{"max_age", CONF_DURATION, NUMBER(max_age_ms), "0s", 0, 30 * DAY, true},
	{"max_rss", CONF_SIZE, NUMBER(max_rss_bytes), "0", 0, 1024 * GIB, true},
	{"busy_poll", CONF_INTEGER, NUMBER(busy_poll_us), "500",
	    0, 10000, true},
	{"user", CONF_STRING, STRING(user), "\"\"", 0, 32, false},
	{"group", CONF_STRING, STRING(group), "\"\"", 0, 32, false},
	{"frontend_user", CONF_STRING, STRING(frontend_user), "\"\"",
	    0, 32, false},
	{"pidfile", CONF_STRING, STRING(pidfile), "\"\"",
	    0, PATH_CHARACTERS, false, NULL, conf_check_path},
	{"cgroup", CONF_STRING, STRING(cgroup), "\"auto\"",
	    0, PATH_CHARACTERS, false, NULL, conf_check_cgroup},
	{"frontend_timeout", CONF_DURATION, NUMBER(frontend_timeout_ms), "5s",
	    100, HOUR, true},
	{"shutdown_timeout", CONF_DURATION, NUMBER(shutdown_timeout_ms), "30s",
	    0, DAY, true},
	{"stop_timeout", CONF_DURATION, NUMBER(stop_timeout_ms), "1s",
	    10, HOUR, true},

	/* front end */
	{"listen", CONF_LIST, LIST(listen), PRESET_LISTEN,
	    1, 64, true, NULL, conf_check_listen},
	{"socket_mode", CONF_MODE, NUMBER(socket_mode), "0660", 0, 0777, true},
	{"control", CONF_STRING, STRING(control), PRESET_CONTROL,
	    0, PATH_CHARACTERS, true, NULL, conf_check_control},
	{"control_mode", CONF_MODE, NUMBER(control_mode), "0600",
	    0, 0777, true},
	{"allowed_hosts", CONF_LIST, LIST(allowed_hosts), "{}",
	    0, 256, true, NULL, conf_check_host},
	{"cors_origins", CONF_LIST, LIST(cors_origins), "{}",
	    0, 256, true, NULL, conf_check_origin},
	{"compatible", CONF_BOOLEAN, BOOLEAN(compatible), "no", 0, 1, true},
	{"frontend_memory", CONF_SIZE, NUMBER(frontend_memory_bytes), "256m",
	    8 * MIB, 1024 * GIB, true},
	{"max_connections", CONF_INTEGER, NUMBER(max_connections), "1000",
	    1, 1000000, true},
	{"max_headers", CONF_SIZE, NUMBER(max_header_bytes), "16k",
	    256, 16 * MIB, true},
	{"max_body", CONF_SIZE, NUMBER(max_body_bytes), "1m", 1,
	    BODY_MAX, true},
	{"idle_timeout", CONF_DURATION, NUMBER(idle_timeout_ms), "60s",
	    10, DAY, true},
	{"request_timeout", CONF_DURATION, NUMBER(request_timeout_ms), "10s",
	    10, DAY, true},
	{"reply_timeout", CONF_DURATION, NUMBER(reply_timeout_ms), "60s",
	    10, DAY, true},

	/* calls */
	{"queue_max", CONF_INTEGER, NUMBER(queue_max), "100",
	    0, 1000000, true},
	{"priority_ageing", CONF_DURATION, NUMBER(priority_ageing_ms), "2s",
	    0, DAY, true},
	{"reserve", CONF_INTEGER, NUMBER(reserve), "0", 0, 1023, true},
	{"codel_target", CONF_DURATION, NUMBER(codel_target_ms), "0s",
	    0, HOUR, true},
	{"codel_interval", CONF_DURATION, NUMBER(codel_interval_ms), "100ms",
	    1, HOUR, true},
	{"timeout", CONF_DURATION, NUMBER(timeout_ms), "30s", 1, DAY, true},
	{"max_timeout", CONF_DURATION, NUMBER(max_timeout_ms), "10m",
	    1, DAY, true},
	{"on_disconnect", CONF_WORD, NUMBER(on_disconnect), "cancel",
	    ON_DISCONNECT_CANCEL, ON_DISCONNECT_FINISH, true,
	    on_disconnect_words},
	{"cancel_grace", CONF_DURATION, NUMBER(cancel_grace_ms), "1s",
	    0, HOUR, true},
	{"retry_budget", CONF_INTEGER, NUMBER(retry_budget), "20",
	    0, 1000, true},
	{"max_deaths", CONF_INTEGER, NUMBER(max_deaths), "2", 1, 100, true},
	{"client_rate", CONF_RATE, NUMBER(client_rate), "0",
	    0, RATE_MAX, true},
	{"client_burst", CONF_INTEGER, NUMBER(client_burst), "0",
	    0, 1000000, true},
	{"max_result", CONF_SIZE, NUMBER(max_result_bytes), "4m",
	    256, BODY_MAX, true},
	{"max_nesting", CONF_INTEGER, NUMBER(max_nesting), "32", 32, 128, true},
	{"batch_max", CONF_INTEGER, NUMBER(batch_max), "10000",
	    1, 100000, true},

	/* limits of an agent */
	{"agent_memory", CONF_SIZE, NUMBER(agent_memory_bytes), "512m",
	    0, 1024 * GIB, true},
	{"agent_address_space", CONF_SIZE, NUMBER(agent_address_space_bytes),
	    "0", 0, 1024 * GIB, true},
	{"agent_files", CONF_INTEGER, NUMBER(agent_files), "256",
	    32, 1048576, true},

	/* logging */
	{"log", CONF_STRING, STRING(log), "auto",
	    1, PATH_CHARACTERS, false, NULL, conf_check_log},
	{"log_format", CONF_WORD, NUMBER(log_format), "text",
	    LOG_AS_TEXT, LOG_AS_JSON, true, log_format_words},
	{"log_level", CONF_WORD, NUMBER(log_level), "info",
	    LOG_ERR, LOG_DEBUG, true, log_level_words},
	{"log_requests", CONF_BOOLEAN, BOOLEAN(log_requests), "no",
	    0, 1, true},

	/* tools */
	{"builtin_tools", CONF_LIST, LIST(builtin_tools), "all",
	    1, 64, true, NULL, conf_check_tool},
	{"tools_dir", CONF_STRING, STRING(tools_dir), "\"tools.d\"",
	    0, PATH_CHARACTERS, true},
	{"tools_watch", CONF_BOOLEAN, BOOLEAN(tools_watch), "no", 0, 1, true},
	{"weather_url", CONF_STRING, STRING(weather_url), PRESET_WEATHER_URL,
	    1, 2048, true, NULL, conf_check_url},
	{"weather_api_key", CONF_SECRET, STRING(weather_api_key),
	    PRESET_WEATHER_KEY, 0, 512, true},
};

#undef TABLE
#define TABLE struct policy
const struct conf_setting policy_settings[] = {
	{"enabled", CONF_BOOLEAN, BOOLEAN(enabled), "yes", 0, 1, true},
	{"timeout", CONF_DURATION, NUMBER(timeout_ms), "0s", 0, DAY, true},
	{"memory", CONF_SIZE, NUMBER(memory_bytes), "0", 0, 1024 * GIB, true},
	{"address_space", CONF_SIZE, NUMBER(address_space_bytes), "0",
	    0, 1024 * GIB, true},
	{"cpu_time", CONF_DURATION, NUMBER(cpu_time_ms), "0s", 0, DAY, true},
	{"file_size", CONF_SIZE, NUMBER(file_size_bytes), "unlimited",
	    0, 1024 * GIB, true, unlimited},
	{"open_files", CONF_INTEGER, NUMBER(open_files), "0",
	    0, 1048576, true},
	{"processes", CONF_INTEGER, NUMBER(processes), "4096",
	    0, 4194304, true},
	{"nice", CONF_INTEGER, NUMBER(nice), "0", 0, 19, true},
	{"user", CONF_STRING, STRING(user), NULL, 0, 32, true},
	{"group", CONF_STRING, STRING(group), NULL, 0, 32, true},
	{"directory", CONF_STRING, STRING(directory), NULL,
	    0, PATH_CHARACTERS, true, NULL, conf_check_path},
	{"environment", CONF_ENVIRONMENT, LIST(environment_list), NULL,
	    0, 256, true, NULL, conf_check_variable},
	{"umask", CONF_MODE, NUMBER(umask), "0077", 0, 0777, true},
	{"max_output", CONF_SIZE, NUMBER(output_bytes), "0",
	    0, BODY_MAX, true},
	{"stderr_tail", CONF_SIZE, NUMBER(stderr_bytes), "1k",
	    0, POLICY_STDERR_MAX, true},
	{"max_concurrent", CONF_INTEGER, NUMBER(max_concurrent), "0",
	    0, 1024, true},
	{"retries", CONF_INTEGER, NUMBER(retries), "0",
	    0, POLICY_RETRIES_MAX, true},
	{"retry_backoff", CONF_DURATION, NUMBER(retry_backoff_ms), "100ms",
	    1, HOUR, true},
	{"retry_max", CONF_DURATION, NUMBER(retry_max_ms), "10s",
	    1, HOUR, true},
	{"retry_on", CONF_WORDS, NUMBER(retry_on),
	    "{crash, timeout, http_5xx}", 0, 0, true, policy_failures},
	{"breaker", CONF_BOOLEAN, BOOLEAN(breaker), "no", 0, 1, true},
	{"breaker_window", CONF_WINDOW, NUMBER(breaker_window), "100",
	    1, CONF_WINDOW_TIME | 3600, true},
	{"breaker_failure_rate", CONF_INTEGER, NUMBER(breaker_failure_rate),
	    "50", 1, 100, true},
	{"breaker_slow_rate", CONF_INTEGER, NUMBER(breaker_slow_rate),
	    "100", 1, 100, true},
	{"breaker_slow_call", CONF_DURATION, NUMBER(breaker_slow_call_ms),
	    "60s", 1, DAY, true},
	{"breaker_min_calls", CONF_INTEGER, NUMBER(breaker_min_calls), "100",
	    1, 1000000, true},
	{"breaker_wait", CONF_DURATION, NUMBER(breaker_wait_ms), "60s",
	    1, DAY, true},
	{"breaker_probes", CONF_INTEGER, NUMBER(breaker_probes), "10",
	    1, 1000, true},
	{"breaker_on", CONF_WORDS, NUMBER(breaker_on),
	    "{crash, timeout, error, http_5xx}", 0, 0, true, policy_failures},
	{"rate", CONF_RATE, NUMBER(rate), "0", 0, RATE_MAX, true},
	{"burst", CONF_INTEGER, NUMBER(burst), "0", 0, 1000000, true},
	{"queue_max", CONF_INTEGER, NUMBER(queue_max), "0", 0, 1000000, true},
	{"null_is_absent", CONF_BOOLEAN, BOOLEAN(null_is_absent), "no",
	    0, 1, true},
	{"coerce", CONF_BOOLEAN, BOOLEAN(coerce), "no", 0, 1, true},
	{"stop_signal", CONF_WORD, NUMBER(stop_signal), "TERM",
	    1, 64, true, signals},
	{"stop_grace", CONF_DURATION, NUMBER(stop_grace_ms), "0s",
	    0, HOUR, true},
	{"partial", CONF_BOOLEAN, BOOLEAN(partial), "no", 0, 1, true},
};
/* clang-format on */

const size_t policy_settings_count =
    sizeof(policy_settings) / sizeof(policy_settings[0]);
const size_t conf_settings_count =
    sizeof(conf_settings) / sizeof(conf_settings[0]);

const struct conf_setting *
conf_setting_find(const char *name)
{
	for (size_t i = 0; i < conf_settings_count; i++)
		if (strcmp(conf_settings[i].name, name) == 0)
			return (&conf_settings[i]);
	return (NULL);
}
