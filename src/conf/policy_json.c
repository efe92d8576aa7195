/*
 * Settings of a policy as a manifest has them.  Called by the reader of
 * manifests only; what a value may be says the table, as for agentd.conf.
 */

#include "conf/policy.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include <json-c/json.h>

#include "common/json.h"
#include "conf/conf_type.h"
#include "conf/conf_units.h"

static int
policy_json_wrong(char *why, const char *expected)
{
	snprintf(why, CONF_WHY_SIZE, "expected %s", expected);
	return (-1);
}

static int
policy_choose_boolean(struct policy_choice *choice, int setting,
    struct json_object *value, char *why)
{
	if (!json_object_is_type(value, json_type_boolean))
		return (policy_json_wrong(why, "true or false"));
	return (policy_choose(choice, setting,
	    json_object_get_boolean(value) ? "yes" : "no", why));
}

static int
policy_choose_string(struct policy_choice *choice, int setting,
    struct json_object *value, char *why)
{
	const char *text = json_string(value);

	if (text == NULL)
		return (policy_json_wrong(
		    why, json_object_is_type(value, json_type_string)
			     ? "a string without NUL"
			     : "a string"));
	return (policy_choose(choice, setting, text, why));
}

/* A number without a string around it, times scale of that unit. */
static int
policy_choose_plain(struct policy_choice *choice, int setting,
    struct json_object *value, double scale, const char *unit, char *why)
{
	double number = round(json_object_get_double(value) * scale);
	char text[CONF_UNITS_SIZE + 2];

	/* Beyond that it is out of every range, and no int64_t maybe. */
	if (number < 0 || number > 9e15)
		number = 9e15;
	snprintf(text, sizeof(text), "%.0f%s", number, unit);
	return (policy_choose(choice, setting, text, why));
}

static bool
policy_json_is_number(struct json_object *value)
{
	return (json_object_is_type(value, json_type_int) ||
		json_object_is_type(value, json_type_double));
}

static int
policy_choose_duration(struct policy_choice *choice, int setting,
    struct json_object *value, char *why)
{
	if (policy_json_is_number(value))
		return (policy_choose_plain(
		    choice, setting, value, 1000, "ms", why));
	if (!json_object_is_type(value, json_type_string))
		return (policy_json_wrong(
		    why, "a number of seconds, or a string such as \"10s\""));
	return (policy_choose_string(choice, setting, value, why));
}

static int
policy_choose_size(struct policy_choice *choice, int setting,
    struct json_object *value, char *why)
{
	if (json_object_is_type(value, json_type_int))
		return (
		    policy_choose_plain(choice, setting, value, 1, "", why));
	if (!json_object_is_type(value, json_type_string))
		return (policy_json_wrong(
		    why, "a number of bytes, or a string such as \"64m\""));
	return (policy_choose_string(choice, setting, value, why));
}

static int
policy_choose_integer(struct policy_choice *choice, int setting,
    struct json_object *value, char *why)
{
	if (!json_object_is_type(value, json_type_int))
		return (policy_json_wrong(why, "a whole number"));
	return (policy_choose_plain(choice, setting, value, 1, "", why));
}

static int
policy_choose_rate(struct policy_choice *choice, int setting,
    struct json_object *value, char *why)
{
	if (policy_json_is_number(value))
		return (policy_choose_plain(
		    choice, setting, value, 3600, "/h", why));
	if (!json_object_is_type(value, json_type_string))
		return (
		    policy_json_wrong(why, "a number of calls a second, or a "
					   "string such as \"30/m\""));
	return (policy_choose_string(choice, setting, value, why));
}

static int
policy_choose_window(struct policy_choice *choice, int setting,
    struct json_object *value, char *why)
{
	if (json_object_is_type(value, json_type_int))
		return (
		    policy_choose_plain(choice, setting, value, 1, "", why));
	if (!json_object_is_type(value, json_type_string))
		return (policy_json_wrong(
		    why, "a number of calls, or a string such as \"60s\""));
	return (policy_choose_string(choice, setting, value, why));
}

static int
policy_choose_list(struct policy_choice *choice, int setting,
    struct json_object *value, char *why)
{
	size_t count;

	if (!json_object_is_type(value, json_type_array))
		return (policy_json_wrong(why, "an array of strings"));
	choice->made |= UINT64_C(1) << setting; /* empty is a choice too */
	count = json_object_array_length(value);
	for (size_t i = 0; i < count; i++)
		if (policy_choose_string(choice, setting,
			json_object_array_get_idx(value, i), why) == -1)
			return (-1);
	return (0);
}

static int (*const choosers[])(
    struct policy_choice *, int, struct json_object *, char *) = {
    [CONF_INTEGER] = policy_choose_integer,
    [CONF_BOOLEAN] = policy_choose_boolean,
    [CONF_STRING] = policy_choose_string,
    [CONF_ENVIRONMENT] = policy_choose_list,
    [CONF_DURATION] = policy_choose_duration,
    [CONF_SIZE] = policy_choose_size,
    [CONF_MODE] = policy_choose_string,
    [CONF_WORD] = policy_choose_string,
    [CONF_WORDS] = policy_choose_list,
    [CONF_RATE] = policy_choose_rate,
    [CONF_WINDOW] = policy_choose_window,
};

int
policy_choose_json(struct policy_choice *choice, int setting,
    struct json_object *value, char *why)
{
	return (choosers[policy_settings[setting].type](
	    choice, setting, value, why));
}

/* Not what a process may use: that stays with the agents, and so do secrets. */
static bool
policy_is_shared(const struct conf_setting *s)
{
	return (s->type == CONF_BOOLEAN || s->type == CONF_INTEGER ||
		s->type == CONF_DURATION || s->type == CONF_WORDS ||
		s->type == CONF_RATE || s->type == CONF_WINDOW);
}

struct json_object *
policy_to_json(const struct policy *policy)
{
	struct json_object *o = json_object_new_object();
	const struct conf_setting *s;
	struct policy presets;
	const void *at;

	policy_init(&presets);
	for (size_t i = 0; o != NULL && i < policy_settings_count; i++) {
		s = &policy_settings[i];
		at = (const char *)policy + s->offset;
		if (policy_is_shared(s) &&
		    !conf_type_of(s)->equal(
			at, (const char *)&presets + s->offset))
			json_add(&o, s->name, conf_type_of(s)->to_json(at, s));
	}
	policy_free(&presets);
	return (o);
}

int
policy_from_json(struct policy *policy, struct json_object *o)
{
	const struct conf_setting *s;
	struct json_object *value;

	for (size_t i = 0; i < policy_settings_count; i++) {
		s = &policy_settings[i];
		if (policy_is_shared(s) &&
		    json_object_object_get_ex(o, s->name, &value) &&
		    conf_type_of(s)->from_json(
			(char *)policy + s->offset, s, value) == -1)
			return (-1);
	}
	return (0);
}
