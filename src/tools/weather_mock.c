/*
 * Weather without a service, for those who try things out: made up from the
 * name of the location, so that one location always has the same.  Called by
 * weather.c; keeps no state.
 */

#include <json-c/json.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "tools/tools.h"
#include "tools/weather_parts.h"

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

void
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
