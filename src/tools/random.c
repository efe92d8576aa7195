/*
 * random: numbers, strings, choices and the like from the system's random
 * numbers, none more likely than another.  Keeps no state: what one call saw
 * tells nothing of the next.
 */

#include <json-c/json.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/json.h"
#include "conf/conf.h"
#include "tools/tools.h"

#define STRING_MAX 65536

static const char parameters[] =
    "{"
    "\"$schema\": \"https://json-schema.org/draft/2020-12/schema\","
    "\"type\": \"object\","
    "\"properties\": {"
    "  \"type\": {"
    "    \"type\": \"string\","
    "    \"enum\": [\"int\", \"float\", \"bool\", \"string\", \"uuid\","
    "      \"choice\", \"dice\"],"
    "    \"default\": \"int\","
    "    \"description\": \"What to make\""
    "  },"
    "  \"min\": {"
    "    \"type\": \"number\","
    "    \"default\": 0,"
    "    \"description\": \"int, float: the least value\""
    "  },"
    "  \"max\": {"
    "    \"type\": \"number\","
    "    \"description\": \"int: the greatest value (100 when absent); "
    "float: the value that is never reached (1 when absent)\""
    "  },"
    "  \"length\": {"
    "    \"type\": \"integer\","
    "    \"minimum\": 1, \"maximum\": 65536, \"default\": 10,"
    "    \"description\": \"string: the number of characters\""
    "  },"
    "  \"choices\": {"
    "    \"type\": \"array\", \"minItems\": 1,"
    "    \"description\": \"choice: what to choose one of\""
    "  },"
    "  \"sides\": {"
    "    \"type\": \"integer\","
    "    \"minimum\": 1, \"maximum\": 4294967295, \"default\": 6,"
    "    \"description\": \"dice: the number of sides of each\""
    "  },"
    "  \"count\": {"
    "    \"type\": \"integer\","
    "    \"minimum\": 1, \"maximum\": 10000, \"default\": 1,"
    "    \"description\": \"dice: how many are rolled\""
    "  }"
    "},"
    "\"additionalProperties\": false"
    "}";

static bool compatible; /* the setting */

static void
random_setup(const struct conf *conf)
{
	compatible = conf->compatible;
}

static uint64_t
random_bits(void)
{
	uint64_t bits;

	arc4random_buf(&bits, sizeof(bits));
	return (bits);
}

/*
 * From 0 to last, both included.  What would make small values more likely
 * is drawn again: at worst every other time.
 */
static uint64_t
random_to(uint64_t last)
{
	uint64_t count = last + 1, excess, bits;

	if (count == 0)
		return (random_bits());
	excess = -count % count;
	do
		bits = random_bits();
	while (bits < excess);
	return (bits % count);
}

/* A bound of an int, or false and the call has failed. */
static bool
random_bound(
    struct tool_call *call, const char *name, int64_t absent, int64_t *value)
{
	struct json_object *number = tool_param(call, name);

	*value = tool_param_int(call, name, absent);
	if (number == NULL || json_is_int64(number))
		return (true);
	tool_fail(
	    call, "%s must be a whole number of 64 bits for an int", name);
	return (false);
}

static void
random_int(struct tool_call *call)
{
	int64_t min, max;
	uint64_t last;

	if (!random_bound(call, "min", 0, &min) ||
	    !random_bound(call, "max", 100, &max))
		return;
	if (compatible && min == max)
		tool_fail(call, "min must be less than max");
	else if (min > max)
		tool_fail(call, "min is greater than max");
	if (call->outcome != TOOL_OK)
		return;
	/* The Go program never gave max itself. */
	last = (uint64_t)max - (uint64_t)min - compatible;
	tool_add_int(call, "min", min);
	tool_add_int(call, "max", max);
	tool_add_int(
	    call, "result", (int64_t)((uint64_t)min + random_to(last)));
}

/* In [min, max), however far apart they are; min when they are equal. */
static double
random_between(double min, double max)
{
	double part = (random_bits() >> 11) * 0x1p-53, result;

	if (isfinite(max - min))
		result = min + part * (max - min);
	else
		result = min * (1 - part) + max * part;
	if (result >= max)
		result = nextafter(max, min);
	return (result < min ? min : result);
}

static void
random_float(struct tool_call *call)
{
	double min = tool_param_number(call, "min", 0);
	double max = tool_param_number(call, "max", 1);

	if (min > max) {
		tool_fail(call, "min is greater than max");
		return;
	}
	tool_add_number(call, "min", min);
	tool_add_number(call, "max", max);
	tool_add_number(call, "result", random_between(min, max));
}

static void
random_bool(struct tool_call *call)
{
	tool_add(call, "result", json_object_new_boolean(random_bits() & 1));
}

/* Six bits make a character; of their 64 values two are drawn again. */
static void
random_string(struct tool_call *call)
{
	static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				      "abcdefghijklmnopqrstuvwxyz0123456789";
	size_t length = tool_param_int(call, "length", 10);
	unsigned char pool[256];
	char text[STRING_MAX];
	size_t i = sizeof(pool), used = 0, letter;

	while (used < length) {
		if (i == sizeof(pool)) {
			arc4random_buf(pool, sizeof(pool));
			i = 0;
		}
		letter = pool[i++] & 63;
		if (letter < sizeof(letters) - 1)
			text[used++] = letters[letter];
	}
	tool_add_int(call, "length", length);
	tool_add_string_len(call, "result", text, length);
}

/* RFC 9562, version 4. */
static void
random_uuid(struct tool_call *call)
{
	unsigned char bytes[16];
	char text[37], *p = text;
	size_t i;

	arc4random_buf(bytes, sizeof(bytes));
	bytes[6] = (bytes[6] & 0x0f) | 0x40;
	bytes[8] = (bytes[8] & 0x3f) | 0x80;
	for (i = 0; i < sizeof(bytes); i++)
		p += sprintf(p, "%s%02x",
		    i == 4 || i == 6 || i == 8 || i == 10 ? "-" : "", bytes[i]);
	tool_add_string(call, "result", text);
}

static void
random_choice(struct tool_call *call)
{
	struct json_object *choices = tool_param(call, "choices");
	struct json_object *choice;
	size_t i;

	if (choices == NULL) {
		tool_fail(call, "choices is required for a choice");
		return;
	}
	if (compatible)
		tool_add(call, "choices", json_object_get(choices));
	i = random_to(json_object_array_length(choices) - 1);
	choice = json_object_array_get_idx(choices, i);
	/* The JSON null is NULL, which tool_add() would take for failure. */
	if (choice == NULL)
		json_object_object_add(call->result, "result", NULL);
	else
		tool_add(call, "result", json_object_get(choice));
	tool_add_int(call, "index", i);
}

static void
random_dice(struct tool_call *call)
{
	uint32_t sides = tool_param_int(call, "sides", 6);
	int64_t i, roll, total = 0, count = tool_param_int(call, "count", 1);
	struct json_object *rolls = json_object_new_array_ext(count);

	for (i = 0; rolls != NULL && i < count; i++) {
		roll = 1 + (int64_t)arc4random_uniform(sides);
		total += roll;
		json_object_array_add(rolls, json_object_new_int64(roll));
	}
	tool_add_int(call, "sides", sides);
	tool_add_int(call, "count", count);
	tool_add(call, "rolls", rolls);
	tool_add_int(call, "total", total);
}

static const struct {
	const char *name;
	void (*run)(struct tool_call *);
} types[] = {
    {"int", random_int},
    {"float", random_float},
    {"bool", random_bool},
    {"string", random_string},
    {"uuid", random_uuid},
    {"choice", random_choice},
    {"dice", random_dice},
};

static void
random_run(struct tool_call *call)
{
	const char *type = tool_param_string(call, "type", "int", NULL);
	size_t i = 0;

	/* The schema lets only these names through. */
	while (strcmp(types[i].name, type) != 0)
		i++;
	tool_add_string(call, "type", type);
	types[i].run(call);
}

const struct tool tool_random = {
    .name = "random",
    .description = "Makes random numbers, strings, UUIDs, choices and "
		   "rolls of dice",
    .parameters = parameters,
    .setup = random_setup,
    .run = random_run,
};
