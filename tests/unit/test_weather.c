/*
 * weather: made-up weather, and the real tool against a service on the
 * loopback interface that gives one prepared answer.
 */

#include "test.h"

#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "call.h"
#include "conf/conf.h"
#include "http_service.h"
#include "tools/tools.h"

#define KEY "0123456789abcdef"

#define HEAD(status) "HTTP/1.1 " status "\r\nConnection: close\r\n"
#define JSON(status, body) \
	HEAD(status) "Content-Type: application/json\r\n\r\n" body

static const char good_answer[] = JSON("200 OK",
    "{\"weather\":[{\"main\":\"Rain\",\"description\":\"light rain\"}],"
    "\"main\":{\"temp\":7.5,\"feels_like\":5,\"pressure\":1012,"
    "\"humidity\":81},\"visibility\":9000,\"wind\":{\"speed\":4.12},"
    "\"clouds\":{\"all\":75},\"name\":\"London\"}");

/* Starts a service and tells the tool of it. */
static void
start(struct http_service *service, const char *answer, size_t len)
{
	struct conf conf = {.weather_url = service->url};
	char key[] = KEY;

	http_service_start(service, answer, len);
	conf.weather_api_key = key;
	tool_weather.setup(&conf);
}

/* No key: the weather is made up.  Also lets go of what was set before. */
static int
without_key(void **state)
{
	char nothing[] = "";
	struct conf conf = {.weather_url = nothing, .weather_api_key = nothing};

	tool_weather.setup(&conf);
	return (0);
}

static const char *
text_of(struct json_object *object, const char *name)
{
	return (json_object_get_string(json_object_object_get(object, name)));
}

static double
number_of(struct json_object *object, const char *name)
{
	struct json_object *value = NULL;

	if (!json_object_object_get_ex(object, name, &value))
		fail_msg("%s is missing", name);
	return (json_object_get_double(value));
}

/* The error of a call that the service answers so. */
static void
fails_with(
    const char *answer, size_t len, int64_t timeout_ms, const char *error)
{
	struct json_object *params = json_object_new_object(), *outcome;
	struct http_service service;

	start(&service, answer, len);
	json_object_object_add(
	    params, "location", json_object_new_string("London"));
	outcome = call_tool_within(&tool_weather, params, timeout_ms);
	http_service_stop(&service);
	assert_non_null(text_of(outcome, "error"));
	assert_string_equal(text_of(outcome, "error"), error);
	json_object_put(outcome);
	json_object_put(params);
}

/* As the Go program: the answer as it is, but for the key. */
static void
test_compatible(void **state)
{
	static const char answer[] = JSON("200 OK",
	    "{\"name\":\"London\",\"main\":{\"temp\":7.5},\"x\":[\"" KEY
	    "\"]}");
	struct json_object *params = json_object_new_object(), *outcome;
	struct conf conf = {.compatible = true};
	struct http_service service;
	char key[] = KEY;

	http_service_start(&service, answer, sizeof(answer) - 1);
	conf.weather_url = service.url;
	conf.weather_api_key = key;
	tool_weather.setup(&conf);
	json_object_object_add(
	    params, "location", json_object_new_string("London"));
	outcome = call_tool_within(&tool_weather, params, 5000);
	http_service_stop(&service);
	assert_string_equal(json_object_to_json_string_ext(
				json_object_object_get(outcome, "result"),
				JSON_C_TO_STRING_PLAIN),
	    "{\"name\":\"London\",\"main\":{\"temp\":7.5},\"x\":[\""
	    "****************\"]}");
	json_object_put(outcome);
	json_object_put(params);
}

static void
test_mock_is_marked_and_complete(void **state)
{
	static const char *const names[] = {"location", "units", "temperature",
	    "feels_like", "condition", "description", "humidity", "wind_speed",
	    "pressure", "visibility", "clouds", "mock", "note"};
	struct json_object *result;
	size_t i;

	result = call_result(&tool_weather, "{\"location\":\"Paris\"}");
	for (i = 0; i < COUNT(names); i++)
		assert_true(json_object_object_get_ex(result, names[i], NULL));
	assert_int_equal(json_object_object_length(result), COUNT(names));
	assert_true(
	    json_object_get_boolean(json_object_object_get(result, "mock")));
	assert_string_equal(text_of(result, "units"), "metric");
	json_object_put(result);
}

static void
test_mock_is_plausible_and_the_same_again(void **state)
{
	struct json_object *result, *again;
	char params[64];
	int i;

	for (i = 0; i < 500; i++) {
		snprintf(
		    params, sizeof(params), "{\"location\":\"City %d\"}", i);
		result = call_result(&tool_weather, params);
		again = call_result(&tool_weather, params);
		assert_true(json_object_equal(result, again));
		assert_in_range(number_of(result, "humidity"), 0, 100);
		assert_in_range(number_of(result, "clouds"), 0, 100);
		assert_in_range(number_of(result, "pressure"), 950, 1060);
		assert_in_range(number_of(result, "visibility"), 0, 10000);
		assert_in_range(number_of(result, "temperature") + 50, 20, 90);
		assert_in_range(number_of(result, "wind_speed"), 0, 30);
		json_object_put(again);
		json_object_put(result);
	}
}

static void
test_mock_heeds_units(void **state)
{
	struct json_object *metric, *imperial, *standard;
	double celsius;

	metric = call_result(&tool_weather, "{\"location\":\"Oslo\"}");
	imperial = call_result(
	    &tool_weather, "{\"location\":\"Oslo\",\"units\":\"imperial\"}");
	standard = call_result(
	    &tool_weather, "{\"location\":\"Oslo\",\"units\":\"standard\"}");
	celsius = number_of(metric, "temperature");
	assert_float_equal(
	    number_of(imperial, "temperature"), celsius * 1.8 + 32, 0.01);
	assert_float_equal(
	    number_of(standard, "temperature"), celsius + 273.15, 0.01);
	assert_float_equal(number_of(imperial, "wind_speed"),
	    number_of(metric, "wind_speed") * 2.23694, 0.01);
	json_object_put(metric);
	json_object_put(imperial);
	json_object_put(standard);
}

static void
test_answer_of_the_service(void **state)
{
	static const struct call_sample sample = {
	    "{\"location\":\"London, GB & more\",\"units\":\"imperial\"}",
	    "{\"location\":\"London\",\"temperature\":7.5,"
	    "\"feels_like\":5,\"condition\":\"Rain\","
	    "\"description\":\"light rain\",\"humidity\":81,"
	    "\"wind_speed\":4.12,\"pressure\":1012,"
	    "\"visibility\":9000,\"clouds\":75,\"units\":\"imperial\"}"};
	static const char request[] =
	    "GET /weather?q=London%2C%20GB%20%26%20more&units=imperial"
	    "&appid=" KEY " HTTP/1.1\r\n";
	struct http_service service;

	start(&service, good_answer, strlen(good_answer));
	call_samples(&tool_weather, &sample, 1);
	http_service_stop(&service);
	if (strncasecmp(service.request, request, strlen(request)) != 0)
		fail_msg("%s", service.request);
}

static void
test_failures_of_the_service(void **state)
{
	static const struct {
		const char *answer;
		const char *error;
	} cases[] = {
	    {JSON("404 Not Found",
		 "{\"cod\":\"404\",\"message\":\"city not found\"}"),
		"weather service: HTTP status 404: city not found"},
	    {JSON("401 Unauthorized",
		 "{\"cod\":401,\"message\":\"Invalid API key " KEY
		 ", sorry: " KEY "\"}"),
		"weather service: HTTP status 401: Invalid API key "
		"****************, sorry: ****************"},
	    {JSON("401 Unauthorized", "{\"message\":\"\\u0030"
				      "123456789abcdef\"}"),
		"weather service: HTTP status 401: ****************"},
	    {JSON("500 Oops", "<html>"), "weather service: HTTP status 500"},
	    {JSON("500 Oops", ""), "weather service: HTTP status 500"},
	    {JSON("500 Oops", "[1]"), "weather service: HTTP status 500"},
	    {HEAD("302 Found") "Location: http://127.0.0.1:1/\r\n\r\n",
		"weather service: HTTP status 302"},
	    {JSON("200 OK", "<html>"),
		"weather service: its answer is not JSON"},
	    {JSON("200 OK", ""), "weather service: its answer is not JSON"},
	    {JSON("200 OK", "{}"),
		"weather service: its answer has no location"},
	    {JSON("200 OK", "{\"name\":\"x\",\"main\":{\"temp\":{}}}"),
		"weather service: its answer has no temperature"},
	    {JSON("200 OK", "[]"),
		"weather service: its answer has no location"},
	    {"", "weather service: Server returned nothing "
		 "(no headers, no data)"},
	};
	size_t i;

	for (i = 0; i < COUNT(cases); i++)
		fails_with(cases[i].answer, strlen(cases[i].answer), 10000,
		    cases[i].error);
}

static void
test_answer_that_is_too_large(void **state)
{
	static const char head[] = JSON("200 OK", "\"");
	size_t len = 1 << 20;
	char *answer = malloc(len);

	assert_non_null(answer);
	memset(answer, 'x', len);
	memcpy(answer, head, sizeof(head) - 1);
	fails_with(
	    answer, len, 10000, "weather service: its answer is too large");
	free(answer);
}

static void
test_service_that_does_not_answer(void **state)
{
	fails_with(NULL, 0, 100, "weather service: no answer in time");
}

static void
test_url_that_makes_no_sense(void **state)
{
	static const struct {
		char url[48];
		const char *error;
	} cases[] = {
	    {"not a url", "URL using bad/illegal format or missing URL"},
	    {"file:///etc/passwd", "Unsupported protocol"},
	    {"http://127.0.0.1:1/", "Couldn't connect to server"},
	};
	struct json_object *outcome;
	struct conf conf = {0};
	char key[] = KEY, url[48];
	size_t i;

	conf.weather_api_key = key;
	conf.weather_url = url;
	for (i = 0; i < COUNT(cases); i++) {
		memcpy(url, cases[i].url, sizeof(url));
		tool_weather.setup(&conf);
		outcome = call_tool(&tool_weather, "{\"location\":\"x\"}");
		if (strstr(text_of(outcome, "error"), cases[i].error) == NULL)
			fail_msg("%s: %s", url, text_of(outcome, "error"));
		assert_null(strstr(text_of(outcome, "error"), KEY));
		json_object_put(outcome);
	}
}

static void
test_invalid_params(void **state)
{
	static const struct call_sample invalid[] = {
	    {"{}", "member \\\"location\\\" is required"},
	    {"{\"location\":\"\"}", "length must be at least 1"},
	    {"{\"location\":1}", "must be string, not integer"},
	    {"{\"location\":\"x\",\"units\":\"kelvin\"}", "must be one of"},
	};

	call_samples(&tool_weather, invalid, COUNT(invalid));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_mock_is_marked_and_complete),
	    cmocka_unit_test_teardown(test_compatible, without_key),
	    cmocka_unit_test(test_mock_is_plausible_and_the_same_again),
	    cmocka_unit_test(test_mock_heeds_units),
	    cmocka_unit_test_teardown(test_answer_of_the_service, without_key),
	    cmocka_unit_test_teardown(
		test_failures_of_the_service, without_key),
	    cmocka_unit_test_teardown(
		test_answer_that_is_too_large, without_key),
	    cmocka_unit_test_teardown(
		test_service_that_does_not_answer, without_key),
	    cmocka_unit_test_teardown(
		test_url_that_makes_no_sense, without_key),
	    cmocka_unit_test(test_invalid_params),
	};

	/* The loopback interface is not behind a proxy. */
	setenv("no_proxy", "*", 1);
	return (cmocka_run_group_tests(tests, NULL, NULL));
}
