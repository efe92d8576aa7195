/*
 * Policies as values: defaults, copies, what was chosen on top of what, as
 * agentd.conf or a manifest has it, and their form as JSON.  The settings
 * themselves, and what a value may be, are in conf_table.c.
 */

#include "conf/policy.h"

#include <assert.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include <json-c/json.h>

#include "common/digest.h"
#include "common/json.h"
#include "conf/conf_units.h"

static_assert(offsetof(struct conf_list, items) == 0,
    "policy.environment is the items of policy.environment_list");

void
policy_init(struct policy *policy)
{
	char why[CONF_WHY_SIZE];
	const struct conf_setting *s;

	*policy = (struct policy){0};
	for (size_t i = 0; i < policy_settings_count; i++) {
		s = &policy_settings[i];
		if (s->preset != NULL &&
		    conf_value_set(policy, s, s->preset, why) == -1)
			assert(!"the preset of a setting is wrong");
	}
}

void
policy_wipe(struct policy *policy)
{
	char *value;

	for (size_t i = 0; i < policy->environment_list.count; i++) {
		value = strchr(policy->environment[i], '=');
		if (value != NULL)
			explicit_bzero(value + 1, strlen(value + 1));
	}
}

void
policy_free(struct policy *policy)
{
	policy_wipe(policy);
	for (size_t i = 0; i < policy_settings_count; i++)
		conf_value_clear(policy, &policy_settings[i]);
}

int
policy_find(const char *name)
{
	for (size_t i = 0; i < policy_settings_count; i++)
		if (strcmp(policy_settings[i].name, name) == 0)
			return ((int)i);
	return (-1);
}

int
policy_choose(
    struct policy_choice *choice, int setting, const char *text, char *why)
{
	if (conf_value_set(
		&choice->policy, &policy_settings[setting], text, why) == -1)
		return (-1);
	choice->made |= UINT64_C(1) << setting;
	return (0);
}

void
policy_unchoose(struct policy_choice *choice, int setting)
{
	const struct conf_setting *s = &policy_settings[setting];

	if (s->type == CONF_ENVIRONMENT)
		policy_wipe(&choice->policy);
	conf_value_clear(&choice->policy, s);
	choice->made &= ~(UINT64_C(1) << setting);
}

int
policy_apply(struct policy *policy, const struct policy_choice *choice)
{
	for (size_t i = 0; i < policy_settings_count; i++)
		if ((choice->made & UINT64_C(1) << i) != 0 &&
		    conf_value_copy(
			policy, &choice->policy, &policy_settings[i]) == -1)
			return (-1);
	return (0);
}

static uint64_t
policy_digest_text(uint64_t digest, const char *text)
{
	if (text == NULL)
		text = "";
	return (digest_add(digest, text, strlen(text) + 1));
}

static uint64_t
policy_digest_list(uint64_t digest, const struct conf_list *list)
{
	digest = digest_add(digest, &list->count, sizeof(list->count));
	for (size_t i = 0; i < list->count; i++)
		digest = policy_digest_text(digest, list->items[i]);
	return (digest);
}

uint64_t
policy_digest(const struct policy *policy, uint64_t digest)
{
	const struct conf_setting *s;
	const void *at;

	for (size_t i = 0; i < policy_settings_count; i++) {
		s = &policy_settings[i];
		at = (const char *)policy + s->offset;
		if (s->type == CONF_STRING)
			digest = policy_digest_text(digest, *(char *const *)at);
		else if (s->type == CONF_ENVIRONMENT)
			digest = policy_digest_list(digest, at);
		else if (s->type == CONF_BOOLEAN)
			digest = digest_add(digest, at, sizeof(bool));
		else
			digest = digest_add(digest, at, sizeof(int64_t));
	}
	return (digest);
}

static int
policy_choose_string(struct policy_choice *choice, int setting,
    struct json_object *value, char *why)
{
	const char *text = json_string(value);

	if (text != NULL)
		return (policy_choose(choice, setting, text, why));
	snprintf(why, CONF_WHY_SIZE, "expected a string%s",
	    json_object_is_type(value, json_type_string) ? " without NUL" : "");
	return (-1);
}

static int
policy_choose_list(struct policy_choice *choice, int setting,
    struct json_object *value, char *why)
{
	choice->made |= UINT64_C(1) << setting; /* empty is a choice too */
	for (size_t i = 0; i < json_object_array_length(value); i++)
		if (policy_choose_string(choice, setting,
			json_object_array_get_idx(value, i), why) == -1)
			return (-1);
	return (0);
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

/* How a manifest has the values of a type. */
static const struct policy_form {
	double scale; /* of a plain number; it stands for so many of unit */
	const char *unit;
	bool fraction; /* it need not be whole */
	bool string;   /* it may also be a string, with a unit */
	const char *expected;
} policy_forms[] = {
    [CONF_INTEGER] = {1, "", false, false, "a whole number"},
    [CONF_DURATION] = {1000, "ms", true, true,
	"a number of seconds, or a string such as \"10s\""},
    [CONF_SIZE] = {1, "", false, true,
	"a number of bytes, or a string such as \"64m\""},
    [CONF_RATE] = {3600, "/h", true, true,
	"a number of calls a second, or a string such as \"30/m\""},
    [CONF_WINDOW] = {1, "", false, true,
	"a number of calls, or a string such as \"60s\""},
    [CONF_BOOLEAN] = {.expected = "true or false"},
    [CONF_ENVIRONMENT] = {.expected = "an array of strings"},
    [CONF_WORDS] = {.expected = "an array of strings"},
    [CONF_MODE] = {.string = true},
    [CONF_WORD] = {.string = true},
    [CONF_STRING] = {.string = true},
};

int
policy_choose_json(struct policy_choice *choice, int setting,
    struct json_object *value, char *why)
{
	enum conf_type type = policy_settings[setting].type;
	const struct policy_form *form = &policy_forms[type];

	switch (json_object_get_type(value)) {
	case json_type_boolean:
		if (type == CONF_BOOLEAN)
			return (policy_choose(choice, setting,
			    json_object_get_boolean(value) ? "yes" : "no",
			    why));
		break;
	case json_type_array:
		if (type == CONF_ENVIRONMENT || type == CONF_WORDS)
			return (
			    policy_choose_list(choice, setting, value, why));
		break;
	case json_type_double:
	case json_type_int:
		if (form->unit != NULL &&
		    (form->fraction ||
			json_object_is_type(value, json_type_int)))
			return (policy_choose_plain(choice, setting, value,
			    form->scale, form->unit, why));
		break;
	default:
		break;
	}
	if (form->string && (form->expected == NULL ||
				json_object_is_type(value, json_type_string)))
		return (policy_choose_string(choice, setting, value, why));
	snprintf(why, CONF_WHY_SIZE, "expected %s", form->expected);
	return (-1);
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

	policy_init(&presets);
	for (size_t i = 0; o != NULL && i < policy_settings_count; i++) {
		s = &policy_settings[i];
		if (policy_is_shared(s) &&
		    !conf_value_equal(policy, &presets, s))
			json_add(&o, s->name, conf_value_to_json(policy, s));
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
		    conf_value_from_json(policy, s, value) == -1)
			return (-1);
	}
	return (0);
}
