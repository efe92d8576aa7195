/*
 * The configuration as a whole: its sections of tools, and what is done with
 * all of it: print it, carry values over a reload, wipe secrets, free it, pack
 * it for another process.  What is true of single values is in conf_value.c,
 * the settings are in conf_table.c; what is in no table is here by name.
 */

#include "conf/conf.h"

#include <stdlib.h>
#include <string.h>

#include "common/pack.h"

/* From the end: the parser asks again and again for the last one. */
struct conf_tool *
conf_tool_find(const struct conf *conf, const char *name)
{
	for (size_t i = conf->tool_count; i-- > 0;)
		if (strcmp(conf->tools[i].name, name) == 0)
			return (&conf->tools[i]);
	return (NULL);
}

static void
conf_tool_free(struct conf_tool *tool)
{
	policy_free(&tool->choice.policy);
	free(tool->name);
	free(tool->file);
}

struct conf_tool *
conf_tool_add(struct conf *conf, const char *name, const char *file, int line)
{
	struct conf_tool *tools = reallocarray(
	    conf->tools, conf->tool_count + 1, sizeof(*conf->tools));
	struct conf_tool tool = {strdup(name), strdup(file), line, 0, {{0}, 0}};

	if (tools != NULL)
		conf->tools = tools;
	if (tools == NULL || tool.name == NULL || tool.file == NULL) {
		conf_tool_free(&tool);
		return (NULL);
	}
	tools[conf->tool_count] = tool;
	return (&tools[conf->tool_count++]);
}

int
conf_tool_move(struct conf_tool *tool, const char *file, int line)
{
	char *copy = strdup(file);

	if (copy == NULL)
		return (-1);
	free(tool->file);
	tool->file = copy;
	tool->line = line;
	tool->here = 0;
	return (0);
}

void
conf_tools_free(struct conf *conf)
{
	for (size_t i = 0; i < conf->tool_count; i++)
		conf_tool_free(&conf->tools[i]);
	free(conf->tools);
}

static void
conf_tool_print(const struct conf_tool *tool, FILE *fp)
{
	const struct conf_setting *s;

	fprintf(fp, "tool \"%s\" {\n", tool->name);
	for (size_t i = 0; i < policy_settings_count; i++) {
		s = &policy_settings[i];
		if ((tool->choice.made & UINT64_C(1) << i) == 0)
			continue;
		fprintf(fp, "\t%s = ", s->name);
		conf_value_print(&tool->choice.policy, s, fp);
		fputc('\n', fp);
	}
	fputs("}\n", fp);
}

/* A configuration that was not loaded, as some tests have, wants all. */
bool
conf_wants_builtin(const struct conf *conf, const char *name)
{
	const struct conf_list *list = &conf->builtin_tools;

	for (size_t i = 0; i < list->count; i++)
		if (strcmp(list->items[i], "all") == 0 ||
		    strcmp(list->items[i], name) == 0)
			return (true);
	return (list->count == 0);
}

/* Variables of the environment that hold secrets. */
static const char *const secret_variables[] = {"WEATHER_API_KEY"};

void
conf_free(struct conf *conf)
{
	if (conf == NULL)
		return;
	for (size_t i = 0; i < conf_settings_count; i++)
		conf_value_clear(conf, &conf_settings[i]);
	conf_tools_free(conf);
	free(conf);
}

void
conf_print(const struct conf *conf, FILE *fp)
{
	for (size_t i = 0; i < conf_settings_count; i++) {
		fprintf(fp, "%s = ", conf_settings[i].name);
		conf_value_print(conf, &conf_settings[i], fp);
		fputc('\n', fp);
	}
	for (size_t i = 0; i < conf->tool_count; i++)
		conf_tool_print(&conf->tools[i], fp);
}

int
conf_keep(struct conf *next, const struct conf *current,
    void (*changed)(const char *name))
{
	const struct conf_setting *s;

	for (size_t i = 0; i < conf_settings_count; i++) {
		s = &conf_settings[i];
		if (s->reload || conf_value_equal(next, current, s))
			continue;
		if (conf_value_copy(next, current, s) == -1)
			return (-1);
		changed(s->name);
	}
	return (0);
}

void
conf_wipe_secrets(struct conf *conf)
{
	const size_t count =
	    sizeof(secret_variables) / sizeof(secret_variables[0]);
	char *value;

	for (size_t i = 0; i < conf_settings_count; i++)
		if (conf_settings[i].type == CONF_SECRET)
			conf_value_wipe(conf, &conf_settings[i]);
	for (size_t i = 0; i < conf->tool_count; i++)
		policy_wipe(&conf->tools[i].choice.policy);
	for (size_t i = 0; i < count; i++) {
		value = getenv(secret_variables[i]);
		if (value == NULL)
			continue;
		/* unsetenv() alone leaves the text in the process. */
		explicit_bzero(value, strlen(value));
		unsetenv(secret_variables[i]);
	}
}

int64_t
conf_agents_min(const struct conf *conf)
{
	if (conf->agents_min != 0)
		return (conf->agents_min);
	if (conf->agents_max != 0 && conf->agents_max < conf->agents)
		return (conf->agents_max);
	return (conf->agents);
}

int64_t
conf_agents_max(const struct conf *conf)
{
	if (conf->agents_max != 0)
		return (conf->agents_max);
	if (conf->agents_min > conf->agents)
		return (conf->agents_min);
	return (conf->agents);
}

static void
conf_pack_tool(const struct conf_tool *tool, struct pack *pack)
{
	pack_text(pack, tool->name);
	pack_text(pack, tool->file);
	pack_int(pack, tool->line);
	pack_int(pack, (int64_t)tool->choice.made);
	for (size_t i = 0; i < policy_settings_count; i++)
		conf_value_pack(
		    &tool->choice.policy, &policy_settings[i], pack);
}

static int
conf_unpack_tool(struct conf *conf, struct unpack *unpack)
{
	const char *name = pack_take_text(unpack),
		   *file = pack_take_text(unpack);
	int line = (int)pack_take_int(unpack);
	struct conf_tool *tool;

	if (name == NULL || file == NULL ||
	    (tool = conf_tool_add(conf, name, file, line)) == NULL)
		return (-1);
	tool->choice.made = (uint64_t)pack_take_int(unpack);
	for (size_t i = 0; i < policy_settings_count; i++)
		if (conf_value_unpack(&tool->choice.policy, &policy_settings[i],
			unpack) == -1)
			return (-1);
	return (0);
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
	conf->tools_dir_preset = pack_take_int(unpack) != 0;
	for (int64_t left = pack_take_int(unpack); left > 0; left--)
		if (conf_unpack_tool(conf, unpack) == -1)
			return (-1);
	return (pack_taken(unpack) ? 0 : -1);
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
