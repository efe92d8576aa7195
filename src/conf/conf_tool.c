/*
 * Keeps the sections of tools, in the order of the file.  Filled by the
 * parser (conf_section.c), read by the registry.  Which tools there are is
 * unknown here.
 */

#include "conf/conf_tool.h"

#include <stdlib.h>
#include <string.h>

#include "conf/conf_type.h"

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
		conf_type_of(s)->print(
		    (const char *)&tool->choice.policy + s->offset, s, fp);
		fputc('\n', fp);
	}
	fputs("}\n", fp);
}

void
conf_tools_print(const struct conf *conf, FILE *fp)
{
	for (size_t i = 0; i < conf->tool_count; i++)
		conf_tool_print(&conf->tools[i], fp);
}

void
conf_tools_wipe(struct conf *conf)
{
	for (size_t i = 0; i < conf->tool_count; i++)
		policy_wipe(&conf->tools[i].choice.policy);
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
