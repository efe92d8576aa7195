/*
 * weather: the weather now at a place, from OpenWeatherMap or, without a key
 * for that, made up from the name of the location, so that one location always
 * has the same.  Knows the parameters and turns the answer of the service into
 * the result; weather_fetch.c gets that answer.  The key is in no result and no
 * message, even when the service sends it back.
 */

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <json-c/json.h>

#include "common/json.h"
#include "conf/conf.h"
#include "tools/tools.h"
#include "tools/weather_fetch.h"

static const struct sky {
	const char *condition;
	const char *description;
	int clouds;	/* percent, at least */
	int visibility; /* metres, at most */
} skies[] = {
    {"Clear", "clear sky", 0, 10000},
    {"Clouds", "few clouds", 11, 10000},
    {"Clouds", "broken clouds", 51, 10000},
    {"Clouds", "overcast clouds", 85, 9000},
    {"Rain", "light rain", 60, 8000},
    {"Rain", "moderate rain", 75, 6000},
    {"Drizzle", "light intensity drizzle", 70, 7000},
    {"Mist", "mist", 40, 3000},
};

/* From Celsius and metres a second: how units show them. */
static const struct units {
	const char *name;
	double scale;
	double zero;
	double speed;
	const char *degree, *pace; /* how they are called */
} all_units[] = {
    {"metric", 1, 0, 1, "\u00b0C", " m/s"},
    {"imperial", 1.8, 32, 2.2369362920544, "\u00b0F", " mph"},
    {"standard", 1, 273.15, 1, "K", " m/s"},
};

static const struct units *
weather_mock_units(const char *name)
{
	const struct units *units = all_units;

	/* The schema lets only these names through. */
	while (strcmp(units->name, name) != 0)
		units++;
	return (units);
}

/* FNV-1a. */
static uint64_t
weather_mock_hash(const char *text, size_t len)
{
	uint64_t hash = 0xcbf29ce484222325;
	size_t i;

	for (i = 0; i < len; i++)
		hash = (hash ^ (unsigned char)text[i]) * 0x100000001b3;
	return (hash);
}

/* A number from 0 to last, and the next one at the next call. */
static int
weather_mock_next(uint64_t *state, int last)
{
	*state ^= *state >> 29;
	*state *= 0xbf58476d1ce4e5b9;
	return ((int)((*state >> 33) % (last + 1)));
}

static double
weather_round_to(double value, double unit)
{
	return (round(value * unit) / unit);
}

/* A number, or a string when there is a unit. */
static void
weather_mock_measure(
    struct tool_call *call, const char *name, double value, const char *unit)
{
	char words[64];

	if (unit == NULL) {
		tool_add_number(call, name, weather_round_to(value, 100));
		return;
	}
	snprintf(words, sizeof(words), "%.1f%s", value, unit);
	tool_add_string(call, name, words);
}

static void
weather_mock_temperatures(struct tool_call *call, uint64_t *state, double wind,
    const struct units *units, bool in_words)
{
	double celsius = weather_mock_next(state, 400) / 10.0 - 8;
	double felt = celsius - wind / 4;
	const char *unit = in_words ? units->degree : NULL;

	weather_mock_measure(
	    call, "temperature", celsius * units->scale + units->zero, unit);
	weather_mock_measure(
	    call, "feels_like", felt * units->scale + units->zero, unit);
}

/*
 * Adds made-up weather to the result: the same for the same location.  In words
 * ("20.5 mph") measures are strings with their unit, else numbers.
 */
static void
weather_mock(
    struct tool_call *call, const struct weather_query *query, bool in_words)
{
	const struct units *units = weather_mock_units(query->units);
	uint64_t state =
	    weather_mock_hash(query->location, query->location_len);
	const struct sky *sky = &skies[weather_mock_next(
	    &state, sizeof(skies) / sizeof(skies[0]) - 1)];
	double wind = weather_mock_next(&state, 120) / 10.0;

	tool_add_string_len(
	    call, "location", query->location, query->location_len);
	tool_add_string(call, "units", query->units);
	weather_mock_temperatures(call, &state, wind, units, in_words);
	tool_add_string(call, "condition", sky->condition);
	tool_add_string(call, "description", sky->description);
	tool_add_int(call, "humidity", 35 + weather_mock_next(&state, 60));
	weather_mock_measure(call, "wind_speed", wind * units->speed,
	    in_words ? units->pace : NULL);
	tool_add_int(call, "pressure", 990 + weather_mock_next(&state, 45));
	tool_add_int(call, "visibility",
	    sky->visibility - weather_mock_next(&state, 10) * 100);
	tool_add_int(
	    call, "clouds", sky->clouds + weather_mock_next(&state, 10));
	tool_add(call, "mock", json_object_new_boolean(true));
	tool_add_string(
	    call, "note", "Made up: set WEATHER_API_KEY for the real weather");
}

static const char parameters[] =
    "{"
    "\"$schema\": \"https://json-schema.org/draft/2020-12/schema\","
    "\"type\": \"object\","
    "\"properties\": {"
    "  \"location\": {"
    "    \"type\": \"string\", \"minLength\": 1, \"maxLength\": 200,"
    "    \"description\": \"A city, such as London or London,GB\""
    "  },"
    "  \"units\": {"
    "    \"type\": \"string\","
    "    \"enum\": [\"metric\", \"imperial\", \"standard\"],"
    "    \"default\": \"metric\","
    "    \"description\": \"Celsius and m/s, Fahrenheit and mph,"
    " or Kelvin and m/s\""
    "  }"
    "},"
    "\"required\": [\"location\"],"
    "\"additionalProperties\": false"
    "}";

/* Where the members of the result are in an answer, in their order. */
static const struct {
	const char *member;
	const char *pointer;
	bool required;
} members[] = {
    {"location", "/name", true},
    {"temperature", "/main/temp", true},
    {"feels_like", "/main/feels_like", true},
    {"condition", "/weather/0/main", true},
    {"description", "/weather/0/description", true},
    {"humidity", "/main/humidity", true},
    {"wind_speed", "/wind/speed", true},
    {"pressure", "/main/pressure", true},
    {"visibility", "/visibility", false},
    {"clouds", "/clouds/all", false},
};

static struct weather_service service;
static bool compatible; /* the setting */

static void
weather_forget(void)
{
	if (service.key != NULL)
		explicit_bzero(service.key, strlen(service.key));
	free(service.key);
	free(service.url);
	service = (struct weather_service){0};
}

static void
weather_setup(const struct conf *conf)
{
	weather_forget();
	compatible = conf->compatible;
	service.url =
	    strdup(conf->weather_url != NULL ? conf->weather_url : "");
	service.key =
	    strdup(conf->weather_api_key != NULL ? conf->weather_api_key : "");
}

/* Overwrites each appearance of the key. */
static void
weather_scrub(char *text, size_t len)
{
	size_t key_len = strlen(service.key);
	char *end = text + len;

	while (
	    (text = memmem(text, end - text, service.key, key_len)) != NULL) {
		memset(text, '*', key_len);
		text += key_len;
	}
}

/* A string of the answer without the key; other values as they are. */
static struct json_object *
weather_value(struct json_object *value)
{
	struct json_object *clean;
	size_t len = json_object_get_string_len(value);
	char *text;

	if (!json_object_is_type(value, json_type_string))
		return (json_object_get(value));
	text = malloc(len + 1);
	if (text == NULL)
		return (NULL);
	memcpy(text, json_object_get_string(value), len);
	weather_scrub(text, len);
	clean = json_object_new_string_len(text, len);
	free(text);
	return (clean);
}

/* A string or a number, which is all that an answer has for us. */
static bool
weather_is_plain(struct json_object *value)
{
	return (json_object_is_type(value, json_type_string) ||
		json_object_is_type(value, json_type_int) ||
		json_object_is_type(value, json_type_double));
}

static void
weather_add(struct tool_call *call, const char *member,
    struct json_object *value, bool required)
{
	if (weather_is_plain(value))
		tool_add(call, member, weather_value(value));
	else if (required)
		tool_fail(
		    call, "weather service: its answer has no %s", member);
	else
		json_object_object_add(call->result, member, NULL);
}

static void
weather_report(
    struct tool_call *call, struct json_object *answer, const char *units)
{
	struct json_object *value;
	size_t i;

	for (i = 0; i < sizeof(members) / sizeof(members[0]); i++) {
		value = NULL;
		if (json_pointer_get(answer, members[i].pointer, &value) != 0)
			value = NULL;
		weather_add(
		    call, members[i].member, value, members[i].required);
	}
	tool_add_string(call, "units", units);
}

/* The service did not do it: its own words for why, when it has any. */
static void
weather_refused(struct tool_call *call, long status, struct json_object *answer)
{
	struct json_object *message = NULL, *clean;

	json_object_object_get_ex(answer, "message", &message);
	if (!json_object_is_type(message, json_type_string)) {
		tool_fail(call, "weather service: HTTP status %ld", status);
		return;
	}
	clean = weather_value(message);
	tool_fail(call, "weather service: HTTP status %ld: %s", status,
	    clean != NULL ? json_object_get_string(clean) : "");
	json_object_put(clean);
}

static void
weather_ask(struct tool_call *call, const struct weather_query *query)
{
	struct json_object *answer = NULL;
	struct weather_reply reply;
	char reason[JSON_REASON_SIZE];
	bool parsed;

	if (!weather_fetch(call, &service, query, &reply))
		return;
	/* All that is passed on then, member names too. */
	if (compatible && reply.body != NULL)
		weather_scrub(reply.body, reply.len);
	parsed = reply.body != NULL &&
		 json_parse(reply.body, reply.len, &answer, reason);
	if (reply.status != 200)
		weather_refused(call, reply.status, answer);
	else if (!parsed)
		tool_fail(call, "weather service: its answer is not JSON");
	else if (compatible)
		tool_result(call, json_object_get(answer));
	else
		weather_report(call, answer, query->units);
	json_object_put(answer);
	weather_reply_free(&reply);
}

static void
weather_run(struct tool_call *call)
{
	struct weather_query query;

	query.location =
	    tool_param_string(call, "location", "", &query.location_len);
	query.units = tool_param_string(call, "units", "metric", NULL);
	if (service.key != NULL && service.key[0] != '\0')
		weather_ask(call, &query);
	else
		weather_mock(call, &query, compatible);
}

const struct tool tool_weather = {
    .name = "weather",
    .description = "Tells the weather at a place",
    .parameters = parameters,
    .setup = weather_setup,
    .run = weather_run,
};
