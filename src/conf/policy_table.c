/*
 * The table of what a tool may use.  agentd.conf (section tool), manifests,
 * and the tests that hold manual and sample against it walk it; nothing else
 * knows the name, default or range of a setting.
 */

#include "conf/conf.h"
#include "conf/conf_check.h"
#include "conf/conf_range.h"
#include "conf/policy.h"

#include <signal.h>

/* The offset of a member, refused by the compiler when of another type. */
#define AT(type, member)                   \
	(offsetof(struct policy, member) + \
	    0 * _Generic(((struct policy *)0)->member, type : 1))
#define NUMBER(member) AT(int64_t, member)
#define STRING(member) AT(char *, member)
#define LIST(member) AT(struct conf_list, member)
#define BOOLEAN(member) AT(bool, member)

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

/* clang-format off */
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
