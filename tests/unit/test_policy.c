/*
 * Policies: defaults, choices from text and from JSON, what is chosen on top
 * of what, and who owns what.
 */

#include "test.h"

#include <json-c/json.h>
#include <string.h>

#include "common/json.h"
#include "conf/conf_value.h"
#include "conf/policy.h"

static void
test_defaults(void **state)
{
	struct policy p;

	policy_init(&p);
	assert_true(p.enabled);
	assert_int_equal(p.file_size_bytes, -1);
	assert_int_equal(p.umask, 077);
	assert_int_equal(p.stderr_bytes, 1024);
	assert_int_equal(p.processes, POLICY_PROCESSES);
	assert_int_equal(p.timeout_ms | p.memory_bytes | p.cpu_time_ms |
			     p.open_files | p.nice | p.output_bytes |
			     p.max_concurrent | p.queue_max,
	    0);
	assert_null(p.user);
	assert_null(p.group);
	assert_null(p.directory);
	assert_null(p.environment);
	policy_free(&p);
}

static void
choose(struct policy_choice *choice, const char *name, const char *text)
{
	char why[CONF_WHY_SIZE];

	if (policy_choose(choice, policy_find(name), text, why) == -1)
		fail_msg("%s = %s: %s", name, text, why);
}

/* A later choice wins, and what it does not name stays. */
static void
test_layers(void **state)
{
	struct policy_choice manifest = {0}, section = {0};
	struct policy p;

	policy_init(&p);
	choose(&manifest, "timeout", "10s");
	choose(&manifest, "memory", "64m");
	choose(&manifest, "user", "daemon");
	choose(&manifest, "environment", "A=1");
	choose(&manifest, "environment", "B");
	choose(&section, "timeout", "5s");
	choose(&section, "environment", "C");
	assert_int_equal(policy_apply(&p, &manifest), 0);
	assert_int_equal(policy_apply(&p, &section), 0);
	policy_free(&manifest.policy);
	policy_free(&section.policy);
	assert_true(p.enabled);
	assert_int_equal(p.timeout_ms, 5000);
	assert_int_equal(p.memory_bytes, 64 << 20);
	assert_string_equal(p.user, "daemon");
	assert_string_equal(p.environment[0], "C");
	assert_null(p.environment[1]);
	policy_free(&p);
}

static int
choose_json(struct policy_choice *choice, const char *name, const char *text,
    char why[static CONF_WHY_SIZE])
{
	char reason[JSON_REASON_SIZE];
	struct json_object *value;
	int rc;

	if (!json_parse(text, strlen(text), &value, reason))
		fail_msg("%s: %s", text, reason);
	rc = policy_choose_json(choice, policy_find(name), value, why);
	json_object_put(value);
	return (rc);
}

#define NUMBER(member) offsetof(struct policy, member)

static void
test_numbers_in_json(void **state)
{
	static const struct {
		const char *name, *json;
		size_t offset;
		int64_t value;
	} cases[] = {
	    {"timeout", "\"10s\"", NUMBER(timeout_ms), 10000},
	    {"timeout", "10", NUMBER(timeout_ms), 10000},
	    {"timeout", "0.25", NUMBER(timeout_ms), 250},
	    {"timeout", "0", NUMBER(timeout_ms), 0},
	    {"cpu_time", "86400", NUMBER(cpu_time_ms), 86400000},
	    {"memory", "\"64m\"", NUMBER(memory_bytes), 64 << 20},
	    {"memory", "67108864", NUMBER(memory_bytes), 64 << 20},
	    {"file_size", "0", NUMBER(file_size_bytes), 0},
	    {"file_size", "\"unlimited\"", NUMBER(file_size_bytes), -1},
	    {"open_files", "64", NUMBER(open_files), 64},
	    {"umask", "\"022\"", NUMBER(umask), 022},
	    {"max_output", "\"1k\"", NUMBER(output_bytes), 1024},
	    {"max_concurrent", "1", NUMBER(max_concurrent), 1},
	    {"breaker_window", "20", NUMBER(breaker_window), 20},
	    {"breaker_window", "\"20\"", NUMBER(breaker_window), 20},
	    {"breaker_window", "\"2m\"", NUMBER(breaker_window),
		CONF_WINDOW_TIME | 120},
	    {"rate", "10", NUMBER(rate), 36000},
	    {"rate", "0.5", NUMBER(rate), 1800},
	    {"rate", "\"10\"", NUMBER(rate), 36000},
	    {"rate", "\"10/s\"", NUMBER(rate), 36000},
	    {"rate", "\"5/h\"", NUMBER(rate), 5},
	    {"retry_on", "[]", NUMBER(retry_on), 0},
	    {"retry_on", "[\"timeout\", \"crash\"]", NUMBER(retry_on),
		POLICY_TIMEOUT | POLICY_CRASH},
	    {"queue_max", "100000", NUMBER(queue_max), 100000},
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct policy_choice choice = {0};
		char why[CONF_WHY_SIZE] = "";
		int64_t value;

		if (choose_json(&choice, cases[i].name, cases[i].json, why) ==
		    -1)
			fail_msg(
			    "%s %s: %s", cases[i].name, cases[i].json, why);
		assert_int_equal(
		    choice.made, UINT64_C(1) << policy_find(cases[i].name));
		memcpy(&value, (char *)&choice.policy + cases[i].offset,
		    sizeof(value));
		if (value != cases[i].value)
			fail_msg("%s %s", cases[i].name, cases[i].json);
	}
}

/* What the front end gets is what it is to know, and no secret. */
static void
test_shared(void **state)
{
	struct policy_choice choice = {0};
	struct policy policy, copy;
	struct json_object *json;
	char why[CONF_WHY_SIZE];

	policy_init(&policy);
	policy_init(&copy);
	json = policy_to_json(&policy);
	assert_int_equal(json_object_object_length(json), 0);
	json_object_put(json);
	assert_int_equal(choose_json(&choice, "retries", "3", why), 0);
	assert_int_equal(choose_json(&choice, "retry_on", "[]", why), 0);
	assert_int_equal(choose_json(&choice, "breaker", "true", why), 0);
	assert_int_equal(
	    choose_json(&choice, "breaker_window", "\"60s\"", why), 0);
	assert_int_equal(choose_json(&choice, "rate", "0.5", why), 0);
	assert_int_equal(choose_json(&choice, "memory", "4096", why), 0);
	assert_int_equal(
	    choose_json(&choice, "environment", "[\"A=hush\"]", why), 0);
	assert_int_equal(policy_apply(&policy, &choice), 0);
	json = policy_to_json(&policy);
	assert_int_equal(json_object_object_length(json), 5);
	assert_int_equal(policy_from_json(&copy, json), 0);
	assert_int_equal(copy.retries, 3);
	assert_int_equal(copy.retry_on, 0);
	assert_true(copy.breaker);
	assert_int_equal(copy.breaker_window, CONF_WINDOW_TIME | 60);
	assert_int_equal(copy.rate, 1800);
	assert_int_equal(copy.memory_bytes, 0);
	json_object_object_add(json, "retries", json_object_new_int(11));
	assert_int_equal(policy_from_json(&copy, json), -1);
	json_object_put(json);
	policy_free(&policy);
	policy_free(&copy);
	policy_free(&choice.policy);
}

static void
test_others_in_json(void **state)
{
	struct policy_choice choice = {0};
	char why[CONF_WHY_SIZE];

	assert_int_equal(choose_json(&choice, "enabled", "false", why), 0);
	assert_false(choice.policy.enabled);
	assert_int_equal(choose_json(&choice, "enabled", "true", why), 0);
	assert_true(choice.policy.enabled);
	assert_int_equal(choose_json(&choice, "directory", "\"/tmp\"", why), 0);
	assert_string_equal(choice.policy.directory, "/tmp");
	assert_int_equal(choose_json(&choice, "environment",
			     "[\"A\", \"B=\\u00e4 b\"]", why),
	    0);
	assert_string_equal(choice.policy.environment[1], "B=ä b");
	assert_null(choice.policy.environment[2]);
	policy_free(&choice.policy);
}

/* An empty list takes away what was chosen below. */
static void
test_empty_list(void **state)
{
	struct policy_choice manifest = {0}, section = {0};
	char why[CONF_WHY_SIZE];
	struct policy p;

	policy_init(&p);
	choose(&manifest, "environment", "A=1");
	assert_int_equal(choose_json(&section, "environment", "[]", why), 0);
	assert_int_equal(policy_apply(&p, &manifest), 0);
	assert_int_equal(policy_apply(&p, &section), 0);
	assert_int_equal(p.environment_list.count, 0);
	policy_free(&manifest.policy);
	policy_free(&p);
}

static void
test_bad_json(void **state)
{
	static const struct {
		const char *name, *json, *why;
	} cases[] = {
	    {"enabled", "1", "expected true or false"},
	    {"enabled", "\"yes\"", "expected true or false"},
	    {"timeout", "true",
		"expected a number of seconds, or a string such as \"10s\""},
	    {"timeout", "\"10\"",
		"expected a duration from 0s to 24h, such as 500ms, 30s, 2m "
		"or 1h"},
	    {"timeout", "-1",
		"expected a duration from 0s to 24h, such as 500ms, 30s, 2m "
		"or 1h"},
	    {"timeout", "86401",
		"expected a duration from 0s to 24h, such as 500ms, 30s, 2m "
		"or 1h"},
	    {"timeout", "1e300",
		"expected a duration from 0s to 24h, such as 500ms, 30s, 2m "
		"or 1h"},
	    {"memory", "1.5",
		"expected a number of bytes, or a string such as \"64m\""},
	    {"nice", "\"3\"", "expected a whole number"},
	    {"nice", "3.5", "expected a whole number"},
	    {"nice", "-3", "expected a whole number from 0 to 19"},
	    {"umask", "18", "expected a string"},
	    {"user", "null", "expected a string"},
	    {"user", "\"a\\u0000b\"", "expected a string without NUL"},
	    {"user", "\"a\\nb\"", "it holds a control character"},
	    {"environment", "\"A\"", "expected an array of strings"},
	    {"environment", "[1]", "expected a string"},
	    {"environment", "[\"1A\"]", "expected NAME or NAME=value"},
	    {"environment", "[\"A\", \"A\"]", "it is in the list already"},
	    {"stderr_tail", "5000",
		"expected a size from 0 to 4k, such as 512, 64k, 1m or 2g"},
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct policy_choice choice = {0};
		char why[CONF_WHY_SIZE] = "";

		if (choose_json(&choice, cases[i].name, cases[i].json, why) !=
			-1 ||
		    strcmp(why, cases[i].why) != 0)
			fail_msg(
			    "%s %s: %s", cases[i].name, cases[i].json, why);
		policy_free(&choice.policy);
	}
}

static void
test_find(void **state)
{
	assert_string_equal(
	    policy_settings[policy_find("umask")].name, "umask");
	assert_int_equal(policy_find("agents"), -1);
	assert_int_equal(policy_find(""), -1);
	assert_true(policy_settings_count <= 64); /* bits in a choice */
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_defaults),
	    cmocka_unit_test(test_layers),
	    cmocka_unit_test(test_numbers_in_json),
	    cmocka_unit_test(test_shared),
	    cmocka_unit_test(test_others_in_json),
	    cmocka_unit_test(test_empty_list),
	    cmocka_unit_test(test_bad_json),
	    cmocka_unit_test(test_find),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
