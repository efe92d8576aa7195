/*
 * Policies as values: defaults, copies, what was chosen on top of what.
 * Called by the configuration's parser, by the reader of manifests and by the
 * registry.  The settings themselves are in policy_table.c.
 */

#include "conf/policy.h"

#include <assert.h>
#include <string.h>

#include "common/digest.h"
#include "conf/conf_type.h"

static_assert(offsetof(struct conf_list, items) == 0,
    "policy.environment is the items of policy.environment_list");

static void *
policy_at(struct policy *policy, const struct conf_setting *s)
{
	return ((char *)policy + s->offset);
}

static const void *
policy_in(const struct policy *policy, const struct conf_setting *s)
{
	return ((const char *)policy + s->offset);
}

void
policy_init(struct policy *policy)
{
	char why[CONF_WHY_SIZE];
	const struct conf_setting *s;

	*policy = (struct policy){0};
	for (size_t i = 0; i < policy_settings_count; i++) {
		s = &policy_settings[i];
		if (s->preset != NULL &&
		    conf_type_of(s)->set(
			policy_at(policy, s), s, s->preset, why) == -1)
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
	const struct conf_setting *s;

	policy_wipe(policy);
	for (size_t i = 0; i < policy_settings_count; i++) {
		s = &policy_settings[i];
		conf_type_of(s)->clear(policy_at(policy, s));
	}
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
	const struct conf_setting *s = &policy_settings[setting];

	if (conf_type_of(s)->set(policy_at(&choice->policy, s), s, text, why) ==
	    -1)
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
	conf_type_of(s)->clear(policy_at(&choice->policy, s));
	choice->made &= ~(UINT64_C(1) << setting);
}

int
policy_apply(struct policy *policy, const struct policy_choice *choice)
{
	const struct conf_setting *s;

	for (size_t i = 0; i < policy_settings_count; i++) {
		s = &policy_settings[i];
		if ((choice->made & UINT64_C(1) << i) != 0 &&
		    conf_type_of(s)->copy(policy_at(policy, s),
			policy_in(&choice->policy, s)) == -1)
			return (-1);
	}
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
		at = policy_in(policy, s);
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
