/*
 * The configuration in its flat form, for another process of the same daemon.
 * What is in a table goes by the table; members of struct conf and struct
 * conf_tool that are in none are here by name.
 */

#include <stdlib.h>

#include "common/pack.h"
#include "conf/conf.h"
#include "conf/conf_tool.h"
#include "conf/conf_type.h"
#include "conf/conf_value.h"

static void
conf_pack_policy(const struct policy *policy, struct pack *pack)
{
	const struct conf_setting *s;

	for (size_t i = 0; i < policy_settings_count; i++) {
		s = &policy_settings[i];
		conf_type_of(s)->pack((const char *)policy + s->offset, pack);
	}
}

static int
conf_unpack_policy(struct policy *policy, struct unpack *unpack)
{
	const struct conf_setting *s;

	for (size_t i = 0; i < policy_settings_count; i++) {
		s = &policy_settings[i];
		if (conf_type_of(s)->unpack(
			(char *)policy + s->offset, unpack) == -1)
			return (-1);
	}
	return (0);
}

static void
conf_pack_tool(const struct conf_tool *tool, struct pack *pack)
{
	pack_text(pack, tool->name);
	pack_text(pack, tool->file);
	pack_int(pack, tool->line);
	pack_int(pack, (int64_t)tool->choice.made);
	conf_pack_policy(&tool->choice.policy, pack);
}

static int
conf_unpack_tool(struct conf *conf, struct unpack *unpack)
{
	const char *name = unpack_text(unpack), *file = unpack_text(unpack);
	int line = (int)unpack_int(unpack);
	struct conf_tool *tool;

	if (name == NULL || file == NULL ||
	    (tool = conf_tool_add(conf, name, file, line)) == NULL)
		return (-1);
	tool->choice.made = (uint64_t)unpack_int(unpack);
	return (conf_unpack_policy(&tool->choice.policy, unpack));
}

void
conf_pack(const struct conf *conf, enum conf_part part, struct pack *pack)
{
	size_t tools = part == CONF_WHOLE ? conf->tool_count : 0;

	for (size_t i = 0; i < conf_settings_count; i++)
		if (part == CONF_SHARED && conf_settings[i].type == CONF_SECRET)
			pack_text(pack, "");
		else
			conf_value_pack(conf, &conf_settings[i], pack);
	pack_int(pack, conf->tools_dir_preset);
	pack_int(pack, (int64_t)tools);
	for (size_t i = 0; i < tools; i++)
		conf_pack_tool(&conf->tools[i], pack);
}

static int
conf_unpack_all(struct conf *conf, struct unpack *unpack)
{
	for (size_t i = 0; i < conf_settings_count; i++)
		if (conf_value_unpack(conf, &conf_settings[i], unpack) == -1)
			return (-1);
	conf->tools_dir_preset = unpack_int(unpack) != 0;
	for (int64_t left = unpack_int(unpack); left > 0; left--)
		if (conf_unpack_tool(conf, unpack) == -1)
			return (-1);
	return (unpack_done(unpack) ? 0 : -1);
}

struct conf *
conf_unpack(struct unpack *unpack)
{
	struct conf *conf = calloc(1, sizeof(*conf));

	if (conf == NULL)
		return (NULL);
	if (conf_unpack_all(conf, unpack) == 0)
		return (conf);
	conf_free(conf);
	return (NULL);
}
