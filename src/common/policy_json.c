/*
 * Settings of a policy as a manifest has them.  Called by the reader of
 * manifests only; what a value may be says the table, as for agentd.conf.
 */

#include "common/policy.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include <json-c/json.h>

#include "common/conf_type.h"
#include "common/conf_units.h"

static int
json_wrong(char *why, const char *expected)
{
	snprintf(why, CONF_WHY_SIZE, "expected %s", expected);
	return (-1);
}

static int
choose_boolean(struct policy_choice *choice, int setting,
    struct json_object *value, char *why)
{
	if (!json_object_is_type(value, json_type_boolean))
		return (json_wrong(why, "true or false"));
	return (policy_choose(choice, setting,
	    json_object_get_boolean(value) ? "yes" : "no", why));
}

static int
choose_string(struct policy_choice *choice, int setting,
    struct json_object *value, char *why)
{
	const char *text = conf_string_in_json(value);

	if (text == NULL)
		return (json_wrong(why, "a string"));
	return (policy_choose(choice, setting, text, why));
}

/* A number without a string around it: of seconds when scale is 1000. */
static int
choose_plain(struct policy_choice *choice, int setting,
    struct json_object *value, double scale, char *why)
{
	double number = round(json_object_get_double(value) * scale);
	char text[CONF_UNITS_SIZE + 2];

	/* Beyond that it is out of every range, and no int64_t maybe. */
	if (number < 0 || number > 9e15)
		number = 9e15;
	snprintf(text, sizeof(text), "%.0f%s", number, scale == 1 ? "" : "ms");
	return (policy_choose(choice, setting, text, why));
}

static bool
json_is_number(struct json_object *value)
{
	return (json_object_is_type(value, json_type_int) ||
		json_object_is_type(value, json_type_double));
}

static int
choose_duration(struct policy_choice *choice, int setting,
    struct json_object *value, char *why)
{
	if (json_is_number(value))
		return (choose_plain(choice, setting, value, 1000, why));
	if (!json_object_is_type(value, json_type_string))
		return (json_wrong(
		    why, "a number of seconds, or a string such as \"10s\""));
	return (choose_string(choice, setting, value, why));
}

static int
choose_size(struct policy_choice *choice, int setting,
    struct json_object *value, char *why)
{
	if (json_object_is_type(value, json_type_int))
		return (choose_plain(choice, setting, value, 1, why));
	if (!json_object_is_type(value, json_type_string))
		return (json_wrong(
		    why, "a number of bytes, or a string such as \"64m\""));
	return (choose_string(choice, setting, value, why));
}

static int
choose_integer(struct policy_choice *choice, int setting,
    struct json_object *value, char *why)
{
	if (!json_object_is_type(value, json_type_int))
		return (json_wrong(why, "a whole number"));
	return (choose_plain(choice, setting, value, 1, why));
}

static int
choose_list(struct policy_choice *choice, int setting,
    struct json_object *value, char *why)
{
	size_t count;

	if (!json_object_is_type(value, json_type_array))
		return (json_wrong(why, "an array of strings"));
	choice->made |= UINT32_C(1) << setting; /* empty is a choice too */
	count = json_object_array_length(value);
	for (size_t i = 0; i < count; i++)
		if (choose_string(choice, setting,
			json_object_array_get_idx(value, i), why) == -1)
			return (-1);
	return (0);
}

static int (*const choosers[])(
    struct policy_choice *, int, struct json_object *, char *) = {
    [CONF_INTEGER] = choose_integer,
    [CONF_BOOLEAN] = choose_boolean,
    [CONF_STRING] = choose_string,
    [CONF_ENVIRONMENT] = choose_list,
    [CONF_DURATION] = choose_duration,
    [CONF_SIZE] = choose_size,
    [CONF_MODE] = choose_string,
};

int
policy_choose_json(struct policy_choice *choice, int setting,
    struct json_object *value, char *why)
{
	return (choosers[policy_settings[setting].type](
	    choice, setting, value, why));
}
